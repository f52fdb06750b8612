/* Targets of one run, and the signals that end it. */
#include "cmd/session.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/launch.h"
#include "cmd/pass_signals.h"
#include "target/process.h"

#define PATIENCE_MS 1000 /* with a command that is to end */

static volatile sig_atomic_t interrupted;
static struct session *current; /* for the handler: its observations are told to stop */

static void stop_current(void)
{
	for (size_t i = 0; current && i < current->count; i++)
		observation_stop(current->observations[i]);
}

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
	stop_current();
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }; /* no SA_RESTART: waits end */

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool session_interrupted(void)
{
	return interrupted;
}

static int find_named(const char *name, bool wait, struct pid_list *ret)
{
	int count = process_find_by_name(name, ret->pids, LIMIT_TARGETS);

	if (count < 0)
		return count;
	if (count == 0 && !wait)
		return diag_fail(-ESRCH, "no process is named '%s'", name);
	ret->count = (size_t)count;
	return 0;
}

static int refuse_several(const struct pid_list *list)
{
	char numbers[256] = "";

	for (size_t i = 0; i < list->count; i++) {
		char one[16];

		snprintf(one, sizeof(one), "%s%d", i ? ", " : "", list->pids[i]);
		strncat(numbers, one, sizeof(numbers) - strlen(numbers) - 1);
	}
	return diag_fail(
		-EINVAL,
		"this shows one process at a time, and there are %zu: %s; choose one with -p",
		list->count, numbers);
}

static int resolve(const struct settings *settings, bool single, bool quiet_child,
		   struct session *session, struct pid_list *ret)
{
	int error = 0;

	*ret = settings->pids;
	if (settings->name)
		error = find_named(settings->name, settings->follow, ret);
	if (settings->command) {
		error = settings->keep
				? launch_kept(settings->command, quiet_child, session->let_end,
					      &session->child, &session->keeper)
				: launch(settings->command, quiet_child, &session->child);
		ret->pids[0] = session->child;
		ret->count = 1;
	}
	if (error < 0)
		return error;
	return single && ret->count > 1 ? refuse_several(ret) : 0;
}

static int add(struct session *session, pid_t pid, const struct settings *settings)
{
	struct observation **added = &session->observations[session->count];
	int error = observation_open(pid, settings, added);

	if (error < 0)
		return error;
	observation_set_peers(*added, session->observations, &session->count);
	session->count++;
	return 0;
}

int session_open(const struct settings *settings, bool single, bool quiet_child,
		 struct session *ret)
{
	struct pid_list list;
	int error;

	memset(ret, 0, sizeof(*ret));
	ret->let_end = settings->wrap && isnan(settings->for_s);
	ret->child_status = -1;
	catch_signals();
	error = resolve(settings, single, quiet_child, ret, &list);
	for (size_t i = 0; error == 0 && i < list.count; i++)
		error = add(ret, list.pids[i], settings);
	if (error == 0 && ret->keeper)
		observation_watch_exit(ret->observations[0], keeper_exit_fd(ret->keeper));
	if (error < 0) {
		session_close(ret);
		return error;
	}
	current = ret;
	if (interrupted) /* while opening, when the handler had nobody to tell */
		stop_current();
	return 0;
}

void session_drop(struct session *session, size_t index)
{
	struct observation *dropped = session->observations[index];

	session->observations[index] = session->observations[session->count - 1];
	session->count--; /* from here on the signal handler does not know it */
	observation_close(dropped);
}

static bool is_observed(const struct session *session, pid_t pid)
{
	for (size_t i = 0; i < session->count; i++)
		if (process_pid(observation_process(session->observations[i])) == pid)
			return true;
	return false;
}

static void say_nothing(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

void session_look(struct session *session, const struct settings *settings)
{
	struct pid_list found;

	if (find_named(settings->name, true, &found) < 0)
		return;
	diag_set_sink(say_nothing, NULL);
	for (size_t i = 0; i < found.count && session->count < LIMIT_TARGETS; i++)
		if (!is_observed(session, found.pids[i]))
			add(session, found.pids[i], settings);
	diag_set_sink(NULL, NULL);
}

/* One that ends by itself is let, whatever it does in doing so. */
static void end_child(struct session *session)
{
	int wait_status;
	bool ends = keeper_stop(TAKE(session->keeper), &wait_status);

	if (wait_status != -1)
		session->child_status = launch_status(wait_status);
	else if (ends || (session->let_end && !interrupted))
		session->child_status = launch_wait(session->child);
	else
		launch_end(session->child, PATIENCE_MS);
	pass_signals_end();
	session->child = 0;
}

void session_close(struct session *session)
{
	current = NULL;
	while (session->count)
		observation_close(session->observations[--session->count]);
	if (session->child)
		end_child(session);
}
