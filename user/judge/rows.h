/*
 * The rows of both sides by what they are called: sites, types and so on, each with its value in
 * every interval. Lines are no part of a name, since they move when a source file is changed.
 * Memory is bounded by what was seen, not by the time: long recordings are kept in
 * ROWS_SPANS_MOST spans.
 */
#ifndef JUDGE_ROWS_H
#define JUDGE_ROWS_H

#include "judge/measure.h"
#include "model/table.h"

#define SIDES 2 /* before, after */

#define ROWS_SPANS_MOST 512

/* Samples of both sides together without which no row can be told from chance: (6, 0) is the first
 * pair of Poisson counts with p < 0.05. */
#define ROWS_SAMPLES_FEWEST 6

struct rows;

/* `value`: what is compared; the inuse values are states, the others rates. 0 or -ENOMEM. */
int rows_new(const struct grouping *grouping, enum value value, struct rows **ret);
void rows_free(struct rows *rows);

/* A snapshot of a side; `weight` as side_add gives it. Strings and stacks must live until
 * rows_free. 0, -ENOMEM, or -E2BIG beyond LIMIT_COMPARED_CELLS or LIMIT_COMPARED_ROWS. Silent. */
int rows_add(struct rows *rows, int side, const struct snapshot *snapshot, double weight);

struct compared_row {
	const char *name; /* of the rows */
	const char *file; /* of the newest record; "" when none */
	uint32_t line;
	struct measure_test test;
	uint64_t samples[SIDES];
	bool estimated; /* by samples or scaled windows (comparison_row_kind); else exact */
};

/* Whether the value is divided by time or calls; else it is a state. */
bool rows_are_rates(const struct rows *rows);
/* Of the rows' values: "bytes" and "count" of states, "bytes/s" and "objects/s"; `per_call`: of
 * rates divided by calls. */
const char *rows_unit(const struct rows *rows, bool per_call);

size_t rows_count(const struct rows *rows);
/* Compares row `index`; `floor` as of measure_compare. Rows with too few samples have p NAN. 0 or
 * -ENOMEM, silent. */
int rows_compare(const struct rows *rows, size_t index, double floor, struct compared_row *ret);

#endif
