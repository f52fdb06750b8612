/* Slices that are appended to until they have to be copied, again and again. */
#include "judge/allocation.h"

static bool is_regrown(const struct record *record)
{
	static const char *const growing[] = { "runtime.growslice", NULL };

	return record_passes(record, growing);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	static const struct allocation_verdict verdict = {
		.belongs = is_regrown,
		/* choices: every program appends, and half of what it does so is the last copy,
		 * which stays */
		.share_least = 0.25,
		.bytes_per_s_least = 1024.0 * 1024,
		.weight = 0.5,
		.what = "Slices that append has made because the one before was full",
	};

	return allocation_judge(&verdict, rule, context, findings, ret_why);
}

const struct rule rule_regrown = {
	.name = "slices_regrown",
	.title = "Slices are regrown again and again",
	.looks_at = "slices that append had to make anew",
	.why = "A slice that grows one by one is made anew again and again - twice as large at "
	       "first, by a quarter later -, and all but the last are garbage at once.",
	.advice =
		"Make the slice with the capacity that it will need, or keep it and set its length "
		"to 0.",
	.judge = judge,
};
