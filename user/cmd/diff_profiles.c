/* Two heap profiles by function, as `go tool pprof -diff_base BEFORE -top AFTER` compares them. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/diff.h"
#include "cmd/diff_rows.h"
#include "cmd/diff_text.h"
#include "export/pprof_read.h"
#include "judge/functions.h"
#include "judge/row_test.h"

DEFINE_CLEANUP(cleanup_paper, struct paper, paper_free)

struct profiles {
	struct profile_file *items[SIDES];
};

static void close_profiles(struct profiles *profiles)
{
	for (int side = 0; side < SIDES; side++)
		profile_file_close(profiles->items[side]);
}

static const struct paper_column columns[] = {
	{ "flat", "flat", true, 0 },	    { "flat%", "flat_percent", true, 0 },
	{ "cum", "cum", true, 0 },	    { "cum%", "cum_percent", true, 0 },
	{ "before", "before", true, 0 },    { NULL, "before_low", true, 0 },
	{ NULL, "before_high", true, 0 },   { "after", "after", true, 0 },
	{ NULL, "after_low", true, 0 },	    { NULL, "after_high", true, 0 },
	{ NULL, "flat_low", true, 0 },	    { NULL, "flat_high", true, 0 },
	{ "samples", NULL, true, 0 },	    { NULL, "before_samples", true, 0 },
	{ NULL, "after_samples", true, 0 }, { "p", "p", true, 0 },
	{ "kind", "kind", false, 0 },	    { NULL, "change", false, 0 },
	{ NULL, "file", false, 0 },	    { "function", "name", false, 100 },
};

static void add_percent(struct paper *paper, double value, double total)
{
	char text[32];
	double percent = total > 0 ? 100 * fabs(value) / total : 0;

	snprintf(text, sizeof(text), "%.2f%%", percent);
	paper_number(paper, percent, text);
}

static struct measure_side side_of(const struct amount *amount, enum value value)
{
	struct measure_side side = { .value = amount_value(amount, value), .n = 1 };

	side.variance = amount_variance(amount, value);
	side.bounds = amount_interval(side.value, side.variance);
	return side;
}

static void add_row(struct paper *paper, const struct function_row *row,
		    const struct function_table *table, enum value value)
{
	struct diff_unit unit = { value_is_bytes(value) ? TOTAL_BYTES : TOTAL_COUNT, "" };
	struct measure_side before = side_of(&row->flat[BEFORE], value);
	struct measure_side after = side_of(&row->flat[AFTER], value);
	struct interval bounds =
		difference_interval(before.value, before.bounds, after.value, after.bounds);
	bool sampled = before.variance > 0 || after.variance > 0;
	uint64_t before_samples = row->flat[BEFORE].samples,
		 after_samples = row->flat[AFTER].samples;
	char samples[48];

	snprintf(samples, sizeof(samples), "%llu+%llu", (unsigned long long)before_samples,
		 (unsigned long long)after_samples);
	paper_number(paper, row->flat_delta, diff_signed(row->flat_delta, &unit).text);
	add_percent(paper, row->flat_delta, table->total);
	paper_number(paper, row->cum_delta, diff_signed(row->cum_delta, &unit).text);
	add_percent(paper, row->cum_delta, table->total);
	diff_add_side(paper, &before, &unit);
	diff_add_side(paper, &after, &unit);
	paper_number(paper, bounds.low, "");
	paper_number(paper, bounds.high, "");
	paper_text(paper, samples);
	paper_number(paper, (double)before_samples, "");
	paper_number(paper, (double)after_samples, "");
	paper_number(paper, row->p, diff_p(row->p).text);
	paper_text(paper, number_kind_name(sampled ? NUMBER_SAMPLED : NUMBER_EXACT));
	paper_text(paper, change_name(row->change));
	paper_text(paper, row->file);
	paper_text(paper, row->name);
}

/* pprof leaves out what is nothing in both columns. */
static bool is_nothing(const struct function_row *row)
{
	return row->flat_delta == 0 && row->cum_delta == 0;
}

static void add_changes(struct paper *paper, const struct diff_settings *settings,
			const struct function_table *table, enum value value, enum change change)
{
	size_t shown = 0, count = 0;

	for (size_t i = 0; i < table->count; i++)
		count += table->rows[i].change == change;
	if (!count)
		return;
	paper_heading(paper, "%s: %zu functions, %s", change_name(change), count,
		      value_name(value));
	paper_table(paper, "rows", columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].change != change || (settings->top && shown == settings->top))
			continue;
		add_row(paper, &table->rows[i], table, value);
		shown++;
	}
	if (shown < count)
		paper_say(paper, "... smaller changes: %zu (--top 0 shows all)", count - shown);
}

