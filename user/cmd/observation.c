/*
 * Observing one process. Owns the target, the collector and the clock; what the rows are is the
 * collector's business, what the totals mean the counters'.
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
#include "cmd/observe_counters.h"
#include "cmd/observe_rss.h"
#include "cmd/self_cost.h"
#include "cmd/watch.h"
#include "model/metadata.h"
#include "target/target.h"

struct observation {
	const struct settings *settings;
	struct target *target;
	const struct collector *collector;
	void *state;
	struct collect_context context;
	void *watches[WATCHES_MOST]; /* states, NULL: nothing to watch */
	struct self_cost self;
	struct rss_schedule rss;
	struct counters before; /* at the last snapshot */
	struct snapshot snapshots[2];
	int latest; /* index of the last snapshot, -1 before the first */
	int64_t began_ns, last_ns;
	uint64_t hits, torn;
	const char *end;
	int stop_fd;
	int exit_fd;   /* of observation_watch_exit, -1: none */
	bool saw_exit; /* the last snapshot is that of its exit */
	bool rate_written;
	uint64_t old_rate;
};

static void turn_watches(struct observation *observation)
{
	for (size_t i = 0; watches[i]; i++)
		if (observation->watches[i])
			watches[i]->turn(observation->watches[i], &observation->context);
}

/* When something is to be done during a wait: the watches' time, at most. */
static int64_t next_turn_ns(const struct observation *observation, int64_t deadline_ns)
{
	int64_t turn_ns = clock_ns(CLOCK_MONOTONIC) + WATCH_TURN_NS;

	turn_ns = deadline_ns < turn_ns ? deadline_ns : turn_ns;
	for (size_t i = 0; watches[i]; i++) {
		int64_t due_ns = observation->watches[i] && watches[i]->due
					 ? watches[i]->due(observation->watches[i])
					 : INT64_MAX;

		turn_ns = due_ns < turn_ns ? due_ns : turn_ns;
	}
	return turn_ns;
}

/* Waits for the time, the target's end or a stop; -EINTR for the last two. */
static int sleep_until(struct observation *observation, int64_t deadline_ns)
{
	struct pollfd fds[] = {
		{ .fd = process_pidfd(target_process(observation->target)), .events = POLLIN },
		{ .fd = observation->stop_fd, .events = POLLIN },
		{ .fd = observation->exit_fd, .events = POLLIN },
	};

	for (;;) {
		int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
		int64_t turn_ns = next_turn_ns(observation, deadline_ns);
		struct timespec left = clock_timespec(turn_ns > now_ns ? turn_ns - now_ns : 0);

		if (now_ns >= deadline_ns)
			return 0;
		if (ppoll(fds, 3, &left, NULL) > 0)
			return -EINTR;
		if (observation->latest >= 0)
			turn_watches(observation);
	}
}

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
	if (observation->collector)
		observation->collector->close(observation->state);
	for (size_t i = 0; watches[i]; i++)
		watches[i]->destroy(observation->watches[i]);
	restore_rate(observation);
	target_free(observation->target);
	snapshot_clear(&observation->snapshots[0]);
	snapshot_clear(&observation->snapshots[1]);
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

static const struct collector *choose(struct observation *observation)
{
	const struct collector *wanted = observation->settings->collector;

	for (size_t i = 0; !wanted; i++)
		if (collectors[i]->fits(observation->target))
			wanted = collectors[i];
	diag_note("process %d: mode %s (%s)", observation->context.pid, wanted->name,
		  wanted->summary);
	return wanted;
}

static int create_watches(struct observation *observation)
{
	int error = 0;

	for (size_t i = 0; error == 0 && watches[i]; i++)
		error = watches[i]->create(observation->settings, &observation->watches[i]);
	return error;
}

int observation_open(pid_t pid, const struct settings *settings, struct observation **ret)
{
	CLEANUP(cleanup_observation)
	struct observation *observation = calloc(1, sizeof(*observation));
	const struct collector *collector;
	int error;

	if (!observation)
		return diag_fail(-ENOMEM, "cannot observe process %d", pid);
	observation->settings = settings;
	observation->latest = -1;
	observation->exit_fd = -1;
	snapshot_init(&observation->snapshots[0]);
	snapshot_init(&observation->snapshots[1]);
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
		.force = settings->force,
		.stacks = settings->stacks,
		.trap_ns = NAN,
		.sleep_until = sleep_until,
		.observation = observation,
	};
	error = write_rate(observation);
	if (error < 0)
		return error;
	collector = choose(observation);
	error = collector->open(&observation->context, &observation->state);
	if (error < 0)
		return error;
	observation->collector = collector;
	self_cost_begin(&observation->self);
	*ret = TAKE(observation);
	return 0;
}

/* The trap's cost is measured after the first snapshot, so that the first table does not wait for
 * it, and only where there are probes. */
static void measure_trap(struct observation *observation)
{
	const struct snapshot *last = observation_last(observation);
	double trap_ns;

	if (!last || !isnan(observation->context.trap_ns) || last->cost.probes == 0)
		return;
	if (probe_measure_trap(&trap_ns) == 0)
		observation->context.trap_ns = trap_ns;
	else
		observation->context.trap_ns = INFINITY; /* reported; not tried again */
}

static void open_watches(struct observation *observation)
{
	for (size_t i = 0; watches[i]; i++)
		if (observation->watches[i])
			watches[i]->open(observation->watches[i], &observation->context);
}

static int wait_for_interval(struct observation *observation)
{
	int64_t deadline_ns =
		observation->last_ns + (int64_t)(observation->settings->interval_s * 1e9);
	int error = 0;

	measure_trap(observation);
	if (observation->collector->work)
		error = observation->collector->work(observation->state, &observation->context,
						     deadline_ns);
	if (error < 0)
		return error;
	/* last, since on a busy machine it may take as long as the interval, which the collector
	 * has a use for */
	open_watches(observation);
	return sleep_until(observation, deadline_ns);
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

static int fill_watches(struct observation *observation, struct snapshot *snapshot, uint64_t *hits)
{
	int error = 0;

	for (size_t i = 0; error == 0 && watches[i]; i++)
		if (observation->watches[i])
			error = watches[i]->fill(observation->watches[i], &observation->context,
						 snapshot, hits);
	return error;
}

static int fill_rows(struct observation *observation, struct snapshot *snapshot)
{
	uint64_t hits = observation->hits;
	int error = observation->collector->collect(observation->state, &observation->context,
						    snapshot, &hits);

	if (error < 0)
		return error;
	metadata_fill(snapshot);
	error = fill_watches(observation, snapshot, &hits);
	if (error < 0)
		return error;
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
	if (observation->latest < 0)
		observation->began_ns = observation->last_ns = now_ns;
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

int observation_next(struct observation *observation, const struct snapshot **ret)
{
	int next = observation->latest < 0 ? 0 : !observation->latest;
	int error;

	if (observation->saw_exit)
		return ended(observation, 0);
	if (observation->latest >= 0) {
		error = wait_for_interval(observation);
		if (error < 0 && stopped(observation))
			return 0;
		observation->saw_exit = at_exit(observation);
		if (error < 0 && !observation->saw_exit)
			return ended(observation, error);
	}
	if (stopped(observation))
		return 0;
	error = process_state(target_process(observation->target)) == PROCESS_RUNNING
			? take(observation, &observation->snapshots[next])
			: -ESRCH;
	if (error < 0) {
		observation->saw_exit = false;
		return ended(observation, error);
	}
	observation->latest = next;
	*ret = &observation->snapshots[next];
	return 1;
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
