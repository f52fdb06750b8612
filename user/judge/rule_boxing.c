/* Values that are allocated only because they are put into interfaces. */
#include "judge/allocation.h"
#include "model/boxing.h"

static bool is_boxed(const struct record *record)
{
	return boxing_stack(record->stack);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct allocation_verdict verdict = {
		.belongs = is_boxed,
		.share_least = context->thresholds->boxing_share,
		.bytes_per_s_least = 64.0 * 1024, /* less is no matter */
		.by_objects = true,
		.weight = 1,
		.what = "Values put into interfaces",
	};

	return allocation_judge(&verdict, rule, context, findings, ret_why);
}

const struct rule rule_boxing = {
	.name = "boxing",
	.title = "Much is allocated to put values into interfaces",
	.looks_at = "values that are allocated for interfaces",
	.why = "Each conversion of a value that is no pointer copies it to the heap; with a type "
	       "parameter or a concrete type it would stay where it is.",
	.advice = "At these lines, take a concrete type or a type parameter instead of any, or "
		  "convert once and keep the interface. top --by boxing says which types.",
	.judge = judge,
};
