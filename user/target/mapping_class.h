/* What the name and the neighbours of a mapping say about it; what it holds of known address ranges
 * is not looked at here. */
#ifndef TARGET_MAPPING_CLASS_H
#define TARGET_MAPPING_CLASS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/rss_split.h"
#include "target/smaps.h"

enum rss_class mapping_class(const struct smaps_mapping *mapping);

/* "[anon: Go: ...]": by the runtime of Go 1.25 and newer, where the kernel keeps such names. */
bool mapping_is_named_by_go(const struct smaps_mapping *mapping);

/* Whether a thread of C may have its stack at the start of `mapping`. */
bool mapping_is_stack(const struct smaps_mapping *before, const struct smaps_mapping *mapping);

/* How much a thread's stack takes when nothing else is asked for: the limit of /proc/PID/limits. */
uint64_t thread_stack_bytes(pid_t pid);

/* VmPTE of /proc/PID/status, or UNKNOWN. */
int64_t page_tables_bytes(pid_t pid);

#endif
