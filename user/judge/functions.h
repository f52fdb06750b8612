/*
 * Two profiles by function, as `go tool pprof -diff_base BEFORE -top AFTER` has them: flat is what
 * the function itself allocated, cum what it and all that it called did, each sample once however
 * often the function is on its stack.
 */
#ifndef JUDGE_FUNCTIONS_H
#define JUDGE_FUNCTIONS_H

#include "judge/comparison.h"

struct function_row {
	const char *name, *file; /* borrowed from the snapshots */
	struct amount flat[SIDES];
	double cum[SIDES];
	double flat_delta, cum_delta;
	double p; /* of flat: that sampling alone makes such a difference; Holm's correction over
		     all rows; NAN: too few samples */
	enum change change;
};

struct function_table {
	struct function_row *rows; /* by how much flat changed, then by name: pprof's order */
	size_t count;
	double total; /* what percentages are of: all of BEFORE, or of AFTER where that is nothing
		       */
};

/* Rows in which neither changed are left out when nothing is on either side. 0, -ENOMEM or -E2BIG
 * (LIMIT_COMPARED_ROWS), silent. */
int functions_compare(const struct snapshot *before, const struct snapshot *after, enum value value,
		      struct function_table *ret);
void functions_clear(struct function_table *table);

#endif
