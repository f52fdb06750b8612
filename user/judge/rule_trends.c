/* Memory that is no heap and grows: goroutines with their stacks, and what is not Go's at all. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"

#define P_LIMIT	     0.01
#define GROWTH_LEAST 0.1		 /* of its median, over the observation */
#define BYTES_LEAST  (4.0 * 1024 * 1024) /* so much in all, over the observation */

struct growing {
	const char *metric; /* in bytes */
	const char *unknown;
};

static enum rule_answer judge_growth(const struct rule *rule, const struct growing *growing,
				     const struct rule_context *context, struct findings *findings,
				     const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double median = evidence_median(evidence, growing->metric), hours, more;
	struct finding *finding;
	struct trend trend;

	if (evidence_trend(evidence, growing->metric, &trend) < 0)
		return RULE_FAILED;
	if (isnan(median) || trend.points < TREND_POINTS_LEAST) {
		*ret_why = isnan(median)
				   ? growing->unknown
				   : "fewer than six collections or looks: no trend can be told";
		return RULE_BLIND;
	}
	hours = evidence->elapsed_s / 3600;
	more = trend.slope * hours;
	if (trend.p >= P_LIMIT || !(trend.bounds.low > 0) || more < BYTES_LEAST ||
	    more < GROWTH_LEAST * median)
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = fmin(1, more / evidence_median(evidence, "rss_total_bytes"));
	finding->certainty = CERTAINTY_LIKELY;
	finding_number(finding, "growth_bytes_per_hour", "bytes/h", trend.slope, trend.bounds,
		       NUMBER_ESTIMATED);
	finding_exact(finding, "bytes", "bytes", median);
	finding_exact(finding, "trend_p", "p", trend.p);
	finding_seen(finding, "%s, growing by %s an hour (95 %%: %s to %s)",
		     number_bytes(median).text, number_bytes(trend.slope).text,
		     number_bytes(trend.bounds.low).text, number_bytes(trend.bounds.high).text);
	return RULE_FIRED;
}

static enum rule_answer judge_stacks(const struct rule *rule, const struct rule_context *context,
				     struct findings *findings, const char **ret_why)
{
	static const struct growing stacks = { "memstats_stack_inuse",
					       "the size of goroutine stacks is not known" };

	return judge_growth(rule, &stacks, context, findings, ret_why);
}

static enum rule_answer judge_native(const struct rule *rule, const struct rule_context *context,
				     struct findings *findings, const char **ret_why)
{
	static const struct growing native = { "rss_native_bytes", "native memory was not read" };

	return judge_growth(rule, &native, context, findings, ret_why);
}

const struct rule rule_stacks_growing = {
	.name = "stacks_growing",
	.title = "Goroutine stacks grow",
	.looks_at = "the growth of goroutine stacks",
	.why = "Goroutines that never end keep their stacks and all that these point to.",
	.advice = "Look at the goroutine profile for what most of them wait for: a channel that "
		  "nobody "
		  "reads, a request without a timeout.",
	.judge = judge_stacks,
};

const struct rule rule_native_growing = {
	.name = "native_growing",
	.title = "Memory that is not Go's grows",
	.looks_at = "the growth of native memory",
	.why = "The collector knows nothing of it, and no Go profile shows it.",
	.advice = "Look at what cgo allocates and at who maps memory.",
	.judge = judge_native,
};
