/* The PID namespace that heaptap lives in. */
#ifndef PROBE_NAMESPACE_H
#define PROBE_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether it is the machine's own. */
bool namespace_is_initial(void);

/* How deep it is: 0 for the machine's own. Asked once, then remembered. Reported on failure. */
int namespace_level(uint32_t *ret);

#endif
