/*
 * Observing one process. Owns the target, the clock and the snapshots; what the rows are and who
 * makes them is the choice's business (choice.c), what the totals mean the counters'.
 */
#include "cmd/observation.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cmd/observation_state.h"
#include "cmd/observe_counters.h"
#include "model/metadata.h"
#include "target/target.h"

static bool stopped(const struct observation *observation)
{
	struct pollfd fd = { .fd = observation->stop_fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

static bool at_exit(const struct observation *observation)
{
	struct pollfd fd = { .fd = observation->exit_fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

void observation_watch_exit(struct observation *observation, int exit_fd)
{
	observation->exit_fd = exit_fd;
}

void observation_stop(struct observation *observation)
{
	uint64_t one = 1;
	ssize_t written = write(observation->stop_fd, &one, sizeof(one));

	(void)written; /* the counter is full: then it is readable already */
}

static void restore_rate(struct observation *observation)
{
	uint64_t ours;

	if (!observation->rate_written)
		return;
	observation->rate_written = false;
	if (process_state(target_process(observation->target)) != PROCESS_RUNNING)
		return;
	if (target_set_sampling_rate(observation->target, observation->old_rate, &ours) < 0)
		diag_warn("runtime.MemProfileRate of process %d could not be set back to %" PRIu64,
			  observation->context.pid, observation->old_rate);
	else if (ours != observation->settings->rate_bytes)
		diag_warn("something else had changed runtime.MemProfileRate to %" PRIu64
			  " meanwhile; it is %" PRIu64 " again",
			  ours, observation->old_rate);
}

void observation_close(struct observation *observation)
{
	if (!observation)
		return;
	choice_close(&observation->choice);
	for (size_t i = 0; watches[i]; i++)
		watches[i]->destroy(observation->watches[i]);
	restore_rate(observation);
	target_free(observation->target);
	for (int i = 0; i < SNAPSHOTS; i++)
		snapshot_clear(&observation->snapshots[i]);
	if (observation->stop_fd >= 0)
		close(observation->stop_fd);
	free(observation);
}
DEFINE_CLEANUP(cleanup_observation, struct observation, observation_close)

static int write_rate(struct observation *observation)
{
	const struct settings *settings = observation->settings;
	int error;

	if (!settings->set_rate)
		return 0;
	error = target_set_sampling_rate(observation->target, settings->rate_bytes,
					 &observation->old_rate);
	if (error < 0)
		return error;
	observation->rate_written = true;
	diag_warn(
		"wrote runtime.MemProfileRate %" PRIu64 " -> %" PRIu64
		" in process %d until the end of this observation; the program's own heap profile "
		"mixes both rates and will be wrong for what is sampled meanwhile",
		observation->old_rate, settings->rate_bytes, observation->context.pid);
	return 0;
}

static int create_watches(struct observation *observation)
{
	int error = 0;

	for (size_t i = 0; error == 0 && watches[i]; i++)
		error = watches[i]->create(observation->settings, &observation->watches[i]);
	return error;
}

static double taken_share(const struct observation *observation)
{
	double share = 0;

	for (size_t i = 0; watches[i]; i++)
		share += observation->watches[i] ? watches[i]->share : 0;
	return share;
}

int observation_open(pid_t pid, const struct settings *settings, struct observation **ret)
{
	CLEANUP(cleanup_observation)
	struct observation *observation = calloc(1, sizeof(*observation));
	int error;

	if (!observation)
		return diag_fail(-ENOMEM, "cannot observe process %d", pid);
	observation->settings = settings;
	observation->latest = -1;
	observation->exit_fd = -1;
	for (int i = 0; i < SNAPSHOTS; i++)
		snapshot_init(&observation->snapshots[i]);
	observation->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (observation->stop_fd < 0)
		return diag_fail(-errno, "cannot observe process %d", pid);
	error = create_watches(observation);
	if (error == 0)
		error = target_open(pid, &observation->target);
	if (error < 0)
		return error;
	observation->context = (struct collect_context){
		.pid = pid,
		.target = observation->target,
		.budget_percent = settings->budget_percent,
		.max_stall_ns = (int64_t)(settings->max_stall_s * 1e9),
		.force = settings->force,
		.stacks = settings->stacks,
		.trap_ns = NAN,
		.sleep_until = observation_sleep_until,
		.observation = observation,
	};
	error = write_rate(observation);
	if (error == 0)
		error = choice_open(&observation->choice, settings, taken_share(observation),
				    &observation->context);
	if (error < 0)
		return error;
	self_cost_begin(&observation->self);
	*ret = TAKE(observation);
	return 0;
}

static int ended(struct observation *observation, int error)
{
	if (observation->saw_exit) {
		observation->end = OBSERVATION_SAW_EXIT;
		return -ESRCH;
	}
	switch (process_state(target_process(observation->target))) {
	case PROCESS_GONE:
		observation->end = "the process has ended";
		break;
	case PROCESS_REPLACED:
		observation->end = "the process has called exec and runs another program now";
		break;
	case PROCESS_RUNNING:
		observation->end =
			error == -ENOMEM ? "out of memory" : "the process can no longer be read";
		break;
	}
	return -ESRCH;
}

static void fill_identity(const struct observation *observation, int64_t now_ns,
			  struct snapshot *snapshot)
{
	snapshot->time_unix_ns = clock_ns(CLOCK_REALTIME);
	snapshot->interval_s =
		observation->latest < 0 ? 0 : (double)(now_ns - observation->last_ns) * 1e-9;
	snapshot->elapsed_s =
		observation->latest < 0 ? 0 : (double)(now_ns - observation->began_ns) * 1e-9;
	snapshot->pid = observation->context.pid;
	snapshot->comm = target_comm(observation->target);
	snapshot->go_version = go_binary_version(target_binary(observation->target))->text;
}

/* Samples from before our change of the rate stand for another number of objects than those since.
 * Sums over both would be wrong, so only what happened since is shown. */
static void hide_mixed_rates(const struct observation *observation, struct snapshot *snapshot)
{
	if (!observation->rate_written || !observation->old_rate ||
	    observation->old_rate == observation->settings->rate_bytes)
		return;
	snapshot->has_total = snapshot->has_live = false;
	snapshot->note =
		"the sampling rate was changed: what is in use mixes both rates and is not shown";
}

static void add_group(struct governor_state *governor, const char *name, double allowed_percent,
		      double percent)
{
	governor->groups[governor->group_count++] = (struct governor_group){
		.name = name, .allowed_percent = allowed_percent, .percent = percent
	};
}

static int fill_watch(struct observation *observation, size_t index, struct snapshot *snapshot,
		      uint64_t *hits)
{
	const struct watch *watch = watches[index];
	uint64_t own = 0, *before = &observation->watch_hits[index];
	int error = watch->fill(observation->watches[index], &observation->context, snapshot, &own);

	if (error < 0)
		return error;
	if (watch->share > 0)
		add_group(&snapshot->governor, watch->name,
			  watch->share * observation->context.budget_percent,
			  cost_percent(own - *before, observation->context.trap_ns,
				       snapshot->interval_s));
	*before = own;
	*hits += own;
	return 0;
}

static int fill_watches(struct observation *observation, struct snapshot *snapshot, uint64_t *hits)
{
	struct governor_state *governor = &snapshot->governor;
	int error = 0;

	for (size_t i = 0; error == 0 && watches[i]; i++)
		if (observation->watches[i])
			error = fill_watch(observation, i, snapshot, hits);
	governor->spent_percent = 0;
	for (size_t i = 0; i < governor->group_count; i++)
		governor->spent_percent += governor->groups[i].percent;
	return error;
}

/* Watches write their notes into buffers of their own, which the next turn may overwrite while
 * another thread shows the snapshot (live.c). */
static void keep_notes(struct observation *observation, struct snapshot *snapshot)
{
	const char **notes[] = { &snapshot->gc_events.note, &snapshot->type_group.note,
				 &snapshot->cache_group.note };

	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		if (*notes[i])
			*notes[i] = choice_keep(&observation->choice, *notes[i]);
}

static int fill_rows(struct observation *observation, struct snapshot *snapshot)
{
	uint64_t hits = observation->hits;
	int error = choice_collect(&observation->choice, &observation->context, snapshot, &hits);

	if (error < 0)
		return error;
	metadata_fill(snapshot);
	error = fill_watches(observation, snapshot, &hits);
	if (error < 0)
		return error;
	keep_notes(observation, snapshot);
	hide_mixed_rates(observation, snapshot);
	self_cost_fill(&observation->self, hits - observation->hits, observation->context.trap_ns,
		       snapshot->interval_s, &snapshot->cost);
	observation->hits = hits;
	snapshot->losses[LOSS_TARGET_UNREADABLE] += target_read_failures(observation->target);
	snapshot->losses[LOSS_TYPE_UNKNOWN] = target_unknown_types(observation->target);
	snapshot->losses[LOSS_COUNTERS_TORN] = observation->torn;
	return 0;
}

static int take(struct observation *observation, struct snapshot *snapshot)
{
	struct counters now;
	int64_t now_ns;
	int error;

	snapshot_clear(snapshot);
	error = target_counters(observation->target, &now);
	if (error < 0)
		return error;
	now_ns = clock_ns(CLOCK_MONOTONIC);
	if (observation->latest < 0) {
		observation->began_ns = observation->last_ns = observation->turned_ns = now_ns;
		choice_begin(&observation->choice, &now, now_ns);
	}
	observation->torn += now.torn;
	fill_identity(observation, now_ns, snapshot);
	error = counters_to_snapshot(&now, observation->latest < 0 ? NULL : &observation->before,
				     snapshot);
	if (error < 0)
		return error;
	observe_rss(&observation->rss, observation->target, snapshot);
	observation->context.interval_s = snapshot->interval_s > 0 ? snapshot->interval_s : NAN;
	observation->context.alloc_bytes_per_s = snapshot->heap.alloc_bytes_per_s;
	observation->context.interval_mallocs = UNKNOWN;
	observation->context.interval_alloc_bytes = UNKNOWN;
	if (observation->latest >= 0) {
		observation->context.interval_mallocs =
			now.memstats.mallocs - observation->before.memstats.mallocs;
		observation->context.interval_alloc_bytes =
			now.memstats.total_alloc - observation->before.memstats.total_alloc;
	}
	error = fill_rows(observation, snapshot);
	if (error < 0)
		return error;
	observation->before = now;
	observation->last_ns = now_ns;
	return 0;
}

static int next_index(const struct observation *observation)
{
	return (observation->latest + 1) % SNAPSHOTS;
}

/* The snapshot that ends a collector is its last. */
static int take_next(struct observation *observation)
{
	int error = take(observation, &observation->snapshots[next_index(observation)]);

	if (error == 0)
		choice_change(&observation->choice, &observation->context);
	return error;
}

void observation_turn(struct observation *observation)
{
	if (!observation_take_turn(observation))
		return;
	if (choice_is_due(&observation->choice) && take_next(observation) == 0)
		observation->waiting = true;
}

static int next_snapshot(struct observation *observation)
{
	int error = 0;

	if (observation->saw_exit)
		return -ESRCH;
	if (observation->waiting) {
		observation->waiting = false;
		return 0;
	}
	if (observation->latest >= 0)
		error = observation_wait(observation);
	if (stopped(observation))
		return -EINTR;
	observation->saw_exit = observation->latest >= 0 && at_exit(observation);
	if (error == 0 || observation->saw_exit)
		error = process_state(target_process(observation->target)) == PROCESS_RUNNING
				? take_next(observation)
				: -ESRCH;
	observation->saw_exit &= error == 0;
	return error;
}

int observation_next(struct observation *observation, const struct snapshot **ret)
{
	int error = next_snapshot(observation);

	if (error < 0)
		return stopped(observation) ? 0 : ended(observation, error);
	observation->latest = next_index(observation);
	*ret = &observation->snapshots[observation->latest];
	return 1;
}

void observation_set_peers(struct observation *observation, struct observation *const *peers,
			   const size_t *count)
{
	observation->peers = peers;
	observation->peer_count = count;
}

const char *observation_end(const struct observation *observation)
{
	return observation->end;
}

const struct process *observation_process(const struct observation *observation)
{
	return target_process(observation->target);
}

const struct snapshot *observation_last(const struct observation *observation)
{
	return observation->latest < 0 ? NULL : &observation->snapshots[observation->latest];
}
