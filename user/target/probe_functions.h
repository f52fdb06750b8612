/* Which functions a group of probes needs in a Go version, for those who only want to know: the
 * lists are those of the plans (target_plan.c). */
#ifndef TARGET_PROBE_FUNCTIONS_H
#define TARGET_PROBE_FUNCTIONS_H

#include <stddef.h>

struct go_binary;

#define PROBE_FUNCTIONS_MAX 16

/* Each writes at most PROBE_FUNCTIONS_MAX static names to `ret`, and says how many. */
size_t probe_functions_sampler(int go_minor, const char **ret);
size_t probe_functions_gc(int go_minor, const char **ret);
/* Without the second a program makes no types at run time. */
size_t probe_functions_types(int go_minor, const char **ret);
/* Of sync.Pool and of what sync.Map is in this executable; those that it calls are in it. */
size_t probe_functions_caches(const struct go_binary *binary, const char **ret);

#endif
