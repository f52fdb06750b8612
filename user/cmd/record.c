/* heaptap record: everything that is observed, interval by interval, into a file. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cmd/record_progress.h"
#include "cmd/record_wrap.h"
#include "cmd/session.h"
#include "cmd/status.h"
#include "command.h"
#include "store/recording.h"

#define LOOK_AGAIN_MS 100 /* for a process that has to come back */

static const struct option_row record_options[] = {
	{ "output", 'o', "FILE", "record into this file", offsetof(struct settings, output),
	  parse_text },
	{ "follow", 0, NULL, "with -n: go on when the process is started again",
	  offsetof(struct settings, follow), parse_flag },
	{ "wrap", 0, NULL,
	  "be the COMMAND: its output and exit status, nothing of ours; %p in FILE is our pid",
	  offsetof(struct settings, wrap), parse_flag },
	{ 0 },
};

static const struct option_row *const tables[] = { target_options, observe_options, record_options,
						   NULL };

/* What is recorded of each observation of the session, by its index there. */
struct member {
	int64_t id; /* in the recording; 0 before its first snapshot */
	uint64_t losses[LOSS_COUNT];
};

struct record_run {
	const struct settings *settings;
	struct recorder *recorder;
	struct session session;
	struct member members[LIMIT_TARGETS];
	struct progress progress;
	size_t processes;
	size_t most; /* that were observed at once: when there are fewer, one is to come back */
	uint64_t losses[LOSS_COUNT]; /* of those that have ended */
};

static int add_process(struct record_run *run, size_t index, const struct snapshot *first)
{
	const struct process *process = observation_process(run->session.observations[index]);
	struct recorded_process description = {
		.pid = first->pid,
		.comm = first->comm,
		.go_version = first->go_version,
		.executable = process_executable_label(process),
		.started_unix_ns = process_start_unix_ns(process),
	};

	run->processes++;
	return recorder_add_process(run->recorder, &description, &run->members[index].id);
}

static int add_snapshot(struct record_run *run, size_t index, const struct snapshot *snapshot)
{
	struct member *member = &run->members[index];
	int error = member->id ? 0 : add_process(run, index, snapshot);

	for (int loss = 0; loss < LOSS_COUNT; loss++)
		member->losses[loss] = snapshot->losses[loss];
	return error < 0 ? error : recorder_add(run->recorder, member->id, snapshot);
}

static void add_losses(uint64_t *sum, const struct member *member)
{
	for (int loss = 0; loss < LOSS_COUNT; loss++)
		sum[loss] += member->losses[loss];
}

/* The target of an observation has gone. */
static int end_member(struct record_run *run, size_t index)
{
	const char *reason = observation_end(run->session.observations[index]);
	struct member *member = &run->members[index];
	int error = member->id ? recorder_end_process(run->recorder, member->id, reason) : 0;

	if (!run->settings->wrap) {
		progress_hide(&run->progress);
		diag_warn("process %d: %s",
			  process_pid(observation_process(run->session.observations[index])),
			  reason);
	}
	add_losses(run->losses, member);
	session_drop(&run->session, index);
	*member = run->members[run->session.count];
	run->members[run->session.count] = (struct member){ 0 };
	return error;
}

/* An interval of each process. 1, 0 when we are to end, a negative errno of the recording. */
static int record_round(struct record_run *run)
{
	for (size_t i = 0; i < run->session.count;) {
		const struct snapshot *snapshot;
		int result = observation_next(run->session.observations[i], &snapshot), error;

		if (result == 0)
			return 0;
		error = result < 0 ? end_member(run, i) : add_snapshot(run, i, snapshot);
		if (error < 0)
			return error;
		i += result > 0;
	}
	return 1;
}

static void sum_losses(struct record_run *run, uint64_t ret[LOSS_COUNT])
{
	for (int loss = 0; loss < LOSS_COUNT; loss++)
		ret[loss] = run->losses[loss];
	for (size_t i = 0; i < run->session.count; i++)
		add_losses(ret, &run->members[i]);
}

static void show_progress(struct record_run *run)
{
	uint64_t losses[LOSS_COUNT];

	sum_losses(run, losses);
	run->progress.losses = 0;
	for (int loss = 0; loss < LOSS_COUNT; loss++)
		run->progress.losses += losses[loss];
	progress_show(&run->progress, run->recorder, run->session.count == 0);
}

/* Until somebody ends it, or --for does, or there is nothing left to record. */
static int record_all(struct record_run *run)
{
	const struct settings *settings = run->settings;
	double end_s = (double)clock_ns(CLOCK_MONOTONIC) * 1e-9 + settings->for_s;
	int result = 1;

	while (result == 1 && !session_interrupted()) {
		if (settings->follow && run->session.count < run->most)
			session_look(&run->session, settings);
		if (run->session.count > run->most)
			run->most = run->session.count;
		if (run->session.count)
			result = record_round(run);
		else if (settings->follow)
			poll(NULL, 0, LOOK_AGAIN_MS);
		else
			return 0;
		if (!settings->wrap)
			show_progress(run);
		if (!isnan(settings->for_s) &&
		    (double)clock_ns(CLOCK_MONOTONIC) * 1e-9 + settings->interval_s / 2 > end_s)
			return result < 0 ? result : 0;
	}
	return result < 0 ? result : 0;
}

