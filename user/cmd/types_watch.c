/*
 * The types: probes on their registration, and the itab table, which is read again when its count
 * has changed. The table is read from outside and costs the target nothing, so it is there without
 * probes too.
 */
#include "cmd/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/vec.h"
#include "cmd/type_events.h"
#include "limits.h"
#include "model/governor.h"
#include "model/itab_check.h"

#define TARGET_THREADS 1024 /* that register types: memory of 1 KiB each */
/* A hit with its stack takes 0.4 to 0.7 us beside the trap of 0.6 (6.18 in a VM, 2026-11). */
#define HIT_TRAPS 2

struct types_watch {
	struct type_probe *probe; /* NULL while detached */
	bool tried;
	bool whole;  /* attached, and nothing lost, since the last snapshot */
	bool begun;  /* the same since the first time */
	bool missed; /* detached at least once */
	struct type_events *events;
	struct probe_statistics now, before; /* of the open probe; sums of those closed */
	uint64_t lost;			     /* at the last look */
	struct itab_check check;
	bool blind; /* itabs are added that the probe does not see */
	struct leash leash;
	int64_t itabs_read; /* the count at the last reading; -1: none */
	uint64_t itabs_lost;
	const struct itab_entry *itabs; /* the target's, as of then */
	size_t itab_count;
	char note[512];
};

static void types_destroy(void *state)
{
	struct types_watch *watch = state;

	if (!watch)
		return;
	type_probe_close(watch->probe);
	type_events_free(watch->events);
	free(watch);
}
DEFINE_CLEANUP(cleanup_watch, struct types_watch, types_destroy)

static int types_create(const struct settings *settings, void **ret_state)
{
	CLEANUP(cleanup_watch) struct types_watch *watch = calloc(1, sizeof(*watch));

	(void)settings;
	if (!watch || type_events_new(&watch->events) < 0)
		return diag_fail(-ENOMEM, "cannot observe");
	leash_init(&watch->leash, GOVERNOR_TYPES_SHARE);
	watch->itabs_read = -1;
	*ret_state = TAKE(watch);
	return 0;
}

static uint64_t total_hits(const struct types_watch *watch)
{
	return watch->before.hits + watch->now.hits;
}

static uint64_t total_loss(const struct types_watch *watch, enum loss loss)
{
	return watch->before.losses[loss] + watch->now.losses[loss];
}

static int attach(struct types_watch *watch, const struct collect_context *context)
{
	const struct type_probe_options options = { LIMIT_TYPE_EVENTS, LIMIT_TYPE_STACKS,
						    TARGET_THREADS };
	struct probe_plan plan;
	int error = probe_check();

	if (error == 0)
		error = target_plan_types(context->target, &plan);
	if (error == 0)
		error = type_probe_open(context->pid, &plan, &options, &watch->probe);
	if (error < 0)
		return error;
	leash_attached(&watch->leash, clock_ns(CLOCK_MONOTONIC), total_hits(watch));
	watch->begun = !watch->missed;
	watch->note[0] = '\0';
	return 0;
}

static void types_open(void *state, const struct collect_context *context)
{
	struct types_watch *watch = state;
	char reason[400] = "";

	if (watch->tried)
		return;
	watch->tried = true;
	if (context->budget_percent <= 0) {
		snprintf(watch->note, sizeof(watch->note),
			 "new types are only counted: --budget 0 allows no probe");
		return;
	}
	diag_capture(reason, sizeof(reason));
	if (attach(watch, context) < 0)
		snprintf(watch->note, sizeof(watch->note), "new types are only counted: %s",
			 reason);
	diag_release();
}

/* Losses after which the rows do not have every event. */
static uint64_t events_lost(const struct types_watch *watch)
{
	return total_loss(watch, LOSS_TYPE_MAP_FULL) + total_loss(watch, LOSS_TARGET_UNREADABLE);
}

static void drain(struct types_watch *watch, const struct collect_context *context)
{
	const struct type_hit *hits = NULL;
	size_t count = 0;
	bool changed = false;
	int error;

	if (!watch->probe)
		return;
	error = type_probe_read(watch->probe, &hits, &count, &changed, &watch->now);
	if (error == 0 && changed)
		error = type_events_take(watch->events, context->target, hits, count);
	if (error == 0 && events_lost(watch) == watch->lost)
		return;
	watch->lost = events_lost(watch);
	watch->whole = watch->begun = false;
	watch->missed = true;
	watch->check = (struct itab_check){ 0 };
}

