/* What is left of the two halves of a stack's id, as tests set it to see them collide. */
#ifndef PROBE_STACK_MASKS_H
#define PROBE_STACK_MASKS_H

#include <stdint.h>

/* Of probes that are opened from here on; all bits at first. */
void stack_masks_force(uint64_t hash_mask, uint64_t check_mask);

#endif