/* All together and in pprof's order, whatever their significance. */
static void add_all(struct paper *paper, const struct diff_settings *settings,
		    const struct function_table *table, enum value value)
{
	size_t shown = 0;

	paper_heading(paper, "%s by function", value_name(value));
	paper_table(paper, "rows", columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < table->count; i++) {
		if (is_nothing(&table->rows[i]) || (settings->top && shown == settings->top))
			continue;
		add_row(paper, &table->rows[i], table, value);
		shown++;
	}
}

static void add_rows(struct paper *paper, const struct diff_settings *settings,
		     const struct function_table *table, enum value value)
{
	size_t same = 0;

	for (size_t i = 0; i < table->count; i++)
		same += table->rows[i].change == CHANGE_SAME;
	paper_fact_text(paper, "value", value_name(value));
	paper_fact_number(paper, "total", table->total);
	paper_fact_number(paper, "unchanged", (double)same);
	paper_table(paper, "rows", columns, sizeof(columns) / sizeof(columns[0]));
	if (settings->all) {
		add_all(paper, settings, table, value);
		return;
	}
	for (int change = 0; change < CHANGE_SAME; change++)
		add_changes(paper, settings, table, value, (enum change)change);
	if (same)
		paper_heading(paper,
			      "%zu functions without a change beyond what sampling makes (--all)",
			      same);
}

/* The value asked for, else the default of AFTER. */
static int choose_value(const struct diff_settings *settings, const struct profiles *profiles,
			enum value *ret)
{
	*ret = settings->value == VALUE_BY_DATA ? profile_file_default(profiles->items[AFTER])
						: (enum value)settings->value;
	for (int side = 0; side < SIDES; side++)
		if (!profile_file_has(profiles->items[side], *ret))
			return diag_fail(-EINVAL, "'%s' has no %s: choose another --value",
					 settings->sides[side].file, value_name(*ret));
	return 0;
}

static void describe(struct paper *paper, const struct diff_settings *settings,
		     const struct profiles *profiles)
{
	double before = profile_file_snapshot(profiles->items[BEFORE])->sampling_rate_bytes;
	double after = profile_file_snapshot(profiles->items[AFTER])->sampling_rate_bytes;

	paper_say(paper, "before: %s", settings->sides[BEFORE].file);
	paper_say(paper, "after:  %s", settings->sides[AFTER].file);
	paper_fact_text(paper, "before.file", settings->sides[BEFORE].file);
	paper_fact_text(paper, "after.file", settings->sides[AFTER].file);
	paper_fact_number(paper, "before.rate_bytes", before);
	paper_fact_number(paper, "after.rate_bytes", after);
	if (before != after && !isnan(before) && !isnan(after))
		paper_say(paper,
			  "note    the sampling rates differ: 1 per %.0f and 1 per %.0f bytes",
			  before, after);
	paper_say(paper, "note    a profile is one moment: p says whether sampling can make the "
			 "difference, not whether load did");
}

static int report(const struct diff_settings *settings, const struct profiles *profiles,
		  enum value value)
{
	CLEANUP(functions_clear) struct function_table table = { 0 };
	CLEANUP(cleanup_paper) struct paper *paper = NULL;
	int error = functions_compare(profile_file_snapshot(profiles->items[BEFORE]),
				      profile_file_snapshot(profiles->items[AFTER]), value, &table);

	if (error == 0)
		error = paper_new("heaptap.diff-profiles/1", &paper);
	if (error < 0)
		return diag_fail(error, "cannot compare");
	describe(paper, settings, profiles);
	add_rows(paper, settings, &table, value);
	return diff_print(settings, paper);
}

int diff_profiles(const struct diff_settings *settings)
{
	CLEANUP(close_profiles) struct profiles profiles = { 0 };
	enum value value = VALUE_INUSE_SPACE;
	int error = 0;

	for (int side = 0; error == 0 && side < SIDES; side++)
		error = profile_file_open(settings->sides[side].file, &profiles.items[side]);
	if (error == 0)
		error = choose_value(settings, &profiles, &value);
	if (error == 0)
		error = diff_write(settings, profile_file_snapshot(profiles.items[BEFORE]),
				   profile_file_snapshot(profiles.items[AFTER]), 1, true, value);
	return error < 0 ? error : report(settings, &profiles, value);
}
