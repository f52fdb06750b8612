/* From two polls to the cycles between them. */
#include "cmd/observe_gc.h"

#include <errno.h>
#include <stdlib.h>

#include "model/unknown.h"

/* What the ring says of its entry `index`. */
static struct gc_cycle from_ring(const struct memstats *memstats, uint32_t index)
{
	return (struct gc_cycle){
		.number = memstats->num_gc - memstats->pause_count + index + 1,
		.sweep_term_unix_ns = UNKNOWN,
		.mark_unix_ns = UNKNOWN,
		.mark_term_unix_ns = UNKNOWN,
		.end_unix_ns = memstats->pause_end_unix_ns[index],
		.pause_ns = memstats->pause_ns[index],
		.heap_before_bytes = UNKNOWN,
		.heap_after_bytes = UNKNOWN,
		.heap_live_bytes = UNKNOWN,
		.goal_bytes = UNKNOWN,
	};
}

/* When none or all of the cycles were asked for by the program, that is certain for each of them;
 * else what the runtime has noted of the last one stands. */
static void set_forced(struct gc_events *events, int64_t ended, int64_t forced)
{
	for (size_t i = 0; i < events->cycle_count; i++)
		if (forced == 0 || forced == ended)
			events->cycles[i].forced = forced != 0;
}

int gc_events_poll(const struct counters *now, const struct counters *before, struct gc_events *ret)
{
	const struct memstats *is = &now->memstats, *was = &before->memstats;
	int64_t ended = is->num_gc - was->num_gc;
	uint32_t kept = ended < is->pause_count ? (uint32_t)ended : is->pause_count;

	if (ended <= 0)
		return 0;
	ret->cycles = calloc(kept, sizeof(*ret->cycles));
	if (!ret->cycles)
		return -ENOMEM;
	for (uint32_t i = 0; i < kept; i++)
		ret->cycles[ret->cycle_count++] = from_ring(is, is->pause_count - kept + i);
	ret->cycles[kept - 1] = now->cycle;
	set_forced(ret, ended, is->num_forced_gc - was->num_forced_gc);
	ret->cycles_unseen = (uint64_t)ended - (now->cycle.sweep_term_unix_ns == UNKNOWN ? 0 : 1);
	return 0;
}
