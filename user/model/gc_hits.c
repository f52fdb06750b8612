/*
 * Hits to events. The one idea: each stop and each cycle is under way until the hit that ends it,
 * and the runtime's own time of a moment is preferred to that of the hit, which is a trap later.
 *
 * What comes from the target's registers is not to be trusted: an end before its begin makes no
 * event.
 */
#include "model/gc_hits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"
#include "model/unknown.h"

void gc_hits_free(struct gc_hits *hits)
{
	free(hits->cycles.items);
	free(hits->stops.items);
	*hits = (struct gc_hits){ 0 };
}

/* Whether the target can have meant a time by it. */
static bool is_past(const struct gc_hit *hit, int64_t ns)
{
	return ns > 0 && ns <= hit->time_ns;
}

void gc_hits_break(struct gc_hits *hits)
{
	hits->open = (struct gc_open){ 0 };
	hits->ending_known = false;
}

static void keep_stop(struct gc_hits *hits, struct gc_stop stop, int64_t end_ns)
{
	stop.duration_ns = end_ns - stop.begin_unix_ns;
	if (stop.duration_ns < 0)
		return;
	if (stop.reason < 0 || stop.reason >= GC_STOP_COUNT)
		stop.reason = GC_STOP_UNKNOWN;
	if (VEC_RESERVE(&hits->stops, hits->stops.count + 1, LIMIT_GC_EVENTS) < 0)
		hits->lost++;
	else
		hits->stops.items[hits->stops.count++] = stop;
}

static void keep_cycle(struct gc_hits *hits)
{
	if (VEC_RESERVE(&hits->cycles, hits->cycles.count + 1, LIMIT_GC_EVENTS) < 0)
		hits->lost++;
	else
		hits->cycles.items[hits->cycles.count++] = hits->open.cycle;
	hits->open.cycle_known = false;
}

static const struct gc_cycle nothing_known = {
	.number = UNKNOWN,
	.sweep_term_unix_ns = UNKNOWN,
	.mark_unix_ns = UNKNOWN,
	.mark_term_unix_ns = UNKNOWN,
	.end_unix_ns = UNKNOWN,
	.pause_ns = UNKNOWN,
	.heap_before_bytes = UNKNOWN,
	.heap_after_bytes = UNKNOWN,
	.heap_live_bytes = UNKNOWN,
	.goal_bytes = UNKNOWN,
};

static void begin_cycle(struct gc_hits *hits)
{
	hits->open.cycle = nothing_known;
	hits->open.cycle_known = true;
}

/* A stop of the GC whose reason was not passed is told by what is done in it. It began when the
 * runtime took the time, just before the hit that stopped the world. */
static void is_stop_of(struct gc_hits *hits, enum gc_stop_reason reason, int64_t begin_ns)
{
	if (!hits->open.stop_known)
		return;
	hits->open.stop.reason = reason;
	hits->open.stop.begin_unix_ns = begin_ns;
}

static void add_cycle_start(struct gc_hits *hits, const struct gc_hit *hit, int64_t now_ns)
{
	begin_cycle(hits);
	hits->open.cycle.sweep_term_unix_ns = now_ns;
	hits->open.cycle.heap_before_bytes = hit->heap_bytes;
	hits->open.cycle.forced = hit->forced;
	is_stop_of(hits, GC_STOP_SWEEP_TERMINATION, now_ns);
}

static void add_mark_end(struct gc_hits *hits, const struct gc_hit *hit, int64_t now_ns)
{
	if (!hits->open.cycle_known)
		begin_cycle(hits);
	hits->open.cycle.mark_term_unix_ns = now_ns;
	hits->open.cycle.heap_after_bytes = hit->heap_bytes;
	is_stop_of(hits, GC_STOP_MARK_TERMINATION, now_ns);
}

/* Of mark termination: what the world's start, which follows, does not say in old versions. */
static void end_cycle(struct gc_hits *hits, const struct gc_hit *hit, int64_t now_ns)
{
	struct gc_cycle *cycle = &hits->open.cycle;

	cycle->number = hit->cycles;
	cycle->end_unix_ns = now_ns;
	cycle->pause_ns = hit->pause_ns;
	cycle->heap_live_bytes = hit->heap_bytes;
	cycle->goal_bytes = hit->goal_bytes;
	keep_cycle(hits);
	if (hits->open.stop_known)
		hits->open.stop.duration_ns = now_ns - hits->open.stop.begin_unix_ns;
}

