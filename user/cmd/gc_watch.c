/*
 * Opening, governing and reading the GC's probes. Their events are believed for an interval through
 * which they were attached and lost nothing; else what polling found stays, which is nearly as
 * good.
 */
#include "cmd/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "model/governor.h"

#define RING_BYTES                                                                                 \
	(1U << 18) /* 3,600 hits: more than the budget allows in one turn; resident, twice */

struct gc_watch {
	struct gc_probe *probe; /* NULL while detached */
	bool tried;
	bool whole; /* attached, and nothing lost, since the last snapshot */
	struct gc_hits hits;
	struct probe_statistics now, before; /* of the open probe; sums of those closed */
	uint64_t lost;			     /* GC_RING_FULL, at the last look */
	struct leash leash;
	/* NumGC of the newest cycle seen, and at the last snapshot */
	int64_t seen_cycles, counted_cycles;
	char note[512];
};

static int gc_create(const struct settings *settings, void **ret_state)
{
	struct gc_watch *watch = calloc(1, sizeof(*watch));

	(void)settings;
	if (!watch)
		return diag_fail(-ENOMEM, "cannot observe");
	leash_init(&watch->leash, GOVERNOR_GC_SHARE);
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

static int64_t unix_offset_ns(void)
{
	int64_t before_ns = clock_ns(CLOCK_MONOTONIC), unix_ns = clock_ns(CLOCK_REALTIME);
	int64_t after_ns = clock_ns(CLOCK_MONOTONIC);

	return unix_ns - before_ns - (after_ns - before_ns) / 2;
}

static uint64_t total_hits(const struct gc_watch *watch)
{
	return watch->before.hits + watch->now.hits;
}

static uint64_t total_loss(const struct gc_watch *watch, enum loss loss)
{
	return watch->before.losses[loss] + watch->now.losses[loss] +
	       (loss == LOSS_GC_RING_FULL ? watch->hits.lost : 0);
}

static int attach(struct gc_watch *watch, const struct collect_context *context)
{
	const struct gc_probe_options options = { .ring_bytes = RING_BYTES };
	struct probe_plan plan;
	int error = probe_check();

	if (error == 0)
		error = target_plan_gc(context->target, &plan);
	if (error == 0)
		error = gc_probe_open(context->pid, &plan, &options, &watch->probe);
	if (error < 0)
		return error;
	leash_attached(&watch->leash, clock_ns(CLOCK_MONOTONIC), total_hits(watch));
	watch->note[0] = '\0';
	return 0;
}

static void gc_open(void *state, const struct collect_context *context)
{
	struct gc_watch *watch = state;
	char reason[400] = "";

	if (watch->tried)
		return;
	watch->tried = true;
	if (context->budget_percent <= 0) {
		snprintf(watch->note, sizeof(watch->note),
			 "GC events are polled: --budget 0 allows no probe");
		return;
	}
	diag_capture(reason, sizeof(reason));
	if (attach(watch, context) < 0)
		snprintf(watch->note, sizeof(watch->note), "GC events are polled: %s", reason);
	diag_release();
}

/* What was lost leaves a gap in the order of the hits, somewhere. */
static void drain(struct gc_watch *watch)
{
	const struct gc_hit *hits = NULL;
	size_t count = 0;
	int error;

	if (!watch->probe)
		return;
	error = gc_probe_read(watch->probe, &hits, &count, &watch->now);
	for (size_t i = 0; i < count; i++)
		gc_hits_add(&watch->hits, &hits[i]);
	if (error == 0 && total_loss(watch, LOSS_GC_RING_FULL) == watch->lost)
		return;
	watch->lost = total_loss(watch, LOSS_GC_RING_FULL);
	watch->whole = false;
	gc_hits_break(&watch->hits);
}

static void detach(struct gc_watch *watch)
{
	gc_probe_close(TAKE(watch->probe));
	gc_hits_break(&watch->hits);
	watch->before.hits += watch->now.hits;
	for (int i = 0; i < LOSS_COUNT; i++)
		watch->before.losses[i] += watch->now.losses[i];
	watch->now = (struct probe_statistics){ 0 };
	watch->whole = false;
}

static void detach_as_too_dear(struct gc_watch *watch, const struct collect_context *context,
			       double hits_per_s)
{
	double away_s = leash_detached(&watch->leash, clock_ns(CLOCK_MONOTONIC));

	detach(watch);
	snprintf(watch->note, sizeof(watch->note),
		 "GC events are polled for %.0f minutes: with %.0f probe hits/s for stops of the "
		 "world, seeing them would cost more than a quarter of the budget of %.2g %%",
		 away_s / 60, hits_per_s, context->budget_percent);
}

static void govern(struct gc_watch *watch, const struct collect_context *context)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	double hits_per_s;

	if (!watch->probe && leash_may_return(&watch->leash, now_ns))
		watch->tried = false; /* gc_open does it before the next interval */
	if (watch->probe && leash_too_dear(&watch->leash, now_ns, total_hits(watch),
					   context->budget_percent, context->trap_ns, &hits_per_s))
		detach_as_too_dear(watch, context, hits_per_s);
}

static void gc_turn(void *state, const struct collect_context *context)
{
	struct gc_watch *watch = state;

	drain(watch);
	govern(watch, context);
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
		detach(watch);
		snprintf(
			watch->note, sizeof(watch->note),
			"GC events are polled: this program has cycles that the probes do not see");
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
	int64_t points;
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
	if (watch->note[0])
		snapshot->gc_events.note = watch->note;
	else if (!snapshot->gc_events.probed)
		snapshot->gc_events.note =
			"GC events are polled: the probes were not there for the "
			"whole interval, or lost some";
	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += total_loss(watch, (enum loss)i);
	points = (int64_t)watch->now.points;
	if (points)
		snapshot->cost.probes =
			(snapshot->cost.probes > 0 ? snapshot->cost.probes : 0) + points;
	*hits += total_hits(watch);
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
