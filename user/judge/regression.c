/* Relative growth out of shifts; everything that has to do with chance is the comparison's. */
#include "judge/regression.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* More time between two cycles is no regression, and of the longest pause there is no interval. */
static bool more_is_worse(const struct total *total)
{
	return strcmp(total->name, "gc_period") != 0 && !total->largest;
}

static enum limit_answer answer_of(const struct measure_test *test, const struct judged *judged,
				   enum change change)
{
	if (change == CHANGE_NEW)
		return test->bounds.low > 0 ? LIMIT_BROKEN : LIMIT_UNDECIDED;
	if (change == CHANGE_GROWN)
		return limit_answer_of(&judged->number, judged->most);
	return judged->number.value > judged->most ? LIMIT_UNDECIDED : LIMIT_KEPT;
}

static void judge(const struct measure_test *test, double p, enum change change,
		  struct judged *judged)
{
	double before = test->before.value;

	judged->unit = LIMIT_SHARE;
	judged->number = (struct finding_number){
		judged->name, "share", NAN, { NAN, NAN }, NUMBER_ESTIMATED,
	};
	if (test->shift == 0) {
		judged->number.value = 0;
		judged->number.bounds = (struct interval){ 0, 0 };
	} else if (before > 0) {
		judged->number.value = test->shift / before;
		judged->number.bounds =
			(struct interval){ test->bounds.low / before, test->bounds.high / before };
	}
	judged->answer = answer_of(test, judged, change);
	if (test->within_floor && judged->answer == LIMIT_UNDECIDED)
		snprintf(judged->why, sizeof(judged->why),
			 "differences of less than %s of it are not judged",
			 number_share(test->floor).text);
	else if (isnan(p) && judged->answer == LIMIT_UNDECIDED)
		snprintf(judged->why, sizeof(judged->why),
			 "too little was seen to tell it from "
			 "chance");
	else if (!isnan(p) && judged->answer != LIMIT_KEPT)
		snprintf(judged->why, sizeof(judged->why), "p %.2g", p);
}

static void add_place(struct judged *judged, const struct compared_row *row, const char *unit)
{
	if (judged->place_count < FINDING_PLACES)
		judged->places[judged->place_count++] = (struct finding_place){
			row->name, row->file, row->line, NULL, unit, row->test.shift, NAN,
		};
}

/* The rows that grew most, which are first. */
static void add_places(const struct comparison *comparison, struct judged *judged)
{
	size_t count;
	const struct compared *rows = comparison_rows(comparison, &count);

	for (size_t i = 0; i < count && rows[i].change != CHANGE_SAME; i++)
		if (rows[i].change == CHANGE_GROWN || rows[i].change == CHANGE_NEW)
			add_place(judged, &rows[i].row, comparison_row_unit(comparison));
}

static size_t judge_totals(const struct comparison *comparison, double most, struct judged *ret)
{
	size_t count, added = 0;
	const struct compared_total *totals = comparison_totals(comparison, &count);

	for (size_t i = 0; i < count; i++) {
		struct judged *judged = &ret[added];

		if (!more_is_worse(totals[i].total) || isnan(totals[i].test.shift))
			continue; /* not known of both sides: nothing to compare */
		*judged = (struct judged){ .name = totals[i].total->name, .most = most };
		judge(&totals[i].test, totals[i].p, totals[i].change, judged);
		if (judged->answer != LIMIT_KEPT)
			add_places(comparison, judged);
		added++;
	}
	return added;
}

static size_t judge_rows(const struct comparison *comparison, double most, struct judged *ret)
{
	size_t count;
	const struct compared *rows = comparison_rows(comparison, &count);

	for (size_t i = 0; i < count; i++) {
		ret[i] = (struct judged){ .name = rows[i].row.name, .most = most };
		judge(&rows[i].row.test, rows[i].p, rows[i].change, &ret[i]);
		add_place(&ret[i], &rows[i].row, comparison_row_unit(comparison));
	}
	return count;
}

static bool refuse_short(const struct comparison *comparison, double most, struct judged *ret)
{
	for (int side = 0; side < SIDES; side++) {
		const struct side *seen = comparison_side(comparison, side);

		if (seen->intervals >= MEASURE_FEWEST)
			continue;
		*ret = (struct judged){
			.name = "regression",
			.unit = LIMIT_SHARE,
			.most = most,
			.answer = LIMIT_REFUSED,
			.number = { "regression", "share", NAN, { NAN, NAN }, NUMBER_ESTIMATED },
		};
		snprintf(ret->why, sizeof(ret->why),
			 "%s has %llu intervals, %d are needed: observe for longer, with a shorter "
			 "--interval, or --runs",
			 side == BEFORE ? "the baseline" : "what is compared with it",
			 (unsigned long long)seen->intervals, MEASURE_FEWEST);
		return true;
	}
	return false;
}

int regression_judge(const struct comparison *comparison, double most, bool by_rows,
		     struct judged **ret, size_t *ret_count)
{
	size_t rows, total;
	struct judged *judged;

	comparison_rows(comparison, &rows);
	comparison_totals(comparison, &total);
	judged = calloc(total + rows + 1, sizeof(*judged));
	if (!judged)
		return -ENOMEM;
	*ret = judged;
	*ret_count = 1;
	if (refuse_short(comparison, most, judged))
		return 0;
	*ret_count = judge_totals(comparison, most, judged);
	if (by_rows)
		*ret_count += judge_rows(comparison, most, judged + *ret_count);
	return 0;
}
