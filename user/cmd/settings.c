/* The shared options: their tables, defaults and what they may not be together. */
#include "cmd/settings.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "view/view.h"

static int parse_collector(const char *option, const char *text, void *member)
{
	const struct collector **collector = member;
	*collector = NULL;
	if (!strcmp(text, "auto"))
		return 0;
	for (size_t i = 0; collectors[i]; i++)
		if (!strcmp(text, collectors[i]->name)) {
			*collector = collectors[i];
			return 0;
		}
	return diag_fail(-EINVAL, "--%s: no mode '%s' (there are %s)", option, text,
			 COLLECTOR_NAMES);
}

/* Sets `set_rate` as well, which stands right before it. */
static int parse_rate(const char *option, const char *text, void *member)
{
	struct settings *settings =
		(struct settings *)((char *)member - offsetof(struct settings, rate_bytes));

	settings->set_rate = true;
	return parse_bytes(option, text, member);
}

#define MEMBER(member) offsetof(struct settings, member)

const struct option_row target_options[] = {
	{ "pid", 'p', "PID[,PID...]", "observe these processes", MEMBER(pids), parse_pids },
	{ "name", 'n', "NAME", "observe the process of this name", MEMBER(name), parse_text },
	{ 0 },
};

const struct option_row observe_options[] = {
	{ "mode", 0, "MODE", "how allocations are seen: " COLLECTOR_NAMES " (auto)",
	  MEMBER(collector), parse_collector },
	{ "stacks", 0, NULL, "mode exact: with whole stacks, not the call sites only",
	  MEMBER(stacks), parse_flag },
	{ "force", 0, NULL,
	  "mode exact: however much it costs; record: replace FILE when it exists", MEMBER(force),
	  parse_flag },
	{ "budget", 0, "PERCENT", "of one CPU, taken from the target at most (1%)",
	  MEMBER(budget_percent), parse_percent },
	{ "max-stall", 0, "TIME", "no exact window holds up the target for longer (5ms)",
	  MEMBER(max_stall_s), parse_seconds },
	{ "interval", 0, "TIME", "between two looks (1s)", MEMBER(interval_s), parse_seconds },
	{ "for", 0, "TIME", "observe for so long, then end", MEMBER(for_s), parse_seconds },
	{ "set-sampling-rate", 0, "BYTES", "WRITE the program's MemProfileRate; undone at the end",
	  MEMBER(rate_bytes), parse_rate },
	{ "cache", 0, "GLOB",
	  "count calls of these functions, of sync.Pool and sync.Map; repeatable", MEMBER(globs),
	  parse_texts },
	{ "verbose", 'v', NULL, "say more about what was found and chosen", MEMBER(verbose),
	  parse_flag },
	{ 0 },
};

const struct option_row show_options[] = {
	{ "by", 0, "GROUPING", "what makes a row (type): ", MEMBER(rows), parse_by },
	{ "value", 0, "VALUE", "what is counted: ", MEMBER(value), parse_value },
	{ "top", 0, "N", "rows at most (as many as fit; 20 in text and JSON)", MEMBER(top),
	  parse_count },
	{ "filter", 0, "REGEX", "only rows whose name or type matches", MEMBER(filter),
	  parse_text },
	{ "json", 0, NULL, "one JSON object per interval and line", MEMBER(json), parse_flag },
	{ "once", 0, NULL, "one text table (or JSON line) after one interval", MEMBER(once),
	  parse_flag },
	{ "no-color", 0, NULL, "no colours, as with NO_COLOR set", MEMBER(no_colour), parse_flag },
	{ 0 },
};

#define WINDOW_ROWS                                                                                \
	{ "from",                                                                                  \
	  0,                                                                                       \
	  "MOMENT",                                                                                \
	  "of a recording: 30s after its begin, -30s before its end, or 2026-11-24T07:30:00Z",     \
	  MEMBER(from),                                                                            \
	  parse_moment },                                                                          \
	{                                                                                          \
		"to", 0, "MOMENT", "the same (its end)", MEMBER(to), parse_moment                  \
	}

