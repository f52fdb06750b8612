/* The heap size at which the next collection should be done: runtime.MemStats.NextGC. */
#ifndef TARGET_HEAP_GOAL_H
#define TARGET_HEAP_GOAL_H

#include "base/span.h"
#include "target/layout.h"

/* `gc` is a copy of runtime.gcController up to mappedReady at least. */
uint64_t heap_goal_bytes(struct span gc, const struct layout *layout);

#endif
