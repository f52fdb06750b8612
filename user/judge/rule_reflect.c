/* Types that reflection makes without end: they are never freed. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"
#include "judge/causes.h"
#include "model/metadata.h"

/* In each of the last two quarters of the observation: a start makes many, and so does what is used
 * for the first time. */
#define TYPES_LEAST 10.0
#define WEIGHT	    0.5 /* without bound, at whatever pace */

/* Made in some of the samples: as the probes saw it, or where they were too dear from what the
 * runtime has counted. NAN: not known. */
static double made_between(const struct evidence *evidence, size_t from, size_t to, bool counted)
{
	double sum = 0;

	for (size_t i = from; counted && i < to; i++)
		sum += evidence_value(evidence, i, "reflect_types_added");
	if (counted)
		return sum;
	return from ? evidence_value(evidence, to - 1, "reflect_registered") -
			       evidence_value(evidence, from - 1, "reflect_registered")
		    : NAN;
}

struct late {
	double third, fourth; /* made in these quarters */
	double seconds;	      /* both */
	bool counted;	      /* by probes */
};

static struct late made_late(const struct evidence *evidence)
{
	size_t middle = evidence->count / 2, end = evidence->count,
	       last = middle + (end - middle) / 2;
	struct late late = { .counted = !isnan(made_between(evidence, middle, end, true)) };

	late.third = made_between(evidence, middle, last, late.counted);
	late.fourth = made_between(evidence, last, end, late.counted);
	for (size_t i = middle; i < end; i++)
		late.seconds += evidence->samples[i].interval_s;
	return late;
}

static void add_places(struct finding *finding, const struct type_group *group)
{
	struct causes causes = { 0 };

	for (size_t i = 0; i < group->count; i++)
		if (group->rows[i].event == TYPE_EVENT_REFLECT)
			causes_add(&causes, metadata_cause(group->rows[i].stack),
				   (double)group->rows[i].begun);
	causes_to_places(&causes, "types", NAN, finding);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	struct late late = made_late(evidence);
	double rate = (late.third + late.fourth) / late.seconds;
	struct finding *finding;

	if (isnan(rate)) {
		*ret_why = "types made by reflection could not be counted";
		return RULE_BLIND;
	}
	if (late.third < TYPES_LEAST || late.fourth < TYPES_LEAST)
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = WEIGHT;
	finding->certainty = CERTAINTY_SURE;
	finding_exact(finding, late.counted ? "reflect_types_per_s" : "reflect_registrations_per_s",
		      late.counted ? "types/s" : "registrations/s", rate);
	add_places(finding, &evidence->last.type_group);
	finding_seen(finding,
		     "Reflection goes on making types: in the second half of the observation %s %s",
		     number_count_rate(rate).text,
		     late.counted ? "of them" : "names and types were registered");
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
