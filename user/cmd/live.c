/*
 * The observing thread and its mailbox. An observation keeps its last two snapshots, so the thread
 * makes the next one only after the reader has taken the last: what the reader holds is never
 * overwritten.
 */
#include "cmd/live.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"

#define TURN_MS 50

struct live {
	struct observation *observation;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const struct snapshot *posted; /* not yet taken */
	int stopping;
	int ended; /* 0, or the negative errno that the reader gets */
};

/* However long the reader takes, the probes keep within the budget. */
static void wait_for_reader(struct live *live)
{
	while (live->posted && !live->stopping) {
		struct timespec deadline =
			clock_timespec(clock_ns(CLOCK_MONOTONIC) + TURN_MS * 1000000LL);

		if (pthread_cond_timedwait(&live->changed, &live->lock, &deadline) == 0)
			continue;
		pthread_mutex_unlock(&live->lock);
		observation_turn(live->observation);
		pthread_mutex_lock(&live->lock);
	}
}

static int post(struct live *live, const struct snapshot *snapshot)
{
	int stopping;

	pthread_mutex_lock(&live->lock);
	live->posted = snapshot;
	pthread_cond_broadcast(&live->changed);
	wait_for_reader(live);
	stopping = live->stopping;
	pthread_mutex_unlock(&live->lock);
	return stopping ? -EINTR : 0;
}

static void *observe(void *opaque)
{
	struct live *live = opaque;
	const struct snapshot *snapshot = observation_last(live->observation);
	int result = 1;

	if (!snapshot)
		result = observation_next(live->observation, &snapshot);
	while (result == 1 && post(live, snapshot) == 0)
		result = observation_next(live->observation, &snapshot);
	pthread_mutex_lock(&live->lock);
	live->ended = result < 0 ? result : -EINTR;
	pthread_cond_broadcast(&live->changed);
	pthread_mutex_unlock(&live->lock);
	return NULL;
}

/* Only there to interrupt a system call of the observing thread. */
static void on_wake(int signal)
{
	(void)signal;
}

int live_start(struct observation *observation, struct live **ret)
{
	struct sigaction action = { .sa_handler = on_wake };
	AUTO_FREE struct live *live = calloc(1, sizeof(*live));
	pthread_condattr_t attributes;
	sigset_t all, old;
	int error;

	if (!live)
		return diag_fail(-ENOMEM, "cannot observe");
	live->observation = observation;
	pthread_mutex_init(&live->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&live->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	sigaction(SIGUSR2, &action, NULL);
	sigfillset(&all);
	sigdelset(&all, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* the terminal's signals are the screen's */
	error = -pthread_create(&live->thread, NULL, observe, live);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error < 0)
		return diag_fail(error, "cannot start the observing thread");
	*ret = TAKE(live);
	return 0;
}

static int joined_within(pthread_t thread, long ms)
{
	struct timespec deadline = clock_timespec(clock_ns(CLOCK_REALTIME) + ms * 1000000LL);

	return pthread_timedjoin_np(thread, NULL, &deadline) == 0;
}

void live_stop(struct live *live)
{
	if (!live)
		return;
	pthread_mutex_lock(&live->lock);
	live->stopping = 1;
	pthread_cond_broadcast(&live->changed);
	pthread_mutex_unlock(&live->lock);
	observation_stop(live->observation);
	/* The signal can come just before the thread enters its system call: repeat it. */
	do
		pthread_kill(live->thread, SIGUSR2);
	while (!joined_within(live->thread, 20));
	pthread_cond_destroy(&live->changed);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

int live_poll(void *opaque, int timeout_ms, const struct snapshot **ret, const char **ret_end)
{
	struct live *live = opaque;
	struct timespec deadline =
		clock_timespec(clock_ns(CLOCK_MONOTONIC) + timeout_ms * 1000000LL);
	int result = 0;

	pthread_mutex_lock(&live->lock);
	while (!live->posted && !live->ended &&
	       pthread_cond_timedwait(&live->changed, &live->lock, &deadline) == 0)
		;
	if (live->posted) {
		*ret = live->posted;
		live->posted = NULL;
		pthread_cond_broadcast(&live->changed);
		result = 1;
	} else if (live->ended) {
		*ret_end = observation_end(live->observation);
		result = live->ended;
	}
	pthread_mutex_unlock(&live->lock);
	return result;
}
