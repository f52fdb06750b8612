/* Starting the target. */
#include "cmd/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/pass_signals.h"

#define POLL_MS 1

static void pause_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/*
 * Along PATH, as execvp(3), but without its last resort: it has a shell run what the kernel
 * refuses, and a damaged executable read as shell commands does anything.
 */
static int execute(char *const *command)
{
	const char *folders = getenv("PATH");
	char path[PATH_MAX];
	int error = ENOENT;

	if (strchr(command[0], '/') || !folders) {
		execv(command[0], command);
		return errno;
	}
	for (size_t length; *folders; folders += length + (folders[length] == ':')) {
		length = strcspn(folders, ":");
		snprintf(path, sizeof(path), "%.*s%s%s", (int)length, folders, length ? "/" : "./",
			 command[0]);
		execv(path, command);
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
	}
	return error;
}

/* When the parent says so, or not at all when it has gone; what is in the way is told to it. */
static void become(char *const *command, bool quiet, int parents, int socket)
{
	int null = quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
	char go;
	int error;

	close(parents);
	if (read(socket, &go, 1) != 1)
		_exit(126);
	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	signal(SIGPIPE, SIG_DFL); /* which we ignore, and it would inherit that */
	error = execute(command);
	if (write(socket, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* Threads of a process (field 20 of /proc/PID/stat, after the parenthesised name), or -1 when it
 * has ended. */
static int thread_count(pid_t pid)
{
	char path[64], line[1024], *after;
	AUTO_FCLOSE FILE *file = NULL;
	char state;
	int threads;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		return -1;
	after = strrchr(line, ')');
	if (!after ||
	    sscanf(after + 1,
		   " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d", &state,
		   &threads) != 2)
		return -1;
	return state == 'Z' || state == 'X' ? -1 : threads;
}

/* `keeper`: NULL when there is none. */
static int wait_until_up(pid_t pid, const char *name, const struct keeper *keeper)
{
	for (int waited = 0; waited < LAUNCH_WAIT_S * 1000; waited += POLL_MS) {
		int threads = thread_count(pid);

		if (threads < 0)
			return diag_fail(-ESRCH, "'%s' ended before it could be observed", name);
		if (threads > 1 || (keeper && keeper_at_exit(keeper)))
			return 0;
		pause_ms(POLL_MS);
	}
	return 0; /* single-threaded: opening it will say what it is */
}

static struct keeper *keep(pid_t pid, const char *name)
{
	struct keeper *keeper = NULL;
	int error = keeper_start(pid, &keeper);

	if (error < 0)
		diag_warn("'%s' cannot be followed to its exit (%s): up to one interval before it "
			  "is missing",
			  name, strerror(-error));
	return keeper;
}

/* What fork has made: its failure to execute comes over the socket, whose end at exec says that
 * there is none. Seized before it executes anything, it cannot be gone too soon. */
static int let_execute(pid_t pid, const char *name, int socket, struct keeper **ret_keeper)
{
	const struct keeper *keeper = NULL;
	int error = 0;

	if (ret_keeper)
		keeper = *ret_keeper = keep(pid, name);
	if (write(socket, &error, 1) < 0)
		return diag_fail(-errno, "cannot start '%s'", name);
	if (read(socket, &error, sizeof(error)) == sizeof(error))
		return diag_fail(-error, "cannot start '%s'", name);
	return wait_until_up(pid, name, keeper);
}

static void give_up(pid_t pid, struct keeper **keeper)
{
	int wait_status = -1;

	keeper_stop(keeper ? TAKE(*keeper) : NULL, &wait_status);
	if (wait_status == -1)
		waitpid(pid, NULL, 0);
}

static int start(char *const *command, bool quiet, bool pass, pid_t *ret,
		 struct keeper **ret_keeper)
{
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int theirs = -1;
	int sockets[2], error;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return diag_fail(-errno, "cannot start '%s'", command[0]);
	ours = sockets[0];
	theirs = sockets[1];
	pid = fork();
	if (pid < 0)
		return diag_fail(-errno, "cannot start '%s'", command[0]);
	if (pid == 0)
		become(command, quiet, ours, theirs);
	close(TAKE_FD(theirs));
	if (pass && pass_signals_begin(pid) < 0)
		diag_warn("signals to heaptap will not reach '%s'", command[0]);
	error = let_execute(pid, command[0], ours, ret_keeper);
	if (error < 0)
		give_up(pid, ret_keeper);
	else
		*ret = pid;
	return error;
}

int launch(char *const *command, bool quiet, pid_t *ret)
{
	return start(command, quiet, false, ret, NULL);
}

int launch_kept(char *const *command, bool quiet, bool pass, pid_t *ret, struct keeper **ret_keeper)
{
	*ret_keeper = NULL;
	return start(command, quiet, pass, ret, ret_keeper);
}

int launch_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int launch_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return launch_status(status);
}

int launch_end(pid_t pid, int patience_ms)
{
	int status = 0;

	kill(pid, SIGTERM);
	for (int waited = 0; waited < patience_ms; waited += 10) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			return launch_status(status);
		pause_ms(10);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return launch_status(status);
}
