/* A sync.Pool that gives nothing back: each Get has to make a new object. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"
#include "model/share.h"

#define GETS_LEAST  1000.0 /* a pool that is being filled misses, too */
#define SHARE_LEAST 0.9	   /* of the Gets; a choice: "never", but for those by chance */

static int fire(const struct rule *rule, const struct rule_context *context,
		const struct cache_pool *pool, const struct share *misses,
		struct findings *findings)
{
	struct finding *finding = findings_add(findings, rule);
	double seconds = context->evidence->last.elapsed_s; /* that its calls were counted in */

	if (!finding)
		return -1;
	finding->weight = 0.1 * misses->value;
	finding->certainty = CERTAINTY_SURE;
	finding_number(finding, "miss_share", "share", misses->value, misses->bounds,
		       pool->estimated ? NUMBER_ESTIMATED : NUMBER_EXACT);
	finding_number(finding, "gets_per_s", "calls/s", pool->gets.begun.objects / seconds,
		       amount_interval(pool->gets.begun.objects / seconds,
				       pool->gets.begun.objects_variance / seconds / seconds),
		       pool->estimated ? NUMBER_ESTIMATED : NUMBER_EXACT);
	finding_seen(finding,
		     "%s of %s Gets from the pool %s missed (95 %%: %s to %s) and called %s",
		     number_share(misses->value).text, number_count(pool->gets.begun.objects).text,
		     pool->name[0] ? pool->name : "(no name)",
		     number_share(misses->bounds.low).text, number_share(misses->bounds.high).text,
		     pool->made_by ? pool->made_by : "its New function");
	return 0;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct cache_group *group = &context->evidence->last.cache_group;
	bool fired = false;

	if (!group->wanted) {
		*ret_why = "pools are watched with --cache only";
		return RULE_BLIND;
	}
	for (size_t i = 0; i < group->pool_count; i++) {
		const struct cache_pool *pool = &group->pools[i];
		struct share misses = share_of_objects(&pool->misses.begun, &pool->gets.begun);

		if (pool->gets.begun.objects < GETS_LEAST || !(misses.bounds.low > SHARE_LEAST))
			continue;
		if (fire(rule, context, pool, &misses, findings) < 0)
			return RULE_FAILED;
		fired = true;
	}
	return fired ? RULE_FIRED : RULE_QUIET;
}

const struct rule rule_pool = {
	.name = "pool_never_hits",
	.title = "A sync.Pool never hits",
	.looks_at = "hits of every sync.Pool",
	.why = "A pool that is empty when it is asked costs more than no pool.",
	.advice =
		"See whether objects are put back on every path, and whether the collector, which "
		"empties pools, runs too often.",
	.judge = judge,
};
