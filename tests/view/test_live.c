/* The whole live screen on a pseudo-terminal. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/diag.h"
#include "harness/test.h"
#include "view/service.h"

#define PATIENCE_MS 20000

static struct service service;

/* A process that ends after its first snapshot. */
static int poll_once(void *context, int timeout_ms, const struct snapshot **ret,
		     const char **ret_end)
{
	int *calls = context;

	(void)timeout_ms;
	if ((*calls)++ > 0) {
		*ret_end = "the process has ended";
		return -ESRCH;
	}
	diag_warn("one warning");
	*ret = &service.snapshot;
	return 1;
}

/* Runs the screen in a child on a terminal of the type; returns its side of the terminal. */
static int start(const char *terminal, pid_t *ret_pid)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct view_options options = { .grouping = grouping_find("site"),
					.value = VALUE_INUSE_SPACE,
					.colour = true };
	int calls = 0, fd;
	struct live_source source = { .poll = poll_once, .context = &calls };

	service_init(&service);
	*ret_pid = forkpty(&fd, NULL, NULL, &size);
	if (*ret_pid == 0) {
		setenv("TERM", terminal, 1);
		_exit(view_live(&source, &options) == 0 ? 0 : 9);
	}
	return fd;
}

/* Reads until the text has come; false when it does not. */
static bool shows(int fd, const char *text)
{
	static char seen[1 << 16];
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	size_t used = 0;

	while (used + 1 < sizeof(seen) && poll(&ready, 1, PATIENCE_MS) > 0) {
		ssize_t got = read(fd, seen + used, sizeof(seen) - 1 - used);

		if (got <= 0)
			return false;
		used += (size_t)got;
		seen[used] = '\0';
		if (strstr(seen, text))
			return true;
	}
	return false;
}

static bool is_restored(int fd)
{
	struct termios modes;

	return tcgetattr(fd, &modes) == 0 && (modes.c_lflag & ICANON) && (modes.c_lflag & ECHO);
}

static int exit_status(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST("the live screen shows data, survives their end and a resize, and q restores the terminal")
{
	struct winsize small = { .ws_row = 5, .ws_col = 20 },
		       large = { .ws_row = 40, .ws_col = 150 };
	pid_t pid;
	AUTO_CLOSE int fd = start("xterm-256color", &pid);

	CHECK(pid > 0);
	CHECK(shows(fd, "growSlice"));
	CHECK(!is_restored(fd));
	CHECK_INT(ioctl(fd, TIOCSWINSZ, &small), 0);
	CHECK(shows(fd, "needs 40x10"));
	CHECK_INT(ioctl(fd, TIOCSWINSZ, &large), 0);
	CHECK(shows(fd, "these are its last data"));
	CHECK_INT(write(fd, "q", 1), 1);
	CHECK(shows(fd, "heaptap: warning: one warning")); /* printed after the screen closed */
	CHECK_INT(exit_status(pid), 0);
	CHECK(is_restored(fd));
}

TEST("SIGTERM, SIGHUP and ^C restore the terminal")
{
	static const int signals[] = { SIGTERM, SIGHUP, 0 };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		pid_t pid;
		AUTO_CLOSE int fd = start("vt100", &pid);

		CHECK(pid > 0);
		CHECK(shows(fd, "growSlice"));
		if (signals[i])
			CHECK_INT(kill(pid, signals[i]), 0);
		else
			CHECK_INT(write(fd, "\x03", 1), 1);
		CHECK(shows(fd, "one warning"));
		CHECK_INT(exit_status(pid), 0);
		CHECK(is_restored(fd));
	}
}

TEST("a terminal that cannot show a screen is refused with a sentence")
{
	pid_t pid;
	AUTO_CLOSE int fd = start("dumb", &pid);

	CHECK(pid > 0);
	CHECK(shows(fd, "a terminal of type 'dumb' cannot show a full screen"));
	CHECK_INT(exit_status(pid), 9);
	CHECK(is_restored(fd));
}
