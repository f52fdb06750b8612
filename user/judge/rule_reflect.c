/* Types that reflection makes without end: they are never freed. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"
#include "judge/causes.h"
#include "model/metadata.h"

#define TYPES_LEAST 20.0 /* in the second half of the observation: a start makes many */

/*
 * Made from the middle of the observation on: as the probes saw it, or where they were too dear
 * from what the runtime has counted.
 */
static double made_late(const struct evidence *evidence, double *ret_seconds, bool *ret_counted)
{
	size_t middle = evidence->count / 2, end = evidence->count;
	double sum = 0;

	*ret_seconds = 0;
	for (size_t i = middle; i < end; i++) {
		sum += evidence_value(evidence, i, "reflect_types_added");
		*ret_seconds += evidence->samples[i].interval_s;
	}
	*ret_counted = !isnan(sum);
	if (*ret_counted || !middle)
		return sum;
	return evidence_value(evidence, end - 1, "reflect_registered") -
	       evidence_value(evidence, middle - 1, "reflect_registered");
}

static void add_places(struct finding *finding, const struct type_group *group)
{
	struct causes causes = { 0 };

	for (size_t i = 0; i < group->count; i++)
		if (group->rows[i].event == TYPE_EVENT_REFLECT)
			causes_add(&causes, metadata_cause(group->rows[i].stack),
				   (double)group->rows[i].begun);
	causes_to_places(&causes, NAN, finding);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	struct finding *finding;
	double seconds, added;
	bool counted;

	added = made_late(evidence, &seconds, &counted);
	if (isnan(added)) {
		*ret_why = "types made by reflection could not be counted";
		return RULE_BLIND;
	}
	if (added < TYPES_LEAST)
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = 0.5;
	finding->certainty = CERTAINTY_SURE;
	finding_exact(finding, counted ? "reflect_types_per_s" : "reflect_registrations_per_s",
		      counted ? "types/s" : "registrations/s", added / seconds);
	add_places(finding, &evidence->last.type_group);
	finding_seen(finding,
		     "Reflection goes on making types: in the second half of the observation %s %s",
		     number_count_rate(added / seconds).text,
		     counted ? "of them" : "names and types were registered");
	return RULE_FIRED;
}

const struct rule rule_reflect_types = {
	.name = "reflect_types",
	.title = "Types made by reflection grow without end",
	.looks_at = "types made by reflection",
	.why = "The runtime keeps every type that reflect.StructOf, MapOf, FuncOf and the like "
	       "make, "
	       "for as long as the program runs.",
	.advice = "Make each type once and keep it; find what makes them differ (a name, a tag).",
	.judge = judge,
};
