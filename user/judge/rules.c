/* The rules, and asking them all. */
#include "judge/rule.h"

#include <errno.h>
#include <stdlib.h>

extern const struct rule rule_heap_growth, rule_steady_growth, rule_metadata, rule_boxing,
	rule_instantiations, rule_reflect_types, rule_short_lived, rule_large, rule_regrown,
	rule_pool, rule_gc_thrash, rule_stops, rule_rss, rule_stacks_growing, rule_native_growing;

const struct rule *const rules[] = {
	&rule_heap_growth,
	&rule_steady_growth,
	&rule_metadata,
	&rule_boxing,
	&rule_instantiations,
	&rule_reflect_types,
	&rule_short_lived,
	&rule_large,
	&rule_regrown,
	&rule_pool,
	&rule_gc_thrash,
	&rule_stops,
	&rule_rss,
	&rule_stacks_growing,
	&rule_native_growing,
	NULL,
};

const struct thresholds thresholds_default = {
	.metadata_share = 0.4,
	.boxing_share = 0.2,
	.gc_cpu_share = 0.25,
	.stop_ns = 10e6,
};

void verdict_clear(struct verdict *verdict)
{
	findings_clear(&verdict->findings);
	table_clear(&verdict->sites_live);
	table_clear(&verdict->sites_alloc);
	table_clear(&verdict->generics_alloc);
	*verdict = (struct verdict){ 0 };
}

static int build_tables(const struct snapshot *last, struct verdict *verdict)
{
	const struct grouping *site = grouping_find("site"), *generic = grouping_find("generic");
	int error = table_build(last, site, VALUE_ALLOC_SPACE, false, NULL, NULL,
				&verdict->sites_alloc);

	if (error == 0)
		error = table_build(last, generic, VALUE_ALLOC_SPACE, false, NULL, NULL,
				    &verdict->generics_alloc);
	if (error == 0)
		error = table_build(last, site, VALUE_INUSE_SPACE, false, NULL, NULL,
				    &verdict->sites_live);
	return error;
}

static int by_weight(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	return (a->weight < b->weight) - (a->weight > b->weight);
}

int judge_all(const struct evidence *evidence, const struct thresholds *thresholds,
	      struct verdict *ret)
{
	struct verdict verdict AUTO_VERDICT = { 0 };
	struct rule_context context = { .evidence = evidence, .thresholds = thresholds };
	int error = build_tables(&evidence->last, &verdict);

	context.sites_live = verdict.sites_live;
	context.sites_alloc = verdict.sites_alloc;
	context.generics_alloc = verdict.generics_alloc;
	for (size_t i = 0; error == 0 && rules[i]; i++) {
		verdict.answers[i].rule = rules[i];
		verdict.answers[i].answer = rules[i]->judge(rules[i], &context, &verdict.findings,
							    &verdict.answers[i].why);
		verdict.count++;
		if (verdict.answers[i].answer == RULE_FAILED)
			error = -ENOMEM;
	}
	if (error < 0)
		return error;
	if (verdict.findings.count)
		qsort(verdict.findings.items, verdict.findings.count,
		      sizeof(*verdict.findings.items), by_weight);
	*ret = verdict;
	verdict = (struct verdict){ 0 };
	return 0;
}
