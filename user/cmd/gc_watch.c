/*
 * Opening, governing and reading the GC's probes. Their events are believed for an interval through
 * which they were attached and lost nothing; else what polling found stays, which is nearly as
 * good.
 */
#include "cmd/gc_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "model/governor.h"

#define RING_BYTES (1U << 20) /* 14,000 hits: more than the budget allows in one turn */

/* A rate is told over this, at least: a burst is not a load. */
#define GOVERN_NS (GC_WATCH_TURN_NS / 2)

/* How long the probes stay off that were too dear, doubled each time: they may have met a bad
 * moment. */
#define RETRY_FIRST_NS 60000000000LL
#define RETRY_MOST_NS  3600000000000LL

struct gc_watch {
	struct gc_probe *probe; /* NULL while detached */
	struct probe_plan plan;
	bool planned, tried;
	bool whole; /* attached, and nothing lost, since the last snapshot */
	struct gc_hits hits;
	struct probe_statistics now, before; /* of the open probe; sums of those closed */
	uint64_t lost;			     /* GC_RING_FULL, at the last look */
	struct {
		int64_t since_ns;
		uint64_t hits;
	} governed; /* when the rate was last looked at */
	int64_t retry_ns, retry_after_ns;
	char note[512];
};

int gc_watch_new(struct gc_watch **ret)
{
	struct gc_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return diag_fail(-ENOMEM, "cannot observe");
	watch->retry_after_ns = RETRY_FIRST_NS;
	*ret = watch;
	return 0;
}

void gc_watch_free(struct gc_watch *watch)
{
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
	int error = probe_check();

	if (error == 0 && !watch->planned)
		error = target_plan_gc(context->target, &watch->plan);
	watch->planned |= error == 0;
	if (error == 0)
		error = gc_probe_open(context->pid, &watch->plan, &options, &watch->probe);
	if (error < 0)
		return error;
	watch->governed.since_ns = clock_ns(CLOCK_MONOTONIC);
	watch->governed.hits = total_hits(watch);
	watch->note[0] = '\0';
	return 0;
}

void gc_watch_open(struct gc_watch *watch, const struct collect_context *context)
{
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
	int64_t offset_ns = unix_offset_ns();
	const struct gc_hit *hits;
	size_t count;

	if (!watch->probe || gc_probe_read(watch->probe, &hits, &count, &watch->now) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		gc_hits_add(&watch->hits, &hits[i], offset_ns);
	if (total_loss(watch, LOSS_GC_RING_FULL) == watch->lost)
		return;
	watch->lost = total_loss(watch, LOSS_GC_RING_FULL);
	watch->whole = false;
	gc_hits_break(&watch->hits);
}

static void detach(struct gc_watch *watch, const struct collect_context *context, double hits_per_s)
{
	gc_probe_close(TAKE(watch->probe));
	gc_hits_break(&watch->hits);
	watch->before.hits += watch->now.hits;
	for (int i = 0; i < LOSS_COUNT; i++)
		watch->before.losses[i] += watch->now.losses[i];
	watch->now = (struct probe_statistics){ 0 };
	watch->whole = false;
	watch->retry_ns = clock_ns(CLOCK_MONOTONIC) + watch->retry_after_ns;
	snprintf(watch->note, sizeof(watch->note),
		 "GC events are polled for %.0f minutes: with %.0f probe hits/s for stops of the "
		 "world, seeing them would cost more than a quarter of the budget of %.2g %%",
		 (double)watch->retry_after_ns * 1e-9 / 60, hits_per_s, context->budget_percent);
	if (watch->retry_after_ns < RETRY_MOST_NS)
		watch->retry_after_ns *= 2;
}

static void govern(struct gc_watch *watch, const struct collect_context *context)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC), elapsed_ns = now_ns - watch->governed.since_ns;
	double hits_per_s;

	if (!watch->probe) {
		if (watch->retry_ns && now_ns >= watch->retry_ns)
			watch->tried = false; /* gc_watch_open does it before the next interval */
		return;
	}
	if (elapsed_ns < GOVERN_NS)
		return;
	hits_per_s =
		(double)(total_hits(watch) - watch->governed.hits) / ((double)elapsed_ns * 1e-9);
	watch->governed.since_ns = now_ns;
	watch->governed.hits = total_hits(watch);
	if (!governor_gc_fits(context->budget_percent, context->trap_ns, hits_per_s))
		detach(watch, context, hits_per_s);
}

void gc_watch_turn(struct gc_watch *watch, const struct collect_context *context)
{
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

static int replace_polled(struct gc_watch *watch, struct snapshot *snapshot)
{
	struct gc_events events = { .probed = true };
	int error = gc_hits_take(&watch->hits, snapshot->time_unix_ns, &events);

	if (error < 0)
		return error;
	events.probed = true;
	complete(&events, &snapshot->gc_events);
	gc_events_clear(&snapshot->gc_events);
	snapshot->gc_events = events;
	return 0;
}

int gc_watch_fill(struct gc_watch *watch, const struct collect_context *context,
		  struct snapshot *snapshot, uint64_t *hits)
{
	int64_t points;
	int error = 0;

	gc_watch_turn(watch, context);
	if (watch->whole)
		error = replace_polled(watch, snapshot);
	else
		gc_hits_drop(&watch->hits, snapshot->time_unix_ns);
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
