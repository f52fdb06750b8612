/* A thread is the tracer, since ptrace is a relation of threads, and the observing one sleeps and
 * reads. When it ends, or heaptap is killed, the kernel detaches. */
#include "cmd/keeper.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

struct keeper {
	pid_t pid;
	pthread_t thread;
	sem_t seized;
	int error;   /* of seizing */
	int exit_fd; /* an eventfd */
	atomic_bool leaving;
	int wait_status; /* -1: not reaped */
};

/* Only there to interrupt a system call. */
static void on_wake(int signal)
{
	(void)signal;
}

static bool is_event(int status, int event)
{
	return WIFSTOPPED(status) && status >> 16 == event;
}

static void tell_exit(struct keeper *keeper)
{
	uint64_t one = 1;
	ssize_t written = write(keeper->exit_fd, &one, sizeof(one));

	(void)written; /* it is 0 before, and so has room */
}

/* Everything but the exit goes on as if nobody had been there. */
static void pass_on(struct keeper *keeper, int status)
{
	if (is_event(status, PTRACE_EVENT_EXIT))
		tell_exit(keeper);
	else if (is_event(status, PTRACE_EVENT_STOP) && WSTOPSIG(status) != SIGTRAP)
		ptrace(PTRACE_LISTEN, keeper->pid, 0, 0); /* job control: it stays stopped */
	else if (is_event(status, PTRACE_EVENT_STOP))
		ptrace(PTRACE_CONT, keeper->pid, 0, 0);
	else
		ptrace(PTRACE_CONT, keeper->pid, 0, (long)WSTOPSIG(status));
}

static void *keep(void *opaque)
{
	struct keeper *keeper = opaque;

	if (ptrace(PTRACE_SEIZE, keeper->pid, 0, PTRACE_O_TRACEEXIT) < 0)
		keeper->error = -errno;
	sem_post(&keeper->seized);
	while (keeper->error == 0 && !keeper->leaving) {
		int status;
		pid_t pid = waitpid(keeper->pid, &status, __WALL | __WNOTHREAD);

		if (pid < 0 && errno != EINTR)
			break;
		if (pid < 0)
			continue;
		if (WIFSTOPPED(status)) {
			pass_on(keeper, status);
			continue;
		}
		keeper->wait_status = status;
		tell_exit(keeper);
		break;
	}
	return NULL;
}

static int start_thread(struct keeper *keeper)
{
	struct sigaction action = { .sa_handler = on_wake };
	sigset_t all, old;
	int error;

	sigaction(SIGUSR2, &action, NULL);
	sigfillset(&all);
	sigdelset(&all, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = -pthread_create(&keeper->thread, NULL, keep, keeper);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

static void free_keeper(struct keeper *keeper)
{
	sem_destroy(&keeper->seized);
	if (keeper->exit_fd >= 0)
		close(keeper->exit_fd);
	free(keeper);
}

int keeper_start(pid_t pid, struct keeper **ret)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));
	int error, ignored;

	if (!keeper)
		return -ENOMEM;
	keeper->pid = pid;
	keeper->wait_status = -1;
	sem_init(&keeper->seized, 0, 0);
	keeper->exit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = keeper->exit_fd < 0 ? -errno : start_thread(keeper);
	if (error < 0) {
		free_keeper(keeper);
		return error;
	}
	while (sem_wait(&keeper->seized) < 0)
		;
	error = keeper->error;
	if (error < 0)
		keeper_stop(keeper, &ignored);
	else
		*ret = keeper;
	return error;
}

int keeper_exit_fd(const struct keeper *keeper)
{
	return keeper->exit_fd;
}

bool keeper_at_exit(const struct keeper *keeper)
{
	struct pollfd fd = { .fd = keeper->exit_fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

static bool joined_within(pthread_t thread, long ms)
{
	struct timespec deadline = clock_timespec(clock_ns(CLOCK_REALTIME) + ms * 1000000LL);

	return pthread_timedjoin_np(thread, NULL, &deadline) == 0;
}

bool keeper_stop(struct keeper *keeper, int *ret_wait_status)
{
	bool at_exit;

	*ret_wait_status = -1;
	if (!keeper)
		return false;
	keeper->leaving = true;
	/* the signal can come just before the thread enters its system call: repeat it */
	do
		pthread_kill(keeper->thread, SIGUSR2);
	while (!joined_within(keeper->thread, 20));
	at_exit = keeper_at_exit(keeper);
	*ret_wait_status = keeper->wait_status;
	free_keeper(keeper);
	return at_exit;
}
