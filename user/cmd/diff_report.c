/*
 * The report on two recordings: what they are and what is wrong with them, the totals, then the
 * rows that have changed, by how they have changed.
 */
#include "cmd/diff_report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/diff_rows.h"
#include "cmd/diff_text.h"
#include "cmd/recorded.h"
#include "base/number.h"
#include "model/statistics.h"

DEFINE_CLEANUP(cleanup_paper, struct paper, paper_free)

static const char *const side_names[SIDES] = { "before", "after" };
static const char *const side_titles[SIDES] = { "before:", "after: " };

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

static void add_fact_number(struct paper *paper, int side, const char *name, double number)
{
	char path[96];

	snprintf(path, sizeof(path), "%s.%s", side_names[side], name);
	paper_fact_number(paper, path, number);
}

static void add_fact_text(struct paper *paper, int side, const char *name, const char *text)
{
	char path[96];

	snprintf(path, sizeof(path), "%s.%s", side_names[side], name);
	paper_fact_text(paper, path, text);
}

static const char *modes_of(const struct side *side, char *text, size_t size)
{
	text[0] = 0;
	for (int mode = 0; mode < MODE_COUNT; mode++) {
		if (!side->modes[mode])
			continue;
		strncat(text, text[0] ? "+" : "", size - strlen(text) - 1);
		strncat(text, mode_name((enum mode)mode), size - strlen(text) - 1);
	}
	return text;
}

static void describe_side(struct paper *paper, int index, const struct diff_settings *settings,
			  const struct side *side)
{
	char modes[64];

	modes_of(side, modes, sizeof(modes));
	paper_say(paper, "%s %s: %s, %s, %s from %s, %" PRIu64 " intervals, %s", side_titles[index],
		  settings->sides[index].file, or_unknown(side->comm), or_unknown(side->go_version),
		  number_clock(side->seconds).text, moment_text(side->first_unix_ns).text,
		  side->intervals, modes);
	add_fact_text(paper, index, "file", settings->sides[index].file);
	add_fact_text(paper, index, "comm", side->comm);
	add_fact_text(paper, index, "go_version", side->go_version);
	add_fact_text(paper, index, "mode", modes);
	add_fact_number(paper, index, "intervals", (double)side->intervals);
	add_fact_number(paper, index, "seconds", side->seconds);
	add_fact_number(paper, index, "gaps", (double)side->gaps);
	add_fact_number(paper, index, "from_unix_ns", (double)side->first_unix_ns);
	add_fact_number(paper, index, "to_unix_ns", (double)side->last_unix_ns);
	if (!settings->per)
		return;
	if (side->calls_deviation > 0)
		paper_say(paper, "        about %s calls of %s, give or take %s",
			  number_count(side->calls).text, settings->per,
			  number_share(STATISTICS_Z95 * side_calls_share(side)).text);
	else
		paper_say(paper, "        %s calls of %s", number_count(side->calls).text,
			  settings->per);
	add_fact_number(paper, index, "calls", side->calls);
	add_fact_number(paper, index, "calls_deviation", side->calls_deviation);
}

static void describe_losses(struct paper *paper, int index, const struct side *side)
{
	uint64_t all = 0;

	for (int loss = 0; loss < LOSS_COUNT; loss++) {
		char name[64];

		if (!side->losses[loss])
			continue;
		paper_say(paper, "LOST    %s: %" PRIu64 " %s", side_names[index],
			  side->losses[loss], loss_meaning((enum loss)loss));
		snprintf(name, sizeof(name), "losses.%s", loss_key((enum loss)loss));
		add_fact_number(paper, index, name, (double)side->losses[loss]);
		all += side->losses[loss];
	}
	add_fact_number(paper, index, "losses.all", (double)all);
}

static void describe_trouble(struct paper *paper, int index, const struct side *side)
{
	if (side->note)
		paper_say(paper, "note    %s: %s", side_names[index], side->note);
	if (side->gaps)
		paper_say(paper, "note    %s: %" PRIu64 " gaps, in which nobody looked",
			  side_names[index], side->gaps);
	if (side->intervals < MEASURE_FEWEST)
		paper_say(paper,
			  "note    %s: too short to judge: %" PRIu64
			  " usable intervals, and %d are the least",
			  side_names[index], side->intervals, MEASURE_FEWEST);
	describe_losses(paper, index, side);
}

static bool differs(const char *before, const char *after)
{
	return before && after && strcmp(before, after) != 0;
}

