/* The collectors, in the order in which `auto` prefers them. */
#include "cmd/collector.h"

const struct collector *const collectors[] = {
	&collector_sampler,
	&collector_burst,
	&collector_counters,
	NULL,
};
