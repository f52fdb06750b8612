/* heaptap inspect: what is in an executable, what heaptap can see of it, and what has grown. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/commands.h"
#include "cmd/inspect_process.h"
#include "cmd/options.h"
#include "cmd/output_file.h"
#include "cmd/parse.h"
#include "cmd/status.h"
#include "target/inspect.h"
#include "target/process.h"
#include "view/inspect.h"

#define DEFAULT_TOP  10
#define SECTIONS_MAX 32
#define FILES	     2

struct inspect_settings {
	struct pid_list pids;
	size_t top;
	const char *only;
	bool json, verbose;
	const char *files[FILES];
	size_t file_count;
	bool wanted[SECTIONS_MAX]; /* by index of inspector_shape, the process's behind them */
};

#define MEMBER(member) offsetof(struct inspect_settings, member)

static const struct option_row inspect_options[] = {
	{ "pid", 'p', "PID", "the executable of this process, and what can be observed of it",
	  MEMBER(pids), parse_pids },
	{ "only", 0, "SECTION[,...]", "only these sections (all of them)", MEMBER(only),
	  parse_text },
	{ "top", 0, "N", "rows of each section at most (10 in text, all in JSON)", MEMBER(top),
	  parse_count },
	{ "json", 0, NULL, "everything as one JSON object", MEMBER(json), parse_flag },
	{ "verbose", 'v', NULL, "say more about what was found", MEMBER(verbose), parse_flag },
	{ 0 },
};

static const struct option_row *const tables[] = { inspect_options, NULL };

DEFINE_CLEANUP(cleanup_inspector, struct inspector, inspector_free)
DEFINE_CLEANUP(cleanup_process, struct process, process_free)

/* ---- the command line ---- */

static const struct inspection_shape *shape_at(size_t index)
{
	const struct inspection_shape *shape;
	size_t count = 0;

	while ((shape = inspector_shape(count)) != NULL && count < index)
		count++;
	if (shape)
		return shape;
	return index == count ? &inspect_process_shape : NULL;
}

static size_t section_count(void)
{
	size_t count = 0;

	while (inspector_shape(count))
		count++;
	return count;
}

static int want(struct inspect_settings *settings, const char *name, size_t length)
{
	for (size_t i = 0; shape_at(i); i++) {
		const char *key = shape_at(i)->key;

		if (strlen(key) == length && !strncmp(key, name, length)) {
			settings->wanted[i] = true;
			return 0;
		}
	}
	return diag_fail(-EINVAL, "--only: no section '%.*s' (see 'heaptap help inspect')",
			 (int)length, name);
}

static int choose_sections(struct inspect_settings *settings)
{
	const char *at = settings->only;

	for (size_t i = 0; !at && shape_at(i); i++)
		settings->wanted[i] = true;
	while (at) {
		size_t length = strcspn(at, ",");

		if (want(settings, at, length) < 0)
			return -EINVAL;
		at = at[length] ? at + length + 1 : NULL;
	}
	return 0;
}

/* Options may stand between and behind the files. */
static int parse_arguments(struct inspect_settings *settings, int argc, char **argv)
{
	char *name = argv[0];
	int rest = 0;

	for (;;) {
		int more, separated;
		char *kept = argv[rest];

		argv[rest] = name;
		if (options_parse(argc - rest, argv + rest, tables, settings, &more, &separated) <
		    0)
			return -EINVAL;
		argv[rest] = kept;
		rest += more;
		if (rest >= argc)
			return 0;
		if (settings->file_count == FILES)
			return diag_fail(-EINVAL, "unexpected '%s': two executables at most",
					 argv[rest]);
		settings->files[settings->file_count++] = argv[rest];
	}
}

static int check_arguments(const struct inspect_settings *settings)
{
	if (settings->pids.count > 1)
		return diag_fail(-EINVAL, "-p: one process at a time");
	if (settings->pids.count && settings->file_count)
		return diag_fail(-EINVAL, "either executables or -p PID");
	if (!settings->pids.count && !settings->file_count)
		return diag_fail(-EINVAL, "no target: give an executable or -p PID");
	return 0;
}

/* ---- reading ---- */

#define RECORDING_MAGIC "SQLite format 3" /* sqlite.org/fileformat2.html, 1.3.1 */

static int refuse_recording(int fd, const char *path)
{
	char magic[sizeof(RECORDING_MAGIC)];

	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic) ||
	    memcmp(magic, RECORDING_MAGIC, sizeof(magic)))
		return 0;
	return diag_fail(-EINVAL,
			 "'%s' is a recording (or another database): inspect takes an "
			 "executable apart",
			 path);
}

static int open_file(const char *path, struct inspector **ret)
{
	/* not to wait for the other end of a pipe */
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int error;

	if (fd < 0)
		return diag_fail(-errno, "cannot open '%s'", path);
	error = refuse_recording(fd, path);
	return error < 0 ? error : inspector_open(fd, path, ret);
}

