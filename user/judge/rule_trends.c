/* Memory that is no heap and grows: goroutines with their stacks, and what is not Go's at all. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"
#include "judge/growth.h"

struct growing {
	const char *metric;  /* in bytes */
	const char *number;  /* its name in the finding */
	const char *subject; /* begins the sentence */
	enum trend_by by;
	const char *unknown, *too_few; /* why nothing can be told */
};

/* Of what is resident, else of what the runtime has from the system. */
static double weight_of(const struct evidence *evidence, double more)
{
	double rss = evidence_median(evidence, "rss_total_bytes");
	double whole = isnan(rss) ? evidence_median(evidence, "memstats_sys") : rss;

	return isnan(whole) ? 0 : fmin(1, more / whole);
}

static int fire(const struct rule *rule, const struct growing *growing, enum number_kind kind,
		const struct evidence *evidence, const struct trend *trend,
		struct findings *findings)
{
	double median = evidence_median(evidence, growing->metric);
	struct finding *finding = findings_add(findings, rule);

	if (!finding)
		return -1;
	finding->weight = weight_of(evidence, growth_bytes(evidence, trend));
	finding->certainty = CERTAINTY_LIKELY;
	finding_growth(finding, trend);
	if (kind == NUMBER_EXACT)
		finding_exact(finding, growing->number, "bytes", median);
	else
		finding_statistic(finding, growing->number, "bytes", median);
	finding_seen(finding,
		     "%s, %s in the median, has grown by %s in %s, which is %s an hour "
		     "(95 %%: %s to %s)",
		     growing->subject, number_bytes(median).text,
		     number_bytes(growth_bytes(evidence, trend)).text,
		     number_clock(evidence->elapsed_s).text, number_bytes(trend->slope).text,
		     number_bytes(trend->bounds.low).text, number_bytes(trend->bounds.high).text);
	return 0;
}

static enum rule_answer judge_growth(const struct rule *rule, const struct growing *growing,
				     enum number_kind kind, const struct rule_context *context,
				     struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double median = evidence_median(evidence, growing->metric);
	struct trend trend;

	if (evidence_trend(evidence, growing->metric, growing->by, &trend) < 0)
		return RULE_FAILED;
	if (isnan(median) || trend.points < TREND_POINTS_LEAST) {
		*ret_why = isnan(median) ? growing->unknown : growing->too_few;
		return RULE_BLIND;
	}
	if (!growth_matters(&growth_limits_process, evidence, &trend, median))
		return RULE_QUIET;
	return fire(rule, growing, kind, evidence, &trend, findings) < 0 ? RULE_FAILED : RULE_FIRED;
}

/* Collections shrink stacks and free those of goroutines that have ended. */
static enum rule_answer judge_stacks(const struct rule *rule, const struct rule_context *context,
				     struct findings *findings, const char **ret_why)
{
	static const struct growing stacks = {
		.metric = "memstats_stack_inuse",
		.number = "stack_inuse_bytes",
		.subject = "What goroutine stacks take",
		.by = TREND_BY_CYCLE,
		.unknown = "the size of goroutine stacks is not known",
		.too_few = "fewer than six collections were seen: no trend can be told",
	};

	return judge_growth(rule, &stacks, NUMBER_EXACT, context, findings, ret_why);
}

static enum rule_answer judge_native(const struct rule *rule, const struct rule_context *context,
				     struct findings *findings, const char **ret_why)
{
	static const struct growing native = {
		.metric = "rss_native_bytes",
		.number = "native_bytes",
		.subject = "Memory that is not Go's",
		.by = TREND_BY_SAMPLE,
		.unknown = "native memory was not read",
		.too_few = "fewer than six looks: no trend can be told",
	};
	bool named = context->evidence->last.rss.named;

	return judge_growth(rule, &native, named ? NUMBER_EXACT : NUMBER_ESTIMATED, context,
			    findings, ret_why);
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