static void detach(struct types_watch *watch)
{
	type_probe_close(TAKE(watch->probe));
	type_events_detached(watch->events);
	watch->before.hits += watch->now.hits;
	for (int i = 0; i < LOSS_COUNT; i++)
		watch->before.losses[i] += watch->now.losses[i];
	watch->now = (struct probe_statistics){ 0 };
	watch->whole = watch->begun = false;
	watch->missed = true;
	watch->check = (struct itab_check){ 0 };
}

static void govern(struct types_watch *watch, const struct collect_context *context)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	double hits_per_s;

	if (!watch->probe && leash_may_return(&watch->leash, now_ns))
		watch->tried = false; /* types_open does it before the next interval */
	if (!watch->probe ||
	    !leash_too_dear(&watch->leash, now_ns, total_hits(watch), context->budget_percent,
			    context->trap_ns * HIT_TRAPS, &hits_per_s))
		return;
	detach(watch);
	snprintf(watch->note, sizeof(watch->note),
		 "new types are only counted for %.0f minutes: with %.0f probe hits/s for them, "
		 "seeing each would cost more than a tenth of the budget of %.2g %%",
		 leash_detached(&watch->leash, now_ns) / 60, hits_per_s, context->budget_percent);
}

static void types_turn(void *state, const struct collect_context *context)
{
	struct types_watch *watch = state;

	drain(watch, context);
	govern(watch, context);
}

/* -ENOMEM only: a table that cannot be read is left out, and read again the next time. */
static int fill_itabs(struct types_watch *watch, const struct collect_context *context,
		      struct snapshot *snapshot)
{
	struct type_group *group = &snapshot->type_group;
	int64_t now = snapshot->types.itabs;

	if (now == UNKNOWN)
		return 0;
	if (now != watch->itabs_read && target_itabs(context->target, &watch->itabs,
						     &watch->itab_count, &watch->itabs_lost) == 0)
		watch->itabs_read = now;
	snapshot->losses[LOSS_ITABS_CUT] += watch->itabs_lost;
	if (!watch->itab_count)
		return 0;
	group->itabs = vec_copy(watch->itabs, watch->itab_count, sizeof(*watch->itabs));
	group->itab_count = group->itabs ? watch->itab_count : 0;
	return group->itabs ? 0 : -ENOMEM;
}

static uint64_t itabs_seen(const struct type_group *group)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < group->count; i++)
		if (group->rows[i].event == TYPE_EVENT_ITAB)
			seen += group->rows[i].begun;
	return seen;
}

static const char *note_of(const struct types_watch *watch)
{
	if (watch->note[0])
		return watch->note;
	if (!watch->probe)
		return "the probes for new types are not there yet";
	if (watch->blind)
		return "this program adds itabs that the probes do not see: they are only counted";
	return watch->begun ? NULL
			    : "some new types were not seen: the probes were away for a time, or "
			      "lost some";
}

static int fill_events(struct types_watch *watch, struct snapshot *snapshot)
{
	struct type_group *group = &snapshot->type_group;
	int error = type_events_fill(watch->events, group);

	if (error < 0)
		return error;
	if (watch->whole)
		snapshot->types.reflect_types_added = type_group_made(group);
	watch->blind |= itab_check_misses(&watch->check, watch->whole, snapshot->types.itabs,
					  itabs_seen(group));
	watch->whole = watch->probe != NULL;
	group->note = note_of(watch);
	group->probed = watch->begun && !watch->blind;
	return 0;
}

static int types_fill(void *state, const struct collect_context *context, struct snapshot *snapshot,
		      uint64_t *hits)
{
	struct types_watch *watch = state;
	int64_t points;
	int error;

	types_turn(watch, context);
	error = fill_events(watch, snapshot);
	if (error == 0)
		error = fill_itabs(watch, context, snapshot);
	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += total_loss(watch, (enum loss)i);
	points = (int64_t)watch->now.points;
	if (points)
		snapshot->cost.probes =
			(snapshot->cost.probes > 0 ? snapshot->cost.probes : 0) + points;
	*hits += total_hits(watch);
	return error;
}

const struct watch watch_types = {
	.name = "types",
	.share = GOVERNOR_TYPES_SHARE,
	.create = types_create,
	.destroy = types_destroy,
	.open = types_open,
	.turn = types_turn,
	.fill = types_fill,
};