static int64_t file_bytes(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_size : 0;
}

/* The recording is closed before the summary, which tells the size of what is left. */
static int finish(struct record_run *run, int error)
{
	const char *path = run->settings->output;
	struct recorder_totals totals;
	uint64_t losses[LOSS_COUNT];
	int closing;

	if (!run->settings->wrap)
		progress_hide(&run->progress);
	sum_losses(run, losses);
	session_close(&run->session);
	recorder_totals(run->recorder, &totals);
	closing = recorder_close(run->recorder);
	if (totals.intervals == 0) {
		if (error < 0)
			return error;
		diag_fail(0, "nothing was recorded: '%s' was not kept", path);
		return -ENODATA;
	}
	if (error == 0 && closing == 0)
		totals.file_bytes = file_bytes(path);
	if (!run->settings->wrap)
		progress_end(&run->progress, path, &totals, run->processes, losses);
	return error < 0 ? error : closing;
}

static int check_settings(const struct settings *settings)
{
	if (!settings->output)
		return diag_fail(-EINVAL, "no output: give -o FILE");
	if (settings->follow && !settings->name)
		return diag_fail(-EINVAL, "--follow goes with -n NAME");
	if (settings->interval_s == 0)
		return diag_fail(-EINVAL, "--interval: at least 10ms");
	if (settings->wrap && !settings->command)
		return diag_fail(-EINVAL, "--wrap goes with -- COMMAND");
	return 0;
}

static int record(const struct settings *settings, struct record_run *run)
{
	int error = recorder_open(settings->output, settings->force, &run->recorder);

	if (error < 0)
		return error;
	error = session_open(settings, false, false, &run->session);
	if (error < 0) {
		recorder_close(run->recorder);
		return error;
	}
	progress_begin(&run->progress);
	return finish(run, record_all(run));
}

/* What a shell calls 128 + signal others tell from an exit status (go test does): we end as the
 * command did, but leave no core. No command is ended by a signal that stops it. */
static enum status end_as(int status)
{
	static const struct rlimit none = { 0, 0 };
	int number = status - 128;
	bool stops =
		number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;

	if (number > 0 && !stops && setrlimit(RLIMIT_CORE, &none) == 0 &&
	    signal(number, SIG_DFL) != SIG_ERR)
		raise(number);
	else if (number == SIGKILL)
		raise(number); /* which has no handler to be set */
	return (enum status)status;
}

/* The command's own status; that it was not recorded is left beside the recording. */
static enum status wrapped_status(const struct record_run *run, int error, const char *reason)
{
	if (error < 0)
		record_note_failure(run->settings->output, run->settings->command[0], reason);
	if (run->session.child_status >= 0)
		return end_as(run->session.child_status);
	return error < 0 ? status_of(error) : STATUS_DONE;
}

#define REASON_BYTES 512

static void keep_failure(void *reason, enum diag_level level, const char *text)
{
	if (level == DIAG_FAIL)
		snprintf(reason, REASON_BYTES, "%s", text);
}

static enum status record_wrapped(struct settings *settings, struct record_run *run)
{
	AUTO_FREE char *path = record_expand_pid(settings->output);
	char reason[REASON_BYTES] = "";
	int error;

	if (!path)
		return status_of(diag_fail(-ENOMEM, "cannot record"));
	diag_set_sink(keep_failure, reason);
	settings->output = path;
	run->session.child_status = -1;
	error = record(settings, run);
	diag_set_sink(NULL, NULL);
	return wrapped_status(run, error, reason);
}

static enum status record_run(int argc, char **argv)
{
	struct record_run run = { .most = 1 };
	struct settings settings;

	settings_init(&settings);
	if (settings_parse(&settings, argc, argv, tables) < 0 || check_settings(&settings) < 0)
		return STATUS_USAGE;
	settings.keep = settings.command != NULL;
	run.settings = &settings;
	if (settings.wrap)
		return record_wrapped(&settings, &run);
	return status_of(record(&settings, &run));
}

static void record_help(void)
{
	options_help(stdout, tables);
	printf("\nRecords until ^C, --for, or the end of the target. The file is a SQLite database "
	       "that describes itself\n(sqlite3 FILE .schema); 'heaptap top FILE' and 'heaptap "
	       "flame FILE' show it. Killed at any moment,\nthe file is good up to the interval "
	       "before; FILE-wal and FILE-shm then belong to it.\n");
}

const struct command command_record = {
	.name = "record",
	.synopsis = "[OPTION...] -o FILE -p PID[,PID...] | -n NAME [--follow] | -- COMMAND ARGS...",
	.summary = "everything over time, into a file",
	.run = record_run,
	.help = record_help,
};
