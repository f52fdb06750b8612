/*
 * Sites whose live memory grows from collection to collection. A leak and a cache that is still
 * filling look alike at first: what tells them apart is whether the growth slows down, and whether
 * anything made there ever dies.
 */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"

#define ROWS_LOOKED_AT 50
#define P_LIMIT	       0.01 /* fifty rows are asked; Bonferroni, on what is seen at all */
#define GROWTH_LEAST   0.05 /* of the site's memory, over the observation: less is no matter */
#define SHARE_LEAST    0.01 /* of all that is alive */

static const char *fate(const struct row *row)
{
	double made = row->begun.objects, kept = row->live.objects;

	if (made <= 0)
		return "";
	return kept >= 0.95 * made ? " Next to nothing that was made there has died: that is how a "
				     "leak looks, or a cache that is still filling."
				   : " Part of what is made there dies: a cache that grows, or a "
				     "queue that is not drained.";
}

static bool grows(const struct trend *trend, const struct row *row, double hours)
{
	return trend->p < P_LIMIT / ROWS_LOOKED_AT * 10 && trend->bounds.low > 0 &&
	       trend->slope * hours > GROWTH_LEAST * row->live.bytes && row->share > SHARE_LEAST;
}

static int report(const struct rule *rule, const struct rule_context *context,
		  const struct row *row, const struct trend *trend, struct findings *findings)
{
	struct finding *finding = findings_add(findings, rule);
	enum number_kind kind = number_kind_of_mode(context->evidence->last.mode);
	int64_t age_ns = ages_median_ns(&row->ages);

	if (!finding)
		return -1;
	finding->weight = row->share;
	finding->certainty = CERTAINTY_LIKELY;
	finding_number(finding, "live_bytes", "bytes", row->live.bytes,
		       amount_interval(row->live.bytes, row->live.bytes_variance), kind);
	finding_number(finding, "growth_bytes_per_hour", "bytes/h", trend->slope, trend->bounds,
		       NUMBER_ESTIMATED);
	finding_exact(finding, "trend_p", "p", trend->p);
	if (age_ns >= 0)
		finding_number(finding, "age_at_death_p50_ns", "ns", (double)age_ns,
			       (struct interval){ NAN, NAN }, kind);
	finding_place(finding, row, row->live.bytes, row->share);
	finding_seen(finding,
		     "%s in use, growing by %s an hour (95 %%: %s to %s; %zu collections).%s",
		     number_bytes(row->live.bytes).text, number_bytes(trend->slope).text,
		     number_bytes(trend->bounds.low).text, number_bytes(trend->bounds.high).text,
		     trend->points, fate(row));
	return 0;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	const struct table *table = &context->sites_live;
	bool looked = false, fired = false;

	if (!evidence->last.has_live) {
		*ret_why = "what is alive is not known in this mode";
		return RULE_BLIND;
	}
	for (size_t i = 0; i < table->count && i < ROWS_LOOKED_AT; i++) {
		const struct row *row = &table->rows[i];
		struct trend trend;

		if (evidence_row_trend(evidence, row, &trend) < 0)
			return RULE_FAILED;
		looked |= trend.points >= TREND_POINTS_LEAST;
		if (!grows(&trend, row, evidence->elapsed_s / 3600))
			continue;
		if (report(rule, context, row, &trend, findings) < 0)
			return RULE_FAILED;
		fired = true;
	}
	*ret_why = "fewer than six collections were seen: growth cannot be told from garbage";
	return fired ? RULE_FIRED : looked || !table->count ? RULE_QUIET : RULE_BLIND;
}

const struct rule rule_steady_growth = {
	.name = "steady_growth",
	.title = "Memory that only grows",
	.looks_at = "growth of what is in use, by site, from collection to collection",
	.why = "What the collector cannot free grows until the process is out of memory, and each "
	       "collection has more to go through.",
	.advice =
		"Look at who holds these objects: a map that is never deleted from, a slice that "
		"is "
		"only appended to, goroutines that never end. Bound the cache or give its entries "
		"an age.",
	.judge = judge,
};
