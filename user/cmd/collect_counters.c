/* No rows: the runtime's own statistics only, which every collector shows in the head anyway. Costs
 * the target nothing. */
#include "cmd/collector.h"

static int counters_open(const struct collect_context *context, void **ret_state)
{
	(void)context;
	*ret_state = NULL;
	return 0;
}

static int counters_collect(void *state, const struct collect_context *context,
			    struct snapshot *snapshot, uint64_t *ret_hits)
{
	(void)state;
	(void)context;
	snapshot->mode = MODE_COUNTERS;
	snapshot->cost.probes = 0;
	*ret_hits = 0;
	return 0;
}

static void counters_close(void *state)
{
	(void)state;
}

const struct collector collector_counters = {
	.name = "counters",
	.summary = "the runtime's own totals, no rows",
	.open = counters_open,
	.collect = counters_collect,
	.close = counters_close,
};