const struct option_row window_options[] = { WINDOW_ROWS, { 0 } };

const struct option_row replay_options[] = {
	{ "at", 0, "MOMENT", "of a recording: the table as it was then (its end)", MEMBER(at),
	  parse_moment },
	WINDOW_ROWS,
	{ 0 },
};

void settings_init(struct settings *settings)
{
	*settings = (struct settings){
		.budget_percent = 1,
		.interval_s = 1,
		.for_s = NAN,
		.max_stall_s = 0.005,
		.rows.by = grouping_find("type"),
		.value = VALUE_BY_DATA,
	};
}

/* A file, and options after it: argv[rest] stands in for the command's name meanwhile. */
static int parse_after_file(struct settings *settings, int argc, char **argv,
			    const struct option_row *const *tables, int *rest)
{
	char *file = argv[*rest];
	int more = 0, separated = 0, error;

	if (access(file, F_OK) < 0)
		return diag_fail(-EINVAL,
				 "unexpected '%s': there is no such file, and a command to start "
				 "stands after --",
				 file);
	settings->file = file;
	argv[*rest] = argv[0];
	error = options_parse(argc - *rest, argv + *rest, tables, settings, &more, &separated);
	argv[*rest] = file;
	*rest += more;
	return error;
}

static int check_target(const struct settings *settings)
{
	int kinds =
		(settings->pids.count > 0) + (settings->name != NULL) + (settings->command != NULL);

	if (settings->file)
		return settings->name || settings->command
			       ? diag_fail(-EINVAL,
					   "more than one kind of target: with a recording only "
					   "-p chooses")
			       : 0;
	if (kinds == 0)
		return diag_fail(-EINVAL, "no target: give -p PID, -n NAME or -- COMMAND");
	if (kinds > 1)
		return diag_fail(
			-EINVAL,
			"more than one kind of target: give one of -p PID, -n NAME, -- COMMAND");
	return 0;
}

static int check_mode(const struct settings *settings)
{
	if (settings->stacks && settings->collector != &collector_exact)
		return diag_fail(-EINVAL, "--stacks goes with --mode exact");
	return 0;
}

static int check_numbers(const struct settings *settings)
{
	if (settings->interval_s > 0 && settings->interval_s < 0.01)
		return diag_fail(-EINVAL, "--interval: at least 10ms");
	if (settings->interval_s == 0 && !settings->once)
		return diag_fail(-EINVAL, "--interval: 0 goes with --once only");
	if (settings->interval_s > 3600)
		return diag_fail(-EINVAL, "--interval: at most 1h");
	if (!(settings->max_stall_s > 0) || settings->max_stall_s > 1)
		return diag_fail(-EINVAL, "--max-stall: more than 0, at most 1s");
	if (settings->budget_percent > 100)
		return diag_fail(-EINVAL, "--budget: at most 100%% of one CPU");
	return 0;
}

int settings_parse(struct settings *settings, int argc, char **argv,
		   const struct option_row *const *tables)
{
	int rest, separated;

	if (options_parse(argc, argv, tables, settings, &rest, &separated) < 0)
		return -EINVAL;
	if (rest < argc && !separated && settings->takes_file &&
	    parse_after_file(settings, argc, argv, tables, &rest) < 0)
		return -EINVAL;
	if (rest < argc && !separated)
		return diag_fail(-EINVAL, "unexpected '%s' (a command to start stands after --)",
				 argv[rest]);
	if (separated && rest == argc)
		return diag_fail(-EINVAL, "no command after --");
	if (rest < argc)
		settings->command = argv + rest;
	diag_set_verbose(settings->verbose);
	if (check_target(settings) < 0 || check_mode(settings) < 0 || check_numbers(settings) < 0)
		return -EINVAL;
	return 0;
}
