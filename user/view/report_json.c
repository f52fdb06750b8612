/* A verdict for programs: every number with its kind and interval, every rule with its answer. */
#include "view/report.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/json_parts.h"

#define PLACES 6 /* decimals of shares */

/* A small p is not 0. */
static json_t *value_json(const struct finding_number *number)
{
	bool probability = !strcmp(number->unit, "p") && isfinite(number->value);

	return probability ? json_real(number->value) : json_of_real(number->value, PLACES);
}

static json_t *number_json(const struct finding_number *number)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s}", "name", number->name, "unit",
			 number->unit, "value", value_json(number), "low",
			 json_of_real(number->bounds.low, PLACES), "high",
			 json_of_real(number->bounds.high, PLACES), "kind",
			 number_kind_name(number->kind));
}

static json_t *finding_json(const struct finding *finding)
{
	json_t *numbers = json_array(), *places = json_array();

	for (size_t i = 0; i < finding->number_count; i++)
		json_array_append_new(numbers, number_json(&finding->numbers[i]));
	for (size_t i = 0; i < finding->place_count; i++)
		json_array_append_new(places, json_of_place(&finding->places[i]));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:o, s:o}", "rule",
			 finding->rule->name, "title", finding->rule->title, "certainty",
			 certainty_name(finding->certainty), "weight",
			 json_of_real(finding->weight, PLACES), "seen", json_of_text(finding->seen),
			 "why", finding->rule->why, "advice",
			 finding->advice[0] ? finding->advice : finding->rule->advice, "numbers",
			 numbers, "places", places);
}

static json_t *answers_json(const struct verdict *verdict)
{
	static const char *const words[] = { "quiet", "fired", "blind", "failed" };
	json_t *answers = json_array();

	for (size_t i = 0; i < verdict->count; i++)
		json_array_append_new(
			answers,
			json_pack("{s:s, s:s, s:s, s:o}", "rule", verdict->answers[i].rule->name,
				  "looks_at", verdict->answers[i].rule->looks_at, "answer",
				  words[verdict->answers[i].answer], "why",
				  json_of_text(verdict->answers[i].answer == RULE_BLIND
						       ? verdict->answers[i].why
						       : NULL)));
	return answers;
}

static int write_json(FILE *out, const struct evidence *evidence, const struct verdict *verdict)
{
	CLEANUP(cleanup_json) json_t *json = NULL;
	const struct snapshot *last = &evidence->last;
	json_t *findings = json_array();

	for (size_t i = 0; i < verdict->findings.count; i++)
		json_array_append_new(findings, finding_json(&verdict->findings.items[i]));
	json = json_pack("{s:s, s:i, s:o, s:o, s:s, s:o, s:I, s:I, s:o, s:o, s:o}", "schema",
			 "heaptap.report/1", "pid", last->pid, "comm", json_of_text(last->comm),
			 "go_version", json_of_text(last->go_version), "mode",
			 mode_name(last->mode), "observed_s", json_of_real(evidence->elapsed_s, 3),
			 "intervals", (json_int_t)evidence->snapshots, "gaps",
			 (json_int_t)evidence->gaps, "losses", json_of_losses(last), "findings",
			 findings, "rules", answers_json(verdict));
	return json_write_line(out, json);
}

const struct report_format report_json = { "json", write_json };
