/* heaptap diff: two recordings, or two heap profiles, side by side. */
#include "cmd/diff.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/output_file.h"
#include "cmd/status.h"
#include "cmd/write_profile.h"
#include "command.h"

#define MEMBER(member) offsetof(struct diff_settings, member)

static const struct option_row diff_options[] = {
	{ "by", 0, "GROUPING", "rows: site, type, package or generic (site)", MEMBER(by),
	  parse_grouping },
	{ "value", 0, "VALUE", "of rows: alloc_space, alloc_objects, inuse_space, ...",
	  MEMBER(value), parse_value },
	{ "per", 0, "FUNCTION", "divide by its calls (recorded with --cache), not by seconds",
	  MEMBER(per), parse_text },
	{ "floor", 0, "PERCENT",
	  "changes below are none (1%; 5 times that of RSS and heap, 7 of GC times)",
	  MEMBER(floor_percent), parse_percent },
	{ "all", 0, NULL, "also the rows without a significant change", MEMBER(all), parse_flag },
	{ "top", 0, "N", "rows of each kind at most (20; 0: all)", MEMBER(top), parse_count },
	{ "from", 0, "MOMENT", "of both recordings: 30s after the begin, -30s before the end, ...",
	  MEMBER(from), parse_moment },
	{ "to", 0, "MOMENT", "the same (their ends)", MEMBER(to), parse_moment },
	{ "before-from", 0, "MOMENT", "of BEFORE only", MEMBER(sides[BEFORE].from), parse_moment },
	{ "before-to", 0, "MOMENT", "the same", MEMBER(sides[BEFORE].to), parse_moment },
	{ "before-pid", 0, "PID", "which process of BEFORE", MEMBER(sides[BEFORE].pids),
	  parse_pids },
	{ "after-from", 0, "MOMENT", "of AFTER only", MEMBER(sides[AFTER].from), parse_moment },
	{ "after-to", 0, "MOMENT", "the same", MEMBER(sides[AFTER].to), parse_moment },
	{ "after-pid", 0, "PID", "which process of AFTER", MEMBER(sides[AFTER].pids), parse_pids },
	{ "output", 'o', "FILE", "a differential flame graph (.html) or profile (.pb.gz)",
	  MEMBER(output), parse_text },
	{ "format", 0, "FORMAT", "html or pprof, else told from FILE's ending", MEMBER(format),
	  parse_text },
	{ "json", 0, NULL, "one JSON object", MEMBER(json), parse_flag },
	{ "markdown", 0, NULL, "tables in Markdown", MEMBER(markdown), parse_flag },
	{ 0 },
};

static const struct option_row *const tables[] = { diff_options, NULL };

/* Files may stand before, between and after the options. */
static int parse(struct diff_settings *settings, int argc, char **argv)
{
	int files = 0, rest, separated;

	for (;;) {
		char *file;

		if (options_parse(argc, argv, tables, settings, &rest, &separated) < 0)
			return -EINVAL;
		if (rest >= argc)
			break;
		file = argv[rest];
		if (files == SIDES)
			return diag_fail(-EINVAL, "unexpected '%s': two files are compared", file);
		settings->sides[files++].file = file;
		argv[rest] = argv[0];
		argc -= rest;
		argv += rest;
	}
	return files == SIDES ? 0
			      : diag_fail(-EINVAL, "two files are compared: heaptap diff BEFORE "
						   "AFTER");
}

static void share_window(struct diff_settings *settings)
{
	for (int side = 0; side < SIDES; side++) {
		struct settings *own = &settings->sides[side];

		own->from = own->from.kind == MOMENT_NONE ? settings->from : own->from;
		own->to = own->to.kind == MOMENT_NONE ? settings->to : own->to;
	}
}

static int choose_format(struct diff_settings *settings)
{
	if (!settings->output)
		return settings->format ? diag_fail(-EINVAL, "--format goes with -o FILE") : 0;
	settings->exporter = exporter_find(settings->format, settings->output);
	if (!settings->exporter || !settings->exporter->differential)
		return diag_fail(-EINVAL, "a differential flame graph is .html or .pb.gz, not '%s'",
				 settings->format ? settings->format : settings->output);
	return 0;
}

enum kind { KIND_RECORDING, KIND_PROFILE };

