/* A folder for the recordings, the command around itself, and what is found in the folder after. */
#include "cmd/check_command.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/limits.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/launch.h"
#include "cmd/pass_signals.h"
#include "cmd/record_wrap.h"

#define PATIENCE_MS	 10000 /* with recorders that are to end */
#define RECORDING_SUFFIX ".heaptap"
#define WORDS_MOST	 (32 + 2 * LIMIT_GLOBS) /* of ours, before the command's */

extern char **environ;

/* The words of `heaptap record --wrap ... --`. */
struct words {
	size_t count;
	char *items[WORDS_MOST];
};

static void words_clear(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
}

__attribute__((format(printf, 2, 3))) static void add_word(struct words *words, const char *format,
							   ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&words->items[words->count], format, arguments) >= 0)
		words->count++;
	va_end(arguments);
}

static void add_option(struct words *words, const char *option, const char *value)
{
	add_word(words, "%s", option);
	if (value)
		add_word(words, "%s", value);
}

/* What was asked of the observation is asked of each recorder. */
static void add_observing(struct words *words, const struct settings *settings)
{
	if (settings->collector)
		add_option(words, "--mode", settings->collector->name);
	if (settings->stacks)
		add_option(words, "--stacks", NULL);
	if (settings->force)
		add_option(words, "--force", NULL);
	add_option(words, "--budget", NULL);
	add_word(words, "%g%%", settings->budget_percent);
	add_option(words, "--interval", NULL);
	add_word(words, "%.3fs", settings->interval_s);
	if (!isnan(settings->for_s)) {
		add_option(words, "--for", NULL);
		add_word(words, "%.3fs", settings->for_s);
	}
	add_option(words, "--max-stall", NULL);
	add_word(words, "%.9fs", settings->max_stall_s);
	for (size_t i = 0; i < settings->globs.count; i++)
		add_option(words, "--cache", settings->globs.texts[i]);
	if (settings->set_rate) {
		add_option(words, "--set-sampling-rate", NULL);
		add_word(words, "%llu", (unsigned long long)settings->rate_bytes);
	}
}

static int make_recorder(const struct settings *settings, const char *folder, struct words *ret)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return diag_fail(-errno, "cannot start the recorder");
	self[length] = '\0';
	add_word(ret, "%s", self);
	add_option(ret, "record", "--wrap");
	add_option(ret, "-o", NULL);
	add_word(ret, "%s/%%p" RECORDING_SUFFIX, folder);
	add_observing(ret, settings);
	add_word(ret, "--");
	return 0;
}

static bool is_go_test(char *const *command)
{
	const char *slash = strrchr(command[0], '/'), *name = slash ? slash + 1 : command[0];

	/* "go1.27" and the like stand beside the go of the system */
	return !strncmp(name, "go", 2) && (!name[2] || isdigit((unsigned char)name[2])) &&
	       command[1] && !strcmp(command[1], "test");
}

