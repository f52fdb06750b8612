/* Objects too large for the size classes: each is a span of its own. */
#include "judge/allocation.h"

#define LARGE_BYTES 32768 /* the largest size class; runtime/sizeclasses.go */

static bool is_large(const struct record *record)
{
	return record->object_bytes > LARGE_BYTES;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	static const struct allocation_verdict verdict = {
		.belongs = is_large,
		/* choices: what many servers have in buffers is less, and what a CPU zeroes in a
		 * few milliseconds is no matter */
		.share_least = 0.3,
		.bytes_per_s_least = 10.0 * 1024 * 1024,
		.weight = 0.5,
		.what = "Objects above 32 KiB",
	};

	return allocation_judge(&verdict, rule, context, findings, ret_why);
}

const struct rule rule_large = {
	.name = "large_objects",
	.title = "Large objects are allocated all the time",
	.looks_at = "objects above 32 KiB",
	.why = "Each of them takes a span of its own from the heap's lock, is zeroed as a whole, "
	       "and "
	       "brings the next collection nearer by its size.",
	.advice = "Keep such buffers and use them again (sync.Pool, a ring of them), or work in "
		  "pieces.",
	.judge = judge,
};
