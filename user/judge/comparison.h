/*
 * Two recordings side by side: totals, then rows, each with what it was, what it is, and whether
 * the difference is more than chance. The p-values are corrected for how many totals, and how
 * many rows there are (Holm), and for these being two families, so that a comparison of what is the
 * same finds anything in 5 of 100 cases at most.
 */
#ifndef JUDGE_COMPARISON_H
#define JUDGE_COMPARISON_H

#include "judge/rows.h"
#include "judge/side.h"
#include "judge/totals.h"

#define BEFORE 0
#define AFTER  1

#define SIGNIFICANT 0.05 /* of the corrected p */

enum change {
	CHANGE_GROWN,
	CHANGE_SHRUNK,
	CHANGE_NEW,  /* there was none before */
	CHANGE_GONE, /* there is none after */
	CHANGE_SAME, /* no significant difference */
	CHANGE_COUNT
};
const char *change_name(enum change change); /* "grown", ... */

struct compared_total {
	const struct total *total;
	struct measure_test test;
	double p; /* corrected; NAN: too little to tell */
	enum change change;
};

struct compared {
	struct compared_row row;
	double p; /* corrected */
	enum change change;
};

struct comparison;

/* `per`: the function whose calls rates are divided by, NULL for seconds. `floor`: the share below
 * which a difference is none (measure_compare). Borrows all of them. 0 or -ENOMEM, silent. */
int comparison_new(const struct grouping *grouping, enum value value, const char *per, double floor,
		   struct comparison **ret);
void comparison_free(struct comparison *comparison);

/* The next snapshot of BEFORE or AFTER; its strings and stacks must live as long as the comparison.
 * Errors as of rows_add. */
int comparison_add(struct comparison *comparison, int side, const struct snapshot *snapshot);

/* After the last snapshot: 0 or -ENOMEM, silent. */
int comparison_finish(struct comparison *comparison);

/* What it is about. */
const struct side *comparison_side(const struct comparison *comparison, int side);
/* What a total is; what a row is that is estimated. */
enum number_kind comparison_kind(const struct comparison *comparison, const struct total *total);
enum number_kind comparison_row_kind(const struct comparison *comparison);
const struct compared_total *comparison_totals(const struct comparison *comparison,
					       size_t *ret_count);
/* Of the rows' values: rows_unit. */
const char *comparison_row_unit(const struct comparison *comparison);
/* By change, then by how large the difference is, the largest first. */
const struct compared *comparison_rows(const struct comparison *comparison, size_t *ret_count);

#endif
