/* A descriptor of the child and not its number is what the handler has: it never means another
 * process, also when the child has been reaped elsewhere. */
#include "cmd/pass_signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define SIGNALS (sizeof(passed) / sizeof(*passed))

static const int passed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 };
static struct sigaction before[SIGNALS];
static volatile sig_atomic_t child = -1; /* a descriptor; -1: none */
static volatile sig_atomic_t same_group; /* as ours */
static volatile sig_atomic_t seen;

static void pass(int signal, siginfo_t *info, void *unused)
{
	int kept = errno;

	(void)unused;
	seen = 1;
	if (child >= 0 && !(same_group && info->si_code == SI_KERNEL))
		pidfd_send_signal(child, signal, NULL, 0);
	errno = kept;
}

int pass_signals_begin(pid_t pid)
{
	struct sigaction action = { .sa_sigaction = pass, .sa_flags = SA_SIGINFO | SA_RESTART };
	int fd = pidfd_open(pid, 0);

	if (fd < 0)
		return -errno;
	seen = 0;
	same_group = getpgid(pid) == getpgrp();
	child = fd;
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(passed[i], &action, &before[i]);
	return 0;
}

bool pass_signals_end(void)
{
	int fd = child;

	if (fd < 0)
		return false;
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(passed[i], &before[i], NULL);
	child = -1;
	close(fd);
	return seen;
}