/* By the first bytes. What is neither is left to the reader of recordings to refuse. */
static int find_kind(const char *path, enum kind *ret)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	unsigned char magic[2] = { 0 };

	if (!file)
		return diag_fail(-errno, "cannot read '%s'", path);
	*ret = fread(magic, 1, sizeof(magic), file) == sizeof(magic) && magic[0] == 0x1f &&
			       magic[1] == 0x8b
		       ? KIND_PROFILE
		       : KIND_RECORDING;
	return 0;
}

/* A profile is one moment, by function. */
static int check_profiles(const struct diff_settings *settings)
{
	bool window = settings->per != NULL;

	for (int side = 0; side < SIDES; side++)
		window |= settings->sides[side].from.kind != MOMENT_NONE ||
			  settings->sides[side].to.kind != MOMENT_NONE ||
			  settings->sides[side].pids.count > 0;
	if (window)
		return diag_fail(-EINVAL,
				 "a profile has no times, processes or calls to choose from: "
				 "--from, --to, --before-..., --after-... and --per are for "
				 "recordings");
	if (settings->by)
		return diag_fail(-EINVAL, "the rows of profiles are functions: --by is for "
					  "recordings");
	return 0;
}

static int check_pair(const struct diff_settings *settings, const enum kind kinds[SIDES])
{
	int profile = kinds[BEFORE] == KIND_PROFILE ? BEFORE : AFTER;

	if (kinds[BEFORE] != kinds[AFTER])
		return diag_fail(-EINVAL,
				 "'%s' is a profile and '%s' is none: two of the same kind are "
				 "compared",
				 settings->sides[profile].file, settings->sides[!profile].file);
	return kinds[BEFORE] == KIND_PROFILE ? check_profiles(settings) : 0;
}

int diff_print(const struct diff_settings *settings, const struct paper *paper)
{
	enum paper_form form = settings->json	    ? PAPER_JSON
			       : settings->markdown ? PAPER_MARKDOWN
						    : PAPER_TEXT;
	struct output_file output;
	int error;

	if (settings->output && !strcmp(settings->output, "-"))
		return 0;
	error = output_open("-", &output);
	return error < 0 ? error : output_close(&output, paper_write(paper, form, output.file));
}

int diff_write(const struct diff_settings *settings, const struct snapshot *before,
	       const struct snapshot *after, double scale, bool from_start, enum value value)
{
	struct snapshot shown = *after; /* borrows what it points at */
	struct export_options options = { .value = value,
					  .from_start = from_start,
					  .title = after->comm,
					  .base = before,
					  .base_scale = scale };

	if (!settings->output)
		return 0;
	/* what is known of one side only is no difference */
	shown.has_live = after->has_live && before->has_live;
	return write_profile(settings->output, settings->exporter, &shown, &options);
}

static enum status diff_run(int argc, char **argv)
{
	struct diff_settings settings = { .value = VALUE_BY_DATA, .floor_percent = 1, .top = 20 };
	enum kind kinds[SIDES] = { KIND_RECORDING, KIND_RECORDING };
	int error;

	settings_init(&settings.sides[BEFORE]);
	settings_init(&settings.sides[AFTER]);
	if (parse(&settings, argc, argv) < 0 || choose_format(&settings) < 0)
		return STATUS_USAGE;
	share_window(&settings);
	error = find_kind(settings.sides[BEFORE].file, &kinds[BEFORE]);
	if (error == 0)
		error = find_kind(settings.sides[AFTER].file, &kinds[AFTER]);
	if (error == 0 && check_pair(&settings, kinds) < 0)
		return STATUS_USAGE;
	if (error == 0 && settings.output)
		error = output_check(settings.output);
	if (error == 0)
		error = kinds[BEFORE] == KIND_PROFILE ? diff_profiles(&settings)
						      : diff_recordings(&settings);
	return status_of(error);
}

static void diff_help(void)
{
	options_help(stdout, tables);
	printf("\nRecordings are compared interval by interval, by ranks, after as many intervals "
	       "were put\ntogether as their autocorrelation asks for: n is what is left. p is "
	       "corrected for the number\nof comparisons (Holm). '=' marks what is no more than "
	       "the floor, however sure it is, '~' what\nchance explains, '?' what is too little "
	       "to "
	       "tell. Profiles (.pb.gz of any Go program) have no\nintervals: rows are flat "
	       "values, as 'go tool pprof -diff_base BEFORE -top AFTER' has them, and\np is about "
	       "sampling only.\n");
}

const struct command command_diff = {
	.name = "diff",
	.synopsis = "[OPTION...] BEFORE AFTER",
	.summary = "what has changed between two recordings or profiles, and how sure that is",
	.run = diff_run,
	.help = diff_help,
};