static void add_transition(struct gc_hits *hits, const struct gc_hit *hit, int64_t now_ns)
{
	if (hits->open.cycle_known && hits->open.cycle.mark_term_unix_ns != UNKNOWN) {
		end_cycle(hits, hit, now_ns);
		return;
	}
	if (hits->open.cycle_known)
		hits->open.cycle.mark_unix_ns = now_ns;
	if (hits->ending_known)
		keep_stop(hits, hits->ending, now_ns);
	hits->ending_known = false;
}

static void add_world_stop(struct gc_hits *hits, const struct gc_hit *hit, int64_t now_ns)
{
	hits->open.stop_known = true;
	hits->open.stop = (struct gc_stop){ .begin_unix_ns = now_ns, .reason = hit->reason };
}

/*
 * The stop of sweep termination ends, for the runtime, when the other threads have been woken, some
 * microseconds after this hit; the transition that follows has that time.
 */
static void add_world_start(struct gc_hits *hits, const struct gc_hit *hit, int64_t now_ns,
			    int64_t unix_offset_ns)
{
	struct gc_stop stop = hits->open.stop;

	if (is_past(hit, hit->stop_ns)) {
		stop = (struct gc_stop){ .begin_unix_ns = hit->stop_ns + unix_offset_ns,
					 .reason = hit->reason };
	} else if (!hits->open.stop_known) {
		return;
	} else if (stop.duration_ns) {
		now_ns = stop.begin_unix_ns + stop.duration_ns;
	}
	hits->open.stop_known = false;
	if (stop.reason == GC_STOP_SWEEP_TERMINATION) {
		hits->ending = stop;
		hits->ending.duration_ns = now_ns - stop.begin_unix_ns;
		hits->ending_known = true;
	} else {
		keep_stop(hits, stop, now_ns);
	}
}

void gc_hits_add(struct gc_hits *hits, const struct gc_hit *hit, int64_t unix_offset_ns)
{
	int64_t now_ns =
		(is_past(hit, hit->runtime_ns) ? hit->runtime_ns : hit->time_ns) + unix_offset_ns;

	if (hits->ending_known && hit->kind != GC_HIT_TRANSITION) { /* its own hit is missing */
		keep_stop(hits, hits->ending,
			  hits->ending.begin_unix_ns + hits->ending.duration_ns);
		hits->ending_known = false;
	}
	switch (hit->kind) {
	case GC_HIT_CYCLE_START:
		add_cycle_start(hits, hit, now_ns);
		break;
	case GC_HIT_MARK_END:
		add_mark_end(hits, hit, now_ns);
		break;
	case GC_HIT_TRANSITION:
		add_transition(hits, hit, now_ns);
		break;
	case GC_HIT_WORLD_STOP:
		add_world_stop(hits, hit, now_ns);
		break;
	case GC_HIT_WORLD_START:
		add_world_start(hits, hit, now_ns, unix_offset_ns);
		break;
	}
}

static size_t cycles_until(const struct gc_hits *hits, int64_t until_unix_ns)
{
	size_t count = 0;

	while (count < hits->cycles.count && hits->cycles.items[count].end_unix_ns <= until_unix_ns)
		count++;
	return count;
}

static size_t stops_until(const struct gc_hits *hits, int64_t until_unix_ns)
{
	const struct gc_stop *stops = hits->stops.items;
	size_t count = 0;

	while (count < hits->stops.count &&
	       stops[count].begin_unix_ns <= until_unix_ns - stops[count].duration_ns)
		count++;
	return count;
}

static void remove_first(void *items, size_t *count, size_t gone, size_t bytes)
{
	if (gone)
		memmove(items, (char *)items + gone * bytes, (*count - gone) * bytes);
	*count -= gone;
}

void gc_hits_drop(struct gc_hits *hits, int64_t until_unix_ns)
{
	remove_first(hits->cycles.items, &hits->cycles.count, cycles_until(hits, until_unix_ns),
		     sizeof(*hits->cycles.items));
	remove_first(hits->stops.items, &hits->stops.count, stops_until(hits, until_unix_ns),
		     sizeof(*hits->stops.items));
}

int gc_hits_take(struct gc_hits *hits, int64_t until_unix_ns, struct gc_events *ret)
{
	struct gc_events own = {
		.cycles = hits->cycles.items,
		.cycle_count = cycles_until(hits, until_unix_ns),
		.stops = hits->stops.items,
		.stop_count = stops_until(hits, until_unix_ns),
	};
	struct gc_events copy = { 0 };

	if (gc_events_copy(&own, &copy) < 0)
		return -ENOMEM;
	gc_events_clear(ret);
	*ret = copy;
	gc_hits_drop(hits, until_unix_ns);
	return 0;
}
