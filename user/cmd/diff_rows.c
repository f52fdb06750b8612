/* Tables of rows, one for each way of having changed. */
#include "cmd/diff_rows.h"

#include <stdio.h>
#include <string.h>

static const struct paper_column row_columns[] = {
	{ "before", "before", true, 0 },
	{ NULL, "before_low", true, 0 },
	{ NULL, "before_high", true, 0 },
	{ "after", "after", true, 0 },
	{ NULL, "after_low", true, 0 },
	{ NULL, "after_high", true, 0 },
	{ "delta", "delta", true, 0 },
	{ "95 % interval", NULL, true, 0 },
	{ NULL, "delta_low", true, 0 },
	{ NULL, "delta_high", true, 0 },
	{ "", NULL, true, 0 },
	{ "p", "p", true, 0 },
	{ NULL, "p_uncorrected", true, 0 },
	{ "samples", NULL, true, 0 },
	{ NULL, "before_samples", true, 0 },
	{ NULL, "after_samples", true, 0 },
	{ "kind", "kind", false, 0 },
	{ NULL, "change", false, 0 },
	{ NULL, "within_floor", true, 0 },
	{ "name", "name", false, 72 },
	{ "where", NULL, false, 32 },
	{ NULL, "file", false, 0 },
	{ NULL, "line", true, 0 },
};

static void add_interval(struct paper *paper, struct interval bounds, const struct diff_unit *unit)
{
	char text[208] = "-";

	if (bounds.low == bounds.low)
		snprintf(text, sizeof(text), "%s..%s", diff_signed(bounds.low, unit).text,
			 diff_signed(bounds.high, unit).text);
	paper_text(paper, text);
	paper_number(paper, bounds.low, "");
	paper_number(paper, bounds.high, "");
}

static void add_where(struct paper *paper, const struct compared_row *row)
{
	const char *slash = strrchr(row->file, '/');
	char text[256] = "";

	if (row->file[0])
		snprintf(text, sizeof(text), "%s:%u", slash ? slash + 1 : row->file, row->line);
	paper_text(paper, text);
	paper_text(paper, row->file);
	paper_number(paper, row->line, "");
}

static void add_row(struct paper *paper, const struct compared *compared,
		    const struct diff_unit *unit, enum number_kind kind)
{
	const struct compared_row *row = &compared->row;
	const struct measure_test *test = &row->test;
	char samples[48];

	snprintf(samples, sizeof(samples), "%llu+%llu", (unsigned long long)row->samples[BEFORE],
		 (unsigned long long)row->samples[AFTER]);
	diff_add_side(paper, &test->before, unit);
	diff_add_side(paper, &test->after, unit);
	paper_number(paper, test->shift, diff_signed(test->shift, unit).text);
	add_interval(paper, test->bounds, unit);
	paper_text(paper, diff_delta(test->before.value, test->after.value,
				     diff_mark(test, compared->change))
				  .text);
	paper_number(paper, compared->p, diff_p(compared->p).text);
	paper_number(paper, test->p, "");
	paper_text(paper, samples);
	paper_number(paper, (double)row->samples[BEFORE], "");
	paper_number(paper, (double)row->samples[AFTER], "");
	paper_text(paper, number_kind_name(row->estimated ? kind : NUMBER_EXACT));
	paper_text(paper, change_name(compared->change));
	paper_number(paper, test->within_floor, "");
	paper_text(paper, row->name);
	add_where(paper, row);
}

static void add_table(struct paper *paper, const struct diff_settings *settings,
		      const struct compared *rows, size_t count, const struct diff_unit *unit,
		      enum number_kind kind)
{
	size_t shown = settings->top && settings->top < count ? settings->top : count;

	paper_table(paper, "rows", row_columns, sizeof(row_columns) / sizeof(row_columns[0]));
	for (size_t i = 0; i < shown; i++)
		add_row(paper, &rows[i], unit, kind);
	if (shown < count)
		paper_say(paper, "... smaller changes: %zu (--top 0 shows all)", count - shown);
}

static const char *plural(size_t count)
{
	return count == 1 ? "row" : "rows";
}

void diff_add_rows(struct paper *paper, const struct diff_settings *settings,
		   const struct comparison *comparison, enum value value)
{
	struct diff_unit unit = { value_is_bytes(value) ? TOTAL_BYTES : TOTAL_COUNT,
				  value_is_inuse(value) ? ""
				  : settings->per	? "/call"
							: "/s" };
	const struct compared *rows;
	size_t count, counts[CHANGE_COUNT] = { 0 }, at = 0;

	rows = comparison_rows(comparison, &count);
	for (size_t i = 0; i < count; i++)
		counts[rows[i].change]++;
	paper_fact_text(paper, "by", diff_grouping(settings)->name);
	paper_fact_text(paper, "value", value_name(value));
	paper_fact_number(paper, "floor", settings->floor_percent / 100);
	paper_fact_number(paper, "unchanged", (double)counts[CHANGE_SAME]);
	paper_table(paper, "rows", row_columns, sizeof(row_columns) / sizeof(row_columns[0]));
	for (int change = 0; change < CHANGE_COUNT; at += counts[change], change++) {
		if (!counts[change])
			continue;
		if (change == CHANGE_SAME && !settings->all) {
			paper_heading(paper,
				      "%zu %s by %s without a significant change of more than "
				      "%g %% (--all)",
				      counts[change], plural(counts[change]),
				      diff_grouping(settings)->name, settings->floor_percent);
			continue;
		}
		paper_heading(paper, "%s: %zu %s by %s, %s", change_name((enum change)change),
			      counts[change], plural(counts[change]), diff_grouping(settings)->name,
			      value_name(value));
		add_table(paper, settings, rows + at, counts[change], &unit,
			  comparison_row_kind(comparison));
	}
	if (!count)
		paper_heading(paper, "no rows: what allocated is not known in these recordings");
}
