/*
 * Opening, governing and reading the GC's probes. Their events are believed for an interval through
 * which they were attached and lost nothing; else what polling found stays, which is nearly as
 * good.
 */
#include "cmd/watch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cmd/probe_group.h"

#define RING_BYTES                                                                                 \
	(1U << 18) /* 3,600 hits: more than the budget allows in one turn; resident, twice */

struct gc_watch {
	struct probe_group group;
	struct gc_probe *probe; /* NULL while detached */
	bool whole;		/* attached, and nothing lost, since the last snapshot */
	struct gc_hits hits;
	uint64_t lost; /* at the last look */
	/* NumGC of the newest cycle seen, and at the last snapshot */
	int64_t seen_cycles, counted_cycles;
};

static int attach(void *state, const struct collect_context *context)
{
	const struct gc_probe_options options = { .ring_bytes = RING_BYTES };
	struct gc_watch *watch = state;
	struct probe_plan plan;
	int error = target_plan_gc(context->target, &plan);

	return error < 0 ? error : gc_probe_open(context->pid, &plan, &options, &watch->probe);
}

static void detach(void *state)
{
	struct gc_watch *watch = state;

	gc_probe_close(TAKE(watch->probe));
	gc_hits_break(&watch->hits);
	watch->whole = false;
}

static const struct probe_group_kind kind = {
	.without = "GC events are polled",
	.hits = "probe hits/s for stops of the world",
	.share = GOVERNOR_GC_SHARE,
	.hit_traps = 1,
	.attach = attach,
	.detach = detach,
};

static int gc_create(const struct settings *settings, void **ret_state)
{
	struct gc_watch *watch = calloc(1, sizeof(*watch));

	(void)settings;
	if (!watch)
		return diag_fail(-ENOMEM, "cannot observe");
	probe_group_init(&watch->group, &kind, watch);
	*ret_state = watch;
	return 0;
}

static void gc_destroy(void *state)
{
	struct gc_watch *watch = state;

	if (!watch)
		return;
	gc_probe_close(watch->probe);
	gc_hits_free(&watch->hits);
	free(watch);
}

static void gc_open(void *state, const struct collect_context *context)
{
	struct gc_watch *watch = state;

	probe_group_open(&watch->group, context);
}

static int64_t unix_offset_ns(void)
{
	int64_t before_ns = clock_ns(CLOCK_MONOTONIC), unix_ns = clock_ns(CLOCK_REALTIME);
	int64_t after_ns = clock_ns(CLOCK_MONOTONIC);

	return unix_ns - before_ns - (after_ns - before_ns) / 2;
}

/* Hits that are missing from the order of the others. */
static uint64_t hits_lost(const struct gc_watch *watch)
{
	return probe_group_loss(&watch->group, LOSS_GC_RING_FULL) + watch->hits.lost;
}

/* What was lost leaves a gap in the order of the hits, somewhere. */
static void drain(struct gc_watch *watch)
{
	const struct gc_hit *hits = NULL;
	size_t count = 0;
	int error;

	if (!watch->probe)
		return;
	error = gc_probe_read(watch->probe, &hits, &count, &watch->group.now);
	for (size_t i = 0; i < count; i++)
		gc_hits_add(&watch->hits, &hits[i]);
	if (error == 0 && hits_lost(watch) == watch->lost)
		return;
	watch->lost = hits_lost(watch);
	watch->whole = false;
	gc_hits_break(&watch->hits);
}

static void gc_turn(void *state, const struct collect_context *context)
{
	struct gc_watch *watch = state;

	drain(watch);
	probe_group_govern(&watch->group, context);
}

/* A cycle that had begun when the probes came is known to its polled namesake only. */
static void complete(struct gc_events *events, const struct gc_events *polled)
{
	for (size_t i = 0; i < events->cycle_count; i++)
		for (size_t j = 0; j < polled->cycle_count; j++)
			if (events->cycles[i].sweep_term_unix_ns == UNKNOWN &&
			    polled->cycles[j].number == events->cycles[i].number)
				events->cycles[i] = polled->cycles[j];
}

/*
 * Whether a cycle that the runtime had counted at the last snapshot has still not been seen. A
 * compiler may inline a function at one of its calls, and leave it for the others.
 */
static bool misses_cycles(struct gc_watch *watch, const struct gc_events *events)
{
	if (events->cycle_count)
		watch->seen_cycles = events->cycles[events->cycle_count - 1].number;
	return watch->seen_cycles < watch->counted_cycles;
}

static int replace_polled(struct gc_watch *watch, struct snapshot *snapshot)
{
	int64_t offset_ns = unix_offset_ns();
	struct gc_events events = { 0 };
	int error =
		gc_hits_take(&watch->hits, snapshot->time_unix_ns - offset_ns, offset_ns, &events);

	if (error < 0)
		return error;
	if (misses_cycles(watch, &events)) {
		gc_events_clear(&events);
		probe_group_give_up(&watch->group,
				    "this program has cycles that the probes do not see");
		return 0;
	}
	events.probed = true;
	complete(&events, &snapshot->gc_events);
	gc_events_clear(&snapshot->gc_events);
	snapshot->gc_events = events;
	return 0;
}

static int gc_fill(void *state, const struct collect_context *context, struct snapshot *snapshot,
		   uint64_t *hits)
{
	struct gc_watch *watch = state;
	int error = 0;

	gc_turn(watch, context);
	if (watch->whole) {
		error = replace_polled(watch, snapshot);
	} else {
		gc_hits_drop(&watch->hits, snapshot->time_unix_ns - unix_offset_ns());
		watch->seen_cycles = snapshot->gc.cycles;
	}
	watch->counted_cycles = snapshot->gc.cycles;
	watch->whole = watch->probe != NULL;
	if (watch->group.note[0])
		snapshot->gc_events.note = watch->group.note;
	else if (!snapshot->gc_events.probed)
		snapshot->gc_events.note =
			"GC events are polled: the probes were not there for the "
			"whole interval, or lost some";
	snapshot->losses[LOSS_GC_RING_FULL] += watch->hits.lost;
	probe_group_fill(&watch->group, snapshot, hits);
	return error;
}

const struct watch watch_gc = {
	.name = "gc",
	.share = GOVERNOR_GC_SHARE,
	.create = gc_create,
	.destroy = gc_destroy,
	.open = gc_open,
	.turn = gc_turn,
	.fill = gc_fill,
};
