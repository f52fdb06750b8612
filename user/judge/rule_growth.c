/*
 * Sites whose live memory grows from collection to collection. A leak and a cache that is still
 * filling look alike at first: what tells them apart is whether the growth slows down, and whether
 * anything made there ever dies.
 */
#include "judge/rule.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "judge/growth.h"

#define ROWS_LOOKED_AT 50
#define SHARE_LEAST    0.01 /* of all that is alive: smaller sites are not asked */
#define P_LIMIT	       0.01 /* that any of those asked fires by chance (Bonferroni) */
#define GROWTH_LEAST   0.05 /* of the site's memory, over the observation: less is no matter */
#define DEAD_LEAST     0.05 /* of what was made: less is next to nothing */

/* What the row's records had alive when the observation began. */
static double live_at_first(const struct evidence *evidence, const struct row *row)
{
	const struct snapshot *first = &evidence->first;
	double objects = 0;

	for (size_t i = 0; i < row->record_count; i++)
		for (size_t j = 0; j < first->record_count; j++)
			if (first->records[j].id == row->records[i]->id)
				objects += first->records[j].live.objects;
	return objects;
}

/* Of the objects that were made in the observation, how many as many have died in it; NAN: not
 * known. */
static double dead_share(const struct evidence *evidence, const struct row *row)
{
	double made = row->begun.objects;

	if (!(made > 0) || !evidence->first.has_live || evidence->collector_changes)
		return NAN;
	return fmax(0, live_at_first(evidence, row) + made - row->live.objects) / made;
}

/* The second half grows slower than the first for sure. */
static int slows_down(const struct row_history *history, bool *ret)
{
	size_t half = history->count / 2;
	struct trend early, late;
	int error = trend_of(history->hours, history->bytes, half, &early);

	if (error == 0)
		error = trend_of(history->hours + half, history->bytes + half,
				 history->count - half, &late);
	*ret = error == 0 && late.bounds.high < early.bounds.low;
	return error;
}

static const char *fate(double dead, bool slowing)
{
	if (isnan(dead))
		return slowing ? " The growth slows down, as that of a cache that is filling." : "";
	if (dead >= DEAD_LEAST)
		return slowing ? " Part of what is made there dies, and the growth slows down: a "
				 "cache that is filling."
			       : " Part of what is made there dies: a cache that grows, or a queue "
				 "that is not drained.";
	return slowing ? " Next to nothing that was made there has died, but the growth slows "
			 "down: a cache that is still filling."
		       : " Next to nothing that was made there has died: that is how a leak "
			 "looks, or a cache that is still filling.";
}

static void describe(struct finding *finding, const struct row *row, const struct trend *trend,
		     const char *fate)
{
	int64_t age_ns = ages_median_ns(&row->ages);
	char age[96] = "";

	if (age_ns >= 0)
		snprintf(age, sizeof(age), " Half of those that died were younger than %s.",
			 number_duration((double)age_ns).text);
	finding_seen(finding,
		     "%s in use, growing by %s an hour (95 %%: %s to %s; %zu collections).%s%s",
		     number_bytes(row->live.bytes).text, number_bytes(trend->slope).text,
		     number_bytes(trend->bounds.low).text, number_bytes(trend->bounds.high).text,
		     trend->points, fate, age);
	if (age_ns >= 0)
		finding_statistic(finding, "age_at_death_p50_ns", "ns", (double)age_ns);
}

static int report(const struct rule *rule, const struct evidence *evidence, const struct row *row,
		  const struct row_history *history, const struct trend *trend,
		  struct findings *findings)
{
	double dead = dead_share(evidence, row);
	struct finding *finding;
	bool slowing;

	if (slows_down(history, &slowing) < 0)
		return -1;
	finding = findings_add(findings, rule);
	if (!finding)
		return -1;
	finding->weight = row->share;
	finding->certainty = CERTAINTY_LIKELY;
	finding_number(finding, "live_bytes", "bytes", row->live.bytes,
		       amount_interval(row->live.bytes, row->live.bytes_variance),
		       number_kind_of_mode(evidence->last.mode));
	finding_growth(finding, trend);
	if (!isnan(dead))
		finding_statistic(finding, "dead_share", "share", fmin(1, dead));
	finding_place(finding, row, "bytes", row->live.bytes, row->share);
	describe(finding, row, trend, fate(dead, slowing));
	return 0;
}

/* The first rows of the table, which is sorted, are those with the most. */
static size_t rows_asked(const struct table *table)
{
	size_t count = 0;

	while (count < table->count && count < ROWS_LOOKED_AT &&
	       table->rows[count].share > SHARE_LEAST)
		count++;
	return count;
}

static int judge_row(const struct rule *rule, const struct evidence *evidence,
		     const struct row *row, double p, struct findings *findings)
{
	const struct growth_limits limits = { .p = p, .share = GROWTH_LEAST };
	struct row_history history;
	struct trend trend;

	evidence_row_history(evidence, row, &history);
	if (trend_of(history.hours, history.bytes, history.count, &trend) < 0)
		return -1;
	if (!growth_matters(&limits, evidence, &trend, row->live.bytes))
		return 0;
	return report(rule, evidence, row, &history, &trend, findings) < 0 ? -1 : 1;
}

/* Why nothing could be told however it grew; NULL when it could. */
static const char *blindness(const struct evidence *evidence, double p)
{
	double hours[HISTORY_POINTS];
	size_t points = histories_times(evidence->histories, hours);

	if (!evidence->last.has_live)
		return "what is alive is not known in this mode";
	if (histories_left_out(evidence->histories))
		return "there are too many sites to follow each of them";
	if (points < TREND_POINTS_LEAST)
		return "fewer than six collections were seen: growth cannot be told from garbage";
	if (trend_least_p(points) >= p)
		return "too few collections were seen for so many sites: some site always grows "
		       "by chance";
	return NULL;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct table *table = &context->sites_live;
	size_t asked = rows_asked(table);
	double p = P_LIMIT / (double)(asked ? asked : 1);
	bool fired = false;

	*ret_why = blindness(context->evidence, p);
	if (*ret_why)
		return RULE_BLIND;
	for (size_t i = 0; i < asked; i++) {
		int result = judge_row(rule, context->evidence, &table->rows[i], p, findings);

		if (result < 0)
			return RULE_FAILED;
		fired |= result > 0;
	}
	return fired ? RULE_FIRED : RULE_QUIET;
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
