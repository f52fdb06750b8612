/* Types that reflection makes without end: they are never freed. */
#include "judge/rule.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

#define TYPES_LEAST 20.0 /* in the second half of the observation: a start makes many */

/* Of the samples from the middle on. */
static double late_sum(const struct evidence *evidence, double *ret_seconds)
{
	double sum = 0;

	*ret_seconds = 0;
	for (size_t i = evidence->count / 2; i < evidence->count; i++) {
		double added = evidence_value(evidence, i, "reflect_types_added");

		sum += isnan(added) ? 0 : added;
		*ret_seconds += evidence->samples[i].interval_s;
	}
	return sum;
}

static void add_places(struct finding *finding, const struct type_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct type_row *row = &group->rows[i];
		const struct frame *frame =
			row->stack && row->stack->count ? &row->stack->frames[0] : NULL;
		struct row place = { 0 };

		if (row->event != TYPE_EVENT_REFLECT || !frame)
			continue;
		for (uint32_t at = 0; at < row->stack->count; at++) {
			frame = &row->stack->frames[at];
			if (frame->function[0] && strncmp(frame->function, "reflect.", 8) &&
			    strncmp(frame->function, "runtime.", 8))
				break;
		}
		place.name = frame->function;
		place.file = frame->file;
		place.line = frame->line;
		place.type = row->type;
		finding_place(finding, &place, (double)row->begun, NAN);
	}
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	struct finding *finding;
	double seconds, added;

	if (isnan(evidence_median(evidence, "reflect_types_added"))) {
		*ret_why = "types made by reflection could not be counted";
		return RULE_BLIND;
	}
	added = late_sum(evidence, &seconds);
	if (added < TYPES_LEAST)
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = 0.5;
	finding->certainty = CERTAINTY_SURE;
	finding_exact(finding, "reflect_types_per_s", "types/s", added / seconds);
	add_places(finding, &evidence->last.type_group);
	finding_seen(finding,
		     "Reflection goes on making types: %.3g per second in the second half of the "
		     "observation",
		     added / seconds);
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
