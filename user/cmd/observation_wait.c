/*
 * The time between two snapshots: sleeping in turns, the first choice of a collector, the
 * collector's work.
 */
#include "cmd/observation_state.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <time.h>

#include "base/clock.h"
#include "probe/probe.h"
#include "target/target.h"

/* Rates of less time than that are not worth a decision. */
#define FIRST_LOOK_NS 30000000LL

/* What opening the watches may take on a busy machine: a collector that has less left before it is
 * at work again is not kept from it. */
#define OPENING_NS 500000000LL

/* The trap's cost is measured after the first snapshot, so that the first table does not wait for
 * it, and only where there may be probes. */
static void measure_trap(struct observation *observation)
{
	double trap_ns;

	if (!isnan(observation->context.trap_ns) || !choice_wants_probes(&observation->choice))
		return;
	if (probe_measure_trap(&trap_ns) == 0)
		observation->context.trap_ns = trap_ns;
	else
		observation->context.trap_ns = INFINITY; /* reported; not tried again */
}

/* One control period. A collector whose last snapshot waits was just changed: what came for it
 * attaches nothing by itself. */
static void take_turn(struct observation *observation)
{
	measure_trap(observation);
	if (!observation->waiting)
		choice_turn(&observation->choice, &observation->context);
	for (size_t i = 0; watches[i]; i++)
		if (observation->watches[i])
			watches[i]->turn(observation->watches[i], &observation->context);
	observation->turned_ns = clock_ns(CLOCK_MONOTONIC);
}

static int64_t due_ns(const struct observation *observation)
{
	return observation->turned_ns + choice_period_ns(&observation->choice);
}

static bool turn_is_due(const struct observation *observation)
{
	return observation->latest >= 0 && clock_ns(CLOCK_MONOTONIC) >= due_ns(observation);
}

bool observation_take_turn(struct observation *observation)
{
	if (!turn_is_due(observation))
		return false;
	take_turn(observation);
	return true;
}

/* The next moment that a watch has asked for by itself; INT64_MAX: none. */
static int64_t watches_due_ns(const struct observation *observation)
{
	int64_t next_ns = INT64_MAX;

	for (size_t i = 0; watches[i]; i++) {
		int64_t due_ns = observation->watches[i] && watches[i]->due
					 ? watches[i]->due(observation->watches[i])
					 : INT64_MAX;

		next_ns = due_ns < next_ns ? due_ns : next_ns;
	}
	return next_ns;
}

static void turn_due_watches(struct observation *observation)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; observation->latest >= 0 && watches[i]; i++)
		if (observation->watches[i] && watches[i]->due &&
		    watches[i]->due(observation->watches[i]) <= now_ns)
			watches[i]->turn(observation->watches[i], &observation->context);
}

static void turn_peers(struct observation *observation)
{
	for (size_t i = 0; observation->peers && i < *observation->peer_count; i++)
		if (observation->peers[i] != observation) {
			observation_turn(observation->peers[i]);
			turn_due_watches(observation->peers[i]);
		}
}

static int64_t own_wake_ns(const struct observation *observation, int64_t wake_ns)
{
	int64_t turn_ns = due_ns(observation), watch_ns = watches_due_ns(observation);

	if (observation->latest < 0)
		return wake_ns;
	wake_ns = turn_ns < wake_ns ? turn_ns : wake_ns;
	return watch_ns < wake_ns ? watch_ns : wake_ns;
}

/* The next moment to do something, of this observation or a peer. */
static int64_t wake_ns(const struct observation *observation, int64_t deadline_ns)
{
	int64_t wake_ns = own_wake_ns(observation, deadline_ns);

	for (size_t i = 0; observation->peers && i < *observation->peer_count; i++)
		wake_ns = own_wake_ns(observation->peers[i], wake_ns);
	return wake_ns;
}

static struct timespec time_until(int64_t moment_ns)
{
	int64_t left_ns = moment_ns - clock_ns(CLOCK_MONOTONIC);

	return clock_timespec(left_ns > 0 ? left_ns : 0);
}

static void open_watches(struct observation *observation)
{
	for (size_t i = 0; watches[i]; i++)
		if (observation->watches[i])
			watches[i]->open(observation->watches[i], &observation->context);
}

/* An interval may be an hour long: what has not been opened yet, or may come back, does not wait
 * for its end. */
static void open_watches_early(struct observation *observation, int64_t deadline_ns)
{
	if (observation->choice.looked && clock_ns(CLOCK_MONOTONIC) + OPENING_NS < deadline_ns)
		open_watches(observation);
}

static void open_all_early(struct observation *observation, int64_t deadline_ns)
{
	open_watches_early(observation, deadline_ns);
	for (size_t i = 0; observation->peers && i < *observation->peer_count; i++)
		if (observation->peers[i] != observation)
			open_watches_early(observation->peers[i], deadline_ns);
}

/* Waits for the time, the target's end, a stop, or the end of a collector; -EINTR for the last
 * three. */
int observation_sleep_until(struct observation *observation, int64_t deadline_ns)
{
	struct pollfd fds[] = {
		{ .fd = process_pidfd(target_process(observation->target)), .events = POLLIN },
		{ .fd = observation->stop_fd, .events = POLLIN },
		{ .fd = observation->exit_fd, .events = POLLIN },
	};

	while (clock_ns(CLOCK_MONOTONIC) < deadline_ns) {
		struct timespec left = time_until(wake_ns(observation, deadline_ns));

		if (ppoll(fds, 3, &left, NULL) > 0)
			return -EINTR;
		observation_take_turn(observation);
		turn_due_watches(observation);
		turn_peers(observation);
		open_all_early(observation, deadline_ns);
		if (choice_is_due(&observation->choice))
			return -EINTR;
	}
	return 0;
}

/*
 * Between the last snapshot and the collector's work, when it has seen nothing yet and can be
 * changed at once. The first choice is made from the rates since the first snapshot, the trap being
 * measured meanwhile; later ones where the work leaves no time for a turn.
 */
static int choose(struct observation *observation)
{
	struct choice *choice = &observation->choice;
	int error = 0;

	if (!choice->looked) {
		measure_trap(observation);
		error = observation_sleep_until(observation, observation->last_ns + FIRST_LOOK_NS);
	}
	if (error == 0 && (!choice->looked || turn_is_due(observation)))
		take_turn(observation);
	if (choice_is_due(choice)) {
		choice_change(choice, &observation->context);
		error = 0;
	}
	choice_set_share(choice, &observation->context);
	return error;
}

int observation_wait(struct observation *observation)
{
	int64_t deadline_ns =
		observation->last_ns + (int64_t)(observation->settings->interval_s * 1e9);
	struct choice *choice = &observation->choice;
	int error = choose(observation);

	if (error == 0 && choice->collector->work)
		error = choice->collector->work(choice->state, &observation->context, deadline_ns);
	if (error < 0 || choice_is_due(choice))
		return error;
	/* last, since on a busy machine it may take as long as the interval, which the collector
	 * has a use for */
	open_watches(observation);
	error = observation_sleep_until(observation, deadline_ns);
	return choice_is_due(choice) ? 0 : error;
}