/* One word for go's -exec, which splits at spaces outside of quotes and knows no escapes. */
static char *quote_words(const struct words *words)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < words->count; i++)
		fprintf(out, strchr(words->items[i], ' ') ? "%s'%s'" : "%s%s", i ? " " : "",
			words->items[i]);
	if (out && fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static size_t count_words(char *const *command)
{
	size_t count = 0;

	while (command[count])
		count++;
	return count;
}

/* The command with the recorder before it, or before each of go's test binaries. -count=1: what go
 * has in its cache of results would not run. The pointers are borrowed. */
static char **compose(const struct words *recorder, char *exec, char **command)
{
	static char exec_option[] = "-exec", count_option[] = "-count=1";
	char **argv = calloc(recorder->count + count_words(command) + 4, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	if (exec) {
		argv[n++] = *command++;
		argv[n++] = *command++;
		argv[n++] = count_option;
		argv[n++] = exec_option;
		argv[n++] = exec;
	} else {
		for (size_t i = 0; i < recorder->count; i++)
			argv[n++] = recorder->items[i];
	}
	while (*command)
		argv[n++] = *command++;
	return argv;
}

/* What would end us waits until the command is there to have it; it is not to inherit that. */
static int spawn(char **argv, pid_t *ret)
{
	sigset_t all, old;
	posix_spawnattr_t attributes;
	int error;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &old);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = -posix_spawnp(ret, argv[0], NULL, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	if (error == 0 && pass_signals_begin(*ret) < 0)
		diag_warn("signals to heaptap will not reach '%s'", argv[0]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return error;
}

static bool is_ours(pid_t pid)
{
	char link[64];
	struct stat its, own;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	return stat(link, &its) == 0 && stat("/proc/self/exe", &own) == 0 &&
	       its.st_dev == own.st_dev && its.st_ino == own.st_ino;
}

/* A go that was ended leaves its test binaries, and their recorders became children of ours. They
 * pass on that they are to end. */
static void end_recorders(void)
{
	AUTO_FCLOSE FILE *children = fopen("/proc/thread-self/children", "re");
	int pid;

	while (children && fscanf(children, "%d", &pid) == 1)
		if (is_ours(pid))
			launch_end(pid, PATIENCE_MS);
}

/* Returns whether there was a signal: then there is no next run. */
static int run(char **argv, int *ret_status, bool *ret_signalled)
{
	pid_t pid;
	int error;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	error = spawn(argv, &pid);
	if (error < 0)
		return diag_fail(error, "cannot start '%s'", argv[0]);
	*ret_status = launch_wait(pid);
	*ret_signalled = pass_signals_end();
	end_recorders();
	return 0;
}

static int run_recorded(const struct settings *settings, const char *folder, int *ret_status,
			bool *ret_signalled)
{
	CLEANUP(words_clear) struct words recorder = { 0 };
	AUTO_FREE char *exec = NULL;
	AUTO_FREE char **argv = NULL;
	int error = make_recorder(settings, folder, &recorder);

	if (error < 0)
		return error;
	if (is_go_test(settings->command)) {
		exec = quote_words(&recorder);
		if (!exec)
			return diag_fail(-ENOMEM, "cannot start '%s'", settings->command[0]);
	}
	argv = compose(&recorder, exec, settings->command);
	if (!argv)
		return diag_fail(-ENOMEM, "cannot start '%s'", settings->command[0]);
	return run(argv, ret_status, ret_signalled);
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name), of_suffix = strlen(suffix);

	return length > of_suffix && !strcmp(name + length - of_suffix, suffix);
}

static int add_refused(struct check_parts *parts, const char *path)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char name[PATH_MAX] = "", why[512] = "";

	if (!file || !fgets(name, sizeof(name), file) || !fgets(why, sizeof(why), file))
		return diag_fail(-EIO, "cannot read '%s'", path);
	name[strcspn(name, "\n")] = '\0';
	why[strcspn(why, "\n")] = '\0';
	return check_parts_refuse(parts, strrchr(name, '/') ? strrchr(name, '/') + 1 : name, why);
}

static int add_file(const struct settings *settings, const struct limits *limits, const char *path,
		    struct check_parts *parts)
{
	struct settings recorded = *settings;

	if (ends_with(path, RECORD_FAILURE_SUFFIX))
		return add_refused(parts, path);
	if (!ends_with(path, RECORDING_SUFFIX))
		return 0;
	recorded.file = path;
	return check_parts_add_recording(parts, NULL, &recorded, limits);
}

/* Adds what is in the folder, or (parts NULL) removes it; the folder goes with it then. */
static int each_file(const struct settings *settings, const struct limits *limits,
		     const char *folder, struct check_parts *parts)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort), error = 0;

	if (count < 0)
		return diag_fail(-errno, "cannot read '%s'", folder);
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (parts && error == 0)
			error = add_file(settings, limits, path, parts);
		else if (!parts && entries[i]->d_name[0] != '.')
			unlink(path);
		free(entries[i]);
	}
	free(entries);
	if (!parts)
		rmdir(folder);
	return error;
}

int check_command(const struct settings *settings, size_t runs, const struct limits *limits,
		  struct check_parts *parts, int *ret_status)
{
	const char *temporary = getenv("TMPDIR");
	char folder[PATH_MAX];
	bool signalled = false;
	int error;

	snprintf(folder, sizeof(folder), "%s/heaptap-check-XXXXXX",
		 temporary && *temporary ? temporary : "/tmp");
	if (!mkdtemp(folder))
		return diag_fail(-errno, "cannot make a folder for recordings in '%s'",
				 temporary && *temporary ? temporary : "/tmp");
	*ret_status = 0;
	error = 0;
	for (size_t i = 0; i < runs && error == 0 && *ret_status == 0 && !signalled; i++)
		error = run_recorded(settings, folder, ret_status, &signalled);
	if (error == 0)
		error = each_file(settings, limits, folder, parts);
	each_file(settings, limits, folder, NULL);
	return error;
}
