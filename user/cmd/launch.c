/* Starting the target. */
#include "cmd/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"

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

static void become(char *const *command, bool quiet, int report)
{
	int null = quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
	int error;

	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	error = execute(command);
	if (write(report, &error, sizeof(error)) < 0)
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

static int start(char *const *command, bool quiet, pid_t *ret, struct keeper **ret_keeper)
{
	AUTO_CLOSE int reader = -1;
	AUTO_CLOSE int writer = -1;
	int pipe_fds[2], error = 0;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return diag_fail(-errno, "cannot start '%s'", command[0]);
	reader = pipe_fds[0];
	writer = pipe_fds[1];
	pid = fork();
	if (pid < 0)
		return diag_fail(-errno, "cannot start '%s'", command[0]);
	if (pid == 0)
		become(command, quiet, writer);
	close(TAKE_FD(writer));
	if (read(reader, &error, sizeof(error)) == sizeof(error)) {
		waitpid(pid, NULL, 0);
		return diag_fail(-error, "cannot start '%s'", command[0]);
	}
	if (ret_keeper)
		*ret_keeper = keep(pid, command[0]);
	error = wait_until_up(pid, command[0], ret_keeper ? *ret_keeper : NULL);
	if (error < 0) {
		int ignored;

		keeper_stop(ret_keeper ? TAKE(*ret_keeper) : NULL, &ignored);
		waitpid(pid, NULL, 0);
		return error;
	}
	*ret = pid;
	return 0;
}

int launch(char *const *command, bool quiet, pid_t *ret)
{
	return start(command, quiet, ret, NULL);
}

int launch_kept(char *const *command, bool quiet, pid_t *ret, struct keeper **ret_keeper)
{
	*ret_keeper = NULL;
	return start(command, quiet, ret, ret_keeper);
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

int launch_end(pid_t pid)
{
	int status = 0;

	kill(pid, SIGTERM);
	for (int waited = 0; waited < 1000; waited += 10) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			return launch_status(status);
		pause_ms(10);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return launch_status(status);
}
