/* A comparison with a baseline as limits: what grew by more than a share, for certain. */
#ifndef JUDGE_REGRESSION_H
#define JUDGE_REGRESSION_H

#include "judge/comparison.h"
#include "judge/limit.h"

/*
 * The totals of which more is worse and, with `by_rows`, every row; of a finished comparison, which
 * must outlive the result. Broken: significant after the correction, and the whole interval of the
 * growth above `most` (a share of what it was); NAN as a number: there was none before. Undecided:
 * above by its number only. Refused: the sides have too few intervals, which the first says alone.
 * *ret is malloced. 0 or -ENOMEM, silent.
 */
int regression_judge(const struct comparison *comparison, double most, bool by_rows,
		     struct judged **ret, size_t *ret_count);

#endif