static int read_sections(const struct inspect_settings *settings, struct inspector *inspector,
			 struct inspection *ret)
{
	int error = 0;

	/* one more: the process's */
	ret->sections = calloc(section_count() + 1, sizeof(*ret->sections));
	if (!ret->sections)
		return diag_fail(-ENOMEM, "cannot inspect '%s'", ret->label);
	for (size_t i = 0; error == 0 && inspector_shape(i); i++)
		if (settings->wanted[i])
			error = inspector_read(inspector, i, &ret->sections[ret->count++]);
	return error < 0 ? diag_fail(error, "cannot inspect '%s'", ret->label) : 0;
}

/* ---- writing ---- */

static int print(const struct inspect_settings *settings, const struct inspection *inspection)
{
	struct output_file output;
	int error = output_open("-", &output);

	if (error < 0)
		return error;
	if (settings->json)
		error = view_inspection_json(output.file, inspection, settings->top);
	else
		error = view_inspection_text(output.file, inspection,
					     settings->top ? settings->top : DEFAULT_TOP,
					     output_columns());
	return output_close(&output, error);
}

static int inspect_process(const struct inspect_settings *settings)
{
	CLEANUP(cleanup_process) struct process *process = NULL;
	CLEANUP(cleanup_inspector) struct inspector *inspector = NULL;
	CLEANUP(inspection_clear) struct inspection inspection = { 0 };
	struct inspect_process texts;
	int error = process_open(settings->pids.pids[0], &process);

	if (error == 0)
		error = inspector_open(process_executable(process),
				       process_executable_label(process), &inspector);
	if (error < 0)
		return error;
	inspection.label = process_executable_label(process);
	error = read_sections(settings, inspector, &inspection);
	if (error == 0 && settings->wanted[section_count()]) {
		error = inspect_process_read(settings->pids.pids[0], &texts,
					     &inspection.sections[inspection.count++]);
		if (error < 0)
			diag_fail(error, "cannot inspect process %d", (int)settings->pids.pids[0]);
	}
	return error < 0 ? error : print(settings, &inspection);
}

static int inspect_file(const struct inspect_settings *settings)
{
	CLEANUP(cleanup_inspector) struct inspector *inspector = NULL;
	CLEANUP(inspection_clear) struct inspection inspection = { .label = settings->files[0] };
	int error = open_file(settings->files[0], &inspector);

	if (error == 0)
		error = read_sections(settings, inspector, &inspection);
	return error < 0 ? error : print(settings, &inspection);
}

static int compare_files(const struct inspect_settings *settings)
{
	CLEANUP(cleanup_inspector) struct inspector *old_inspector = NULL, *new_inspector = NULL;
	CLEANUP(inspection_clear) struct inspection old = { .label = settings->files[0] };
	CLEANUP(inspection_clear) struct inspection new = { .label = settings->files[1] };
	CLEANUP(inspection_clear) struct inspection difference = { 0 };
	int error = open_file(settings->files[0], &old_inspector);

	if (error == 0)
		error = open_file(settings->files[1], &new_inspector);
	if (error == 0)
		error = read_sections(settings, old_inspector, &old);
	if (error == 0)
		error = read_sections(settings, new_inspector, &new);
	if (error < 0)
		return error;
	error = inspection_compare(&old, &new, &difference);
	return error < 0 ? diag_fail(error, "cannot compare '%s'", settings->files[1])
			 : print(settings, &difference);
}

static enum status inspect_run(int argc, char **argv)
{
	struct inspect_settings settings = { 0 };

	if (parse_arguments(&settings, argc, argv) < 0 || check_arguments(&settings) < 0 ||
	    choose_sections(&settings) < 0)
		return STATUS_USAGE;
	diag_set_verbose(settings.verbose);
	if (settings.pids.count)
		return status_of(inspect_process(&settings));
	return status_of(settings.file_count == FILES ? compare_files(&settings)
						      : inspect_file(&settings));
}

static void inspect_help(void)
{
	options_help(stdout, tables);
	printf("\nSections:\n");
	for (size_t i = 0; shape_at(i); i++)
		printf("  %-12s %s%s\n", shape_at(i)->key, shape_at(i)->title,
		       shape_at(i) == &inspect_process_shape ? " (with -p)" : "");
	printf("\nReads the file only and needs no rights beyond that; stripped or not. Of two "
	       "executables it shows what\ngrew from the first to the second, largest growth "
	       "first. Numbers are exact; what a file without\nsymbols cannot say is '?'.\n");
}

const struct command command_inspect = {
	.name = "inspect",
	.synopsis = "[OPTION...] BINARY | OLD NEW | -p PID",
	.summary = "what is in an executable: generics, types, embedded files, what can be probed",
	.run = inspect_run,
	.help = inspect_help,
};
