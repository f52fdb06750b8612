/*
 * The types: probes on their registration, and the itab table, which is read again when its count
 * has changed. The table is read from outside and costs the target nothing, so it is there without
 * probes too.
 */
#include "cmd/watch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/vec.h"
#include "cmd/probe_group.h"
#include "cmd/type_events.h"
#include "limits.h"
#include "model/itab_check.h"

#define TARGET_THREADS 1024 /* that register types: memory of 1 KiB each */
/* A hit with its stack takes 0.4 to 0.7 us beside the trap of 0.6 (6.18 in a VM, 2026-11). */
#define HIT_TRAPS 2

struct types_watch {
	struct probe_group group;
	struct type_probe *probe; /* NULL while detached */
	bool whole;		  /* attached, and nothing lost, since the last snapshot */
	bool begun;		  /* the same since the first time */
	bool missed;		  /* something, at least once */
	struct type_events *events;
	uint64_t lost; /* at the last look */
	struct itab_check check;
	bool blind;	    /* itabs are added that the probe does not see */
	int64_t itabs_read; /* the count at the last reading; -1: none */
	uint64_t itabs_lost;
	const struct itab_entry *itabs; /* the target's, as of then */
	size_t itab_count;
};

static int attach(void *state, const struct collect_context *context)
{
	const struct type_probe_options options = { LIMIT_TYPE_EVENTS, LIMIT_TYPE_STACKS,
						    TARGET_THREADS };
	struct types_watch *watch = state;
	struct probe_plan plan;
	int error = target_plan_types(context->target, &plan);

	if (error == 0)
		error = type_probe_open(context->pid, &plan, &options, &watch->probe);
	if (error == 0)
		watch->begun = !watch->missed;
	return error;
}

static void miss(struct types_watch *watch)
{
	watch->whole = watch->begun = false;
	watch->missed = true;
	watch->check = (struct itab_check){ 0 };
}

static void detach(void *state)
{
	struct types_watch *watch = state;

	type_probe_close(TAKE(watch->probe));
	type_events_detached(watch->events);
	miss(watch);
}

static const struct probe_group_kind kind = {
	.without = "new types are only counted",
	.hits = "probe hits/s for them",
	.share = GOVERNOR_TYPES_SHARE,
	.hit_traps = HIT_TRAPS,
	.attach = attach,
	.detach = detach,
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
	probe_group_init(&watch->group, &kind, watch);
	watch->itabs_read = -1;
	*ret_state = TAKE(watch);
	return 0;
}

static void types_open(void *state, const struct collect_context *context)
{
	struct types_watch *watch = state;

	probe_group_open(&watch->group, context);
}

/* Losses after which the rows do not have every event. */
static uint64_t events_lost(const struct types_watch *watch)
{
	return probe_group_loss(&watch->group, LOSS_TYPE_MAP_FULL) +
	       probe_group_loss(&watch->group, LOSS_TARGET_UNREADABLE);
}

static void drain(struct types_watch *watch, const struct collect_context *context)
{
	const struct type_hit *hits = NULL;
	size_t count = 0;
	bool changed = false;
	int error;

	if (!watch->probe)
		return;
	error = type_probe_read(watch->probe, &hits, &count, &changed, &watch->group.now);
	if (error == 0 && changed)
		error = type_events_take(watch->events, context->target, hits, count);
	if (error == 0 && events_lost(watch) == watch->lost)
		return;
	watch->lost = events_lost(watch);
	miss(watch);
}

static void types_turn(void *state, const struct collect_context *context)
{
	struct types_watch *watch = state;

	drain(watch, context);
	probe_group_govern(&watch->group, context);
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
	if (watch->group.note[0])
		return watch->group.note;
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
	int error;

	types_turn(watch, context);
	error = fill_events(watch, snapshot);
	if (error == 0)
		error = fill_itabs(watch, context, snapshot);
	probe_group_fill(&watch->group, snapshot, hits);
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