static void describe_pair(struct paper *paper, const struct side *before, const struct side *after)
{
	if (differs(before->comm, after->comm))
		paper_say(paper, "note    these are different programs: %s and %s", before->comm,
			  after->comm);
	if (differs(before->go_version, after->go_version))
		paper_say(paper, "note    these are different versions of Go: %s and %s",
			  before->go_version, after->go_version);
	if (memcmp(before->modes, after->modes, sizeof(before->modes)) != 0)
		paper_say(paper, "note    rows were got in different ways: what one of them "
				 "cannot see looks new or gone");
	if (before->sampling_rate_bytes != after->sampling_rate_bytes &&
	    !isnan(before->sampling_rate_bytes) && !isnan(after->sampling_rate_bytes))
		paper_say(paper, "note    different sampling rates: 1 per %s and 1 per %s",
			  number_bytes(before->sampling_rate_bytes).text,
			  number_bytes(after->sampling_rate_bytes).text);
}

static void describe(struct paper *paper, const struct diff_settings *settings,
		     const struct comparison *comparison)
{
	const struct side *before = comparison_side(comparison, BEFORE);
	const struct side *after = comparison_side(comparison, AFTER);

	paper_fact_text(paper, "per", settings->per);
	for (int side = 0; side < SIDES; side++)
		describe_side(paper, side, settings, comparison_side(comparison, side));
	describe_pair(paper, before, after);
	for (int side = 0; side < SIDES; side++)
		describe_trouble(paper, side, comparison_side(comparison, side));
}

static const struct paper_column total_columns[] = {
	{ NULL, "name", false, 0 },	    { "total", NULL, false, 0 },
	{ "before", "before", true, 0 },    { NULL, "before_low", true, 0 },
	{ NULL, "before_high", true, 0 },   { "after", "after", true, 0 },
	{ NULL, "after_low", true, 0 },	    { NULL, "after_high", true, 0 },
	{ "delta", "delta", true, 0 },	    { NULL, "delta_low", true, 0 },
	{ NULL, "delta_high", true, 0 },    { "p", "p", true, 0 },
	{ NULL, "p_uncorrected", true, 0 }, { "n", NULL, true, 0 },
	{ NULL, "before_n", true, 0 },	    { NULL, "after_n", true, 0 },
	{ "floor", "floor", true, 0 },	    { "kind", "kind", false, 0 },
	{ NULL, "change", false, 0 },	    { NULL, "within_floor", true, 0 },
	{ NULL, "slow", true, 0 },
};

void diff_add_side(struct paper *paper, const struct measure_side *side,
		   const struct diff_unit *unit)
{
	paper_number(paper, side->value, diff_estimate(side->value, side->bounds, unit).text);
	paper_number(paper, side->bounds.low, "");
	paper_number(paper, side->bounds.high, "");
}

static void add_total(struct paper *paper, const struct compared_total *compared,
		      enum number_kind kind, const char *per)
{
	const struct total *total = compared->total;
	const struct measure_test *test = &compared->test;
	struct diff_unit unit = { total->unit, total->rate ? per : "" };
	char n[32];

	snprintf(n, sizeof(n), "%zu+%zu", test->before.n, test->after.n);
	paper_text(paper, total->name);
	paper_text(paper, total->title);
	diff_add_side(paper, &test->before, &unit);
	diff_add_side(paper, &test->after, &unit);
	paper_number(
		paper, test->shift,
		diff_delta(test->before.value, test->after.value, diff_mark(test, compared->change))
			.text);
	paper_number(paper, test->bounds.low, "");
	paper_number(paper, test->bounds.high, "");
	paper_number(paper, compared->p, diff_p(compared->p).text);
	paper_number(paper, test->p, "");
	paper_text(paper, n);
	paper_number(paper, (double)test->before.n, "");
	paper_number(paper, (double)test->after.n, "");
	paper_number(paper, test->floor, number_share(test->floor).text);
	paper_text(paper, number_kind_name(kind));
	paper_text(paper, change_name(compared->change));
	paper_number(paper, test->within_floor, "");
	paper_number(paper, test->slow, "");
}

static void add_totals(struct paper *paper, const struct comparison *comparison, const char *per)
{
	const struct compared_total *totals;
	size_t count;

	totals = comparison_totals(comparison, &count);
	paper_heading(paper, "totals: median (type metadata: mean) and 95 %% interval; p: that all "
			     "of it is chance or "
			     "within the floor");
	paper_table(paper, "totals", total_columns,
		    sizeof(total_columns) / sizeof(total_columns[0]));
	for (size_t i = 0; i < count; i++)
		if (totals[i].test.before.n || totals[i].test.after.n)
			add_total(paper, &totals[i], comparison_kind(comparison, totals[i].total),
				  per);
}

int diff_report(const struct diff_settings *settings, const struct comparison *comparison,
		enum value value)
{
	CLEANUP(cleanup_paper) struct paper *paper = NULL;
	const char *per = settings->per ? "/call" : "/s";

	if (paper_new("heaptap.diff/1", &paper) < 0)
		return diag_fail(-ENOMEM, "cannot report");
	describe(paper, settings, comparison);
	add_totals(paper, comparison, per);
	diff_add_rows(paper, settings, comparison, value);
	return diff_print(settings, paper);
}
