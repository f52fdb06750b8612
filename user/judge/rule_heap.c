/*
 * The heap as a whole, by the runtime's own count: exact, where the sites' memory is sampled, so
 * that growth shows after fewer collections.
 */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"
#include "judge/growth.h"

#define SHARE_LEAST 0.05 /* of a site, to be named */

static void add_places(struct finding *finding, const struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].share > SHARE_LEAST)
			finding_place(finding, &table->rows[i], "bytes", table->rows[i].live.bytes,
				      table->rows[i].share);
}

static int fire(const struct rule *rule, const struct rule_context *context,
		const struct trend *trend, double median, struct findings *findings)
{
	const struct evidence *evidence = context->evidence;
	double more = growth_bytes(evidence, trend);
	struct finding *finding = findings_add(findings, rule);

	if (!finding)
		return -1;
	finding->weight = fmin(1, more / median);
	finding->certainty = CERTAINTY_LIKELY;
	finding_growth(finding, trend);
	finding_exact(finding, "heap_inuse_bytes", "bytes", median);
	if (evidence->last.has_live)
		add_places(finding, &context->sites_live);
	finding_seen(
		finding,
		"What collections leave has grown by %s in %s, which is %s an hour (95 %%: %s to "
		"%s)",
		number_bytes(more).text, number_clock(evidence->elapsed_s).text,
		number_bytes(trend->slope).text, number_bytes(trend->bounds.low).text,
		number_bytes(trend->bounds.high).text);
	return 0;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double median = evidence_median(evidence, "heap_inuse_bytes");
	struct trend trend;

	if (evidence_trend(evidence, "heap_inuse_bytes", TREND_BY_CYCLE, &trend) < 0)
		return RULE_FAILED;
	if (trend.points < TREND_POINTS_LEAST) {
		*ret_why =
			"fewer than six collections were seen: growth cannot be told from garbage";
		return RULE_BLIND;
	}
	if (!growth_matters(&growth_limits_process, evidence, &trend, median))
		return RULE_QUIET;
	return fire(rule, context, &trend, median, findings) < 0 ? RULE_FAILED : RULE_FIRED;
}

const struct rule rule_heap_growth = {
	.name = "heap_growth",
	.title = "The heap grows from collection to collection",
	.looks_at = "growth of the heap as a whole",
	.why = "It is bounded by the machine only, unless it is a cache that will be full one day.",
	.advice = "Look at these sites, the largest, for what is kept: an entry that is never "
		  "deleted, "
		  "a cache without a bound. In a longer observation the sites that grow are named "
		  "one "
		  "by one.",
	.judge = judge,
};
