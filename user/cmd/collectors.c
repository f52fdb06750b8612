/* The collectors, in the order in which the help names them. */
#include "cmd/collector.h"

const struct collector *const collectors[] = {
	&collector_sampler,
	&collector_burst,
	&collector_counters,
	NULL,
};
