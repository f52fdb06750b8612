/* Code of our own that is probed: to measure a trap, and in tests. */
#ifndef PROBE_OWN_CODE_H
#define PROBE_OWN_CODE_H

#include <stdint.h>

/* Where the file that is mapped at `address` of ours has it. 0 or a negative errno, -ENOENT: it is
 * in no mapping. Silent. */
int own_code_offset(uint64_t address, uint64_t *ret);

#endif
