/* The table of collectors; its lines are in collector.h. */
#include "cmd/collector.h"

#define ADDRESS(name) &collector_##name,
const struct collector *const collectors[] = { COLLECTORS(ADDRESS) NULL };
