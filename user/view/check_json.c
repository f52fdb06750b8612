/* What was judged, for programs: one object, every limit with its number, kind and interval. */
#include <math.h>

#include "base/cleanup.h"
#include "view/check.h"
#include "view/json_parts.h"

#define PLACES 6

static json_t *places_json(const struct judged *judged)
{
	json_t *places = json_array();

	for (size_t i = 0; i < judged->place_count; i++)
		json_array_append_new(places, json_of_place(&judged->places[i]));
	return places;
}

static json_t *judged_json(const struct judged *judged)
{
	const struct finding_number *number = &judged->number;

	return json_pack(
		"{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "limit", judged->name,
		"glob", json_of_text(judged->glob), "answer", limit_answer_name(judged->answer),
		"unit", limit_unit_name(judged->unit), "most", json_of_real(judged->most, PLACES),
		"value", json_of_real(number->value, PLACES), "low",
		json_of_real(number->bounds.low, PLACES), "high",
		json_of_real(number->bounds.high, PLACES), "kind", number_kind_name(number->kind),
		"why", json_of_known_text(judged->why), "places", places_json(judged));
}

static json_t *observed_json(const struct evidence *evidence)
{
	const struct snapshot *last = &evidence->last;

	return json_pack("{s:i, s:o, s:o, s:s, s:o, s:I, s:I, s:o}", "pid", last->pid, "comm",
			 json_of_text(last->comm), "go_version", json_of_text(last->go_version),
			 "mode", mode_name(last->mode), "seconds",
			 json_of_real(evidence->elapsed_s, 3), "intervals",
			 (json_int_t)evidence->snapshots, "gaps", (json_int_t)evidence->gaps,
			 "losses", json_of_losses(last));
}

static json_t *part_json(const struct check_part *part)
{
	json_t *limits = json_array();

	for (size_t i = 0; i < part->count; i++)
		json_array_append_new(limits, judged_json(&part->judged[i]));
	return json_pack("{s:o, s:o, s:o, s:o}", "name", json_of_text(part->name), "observed",
			 part->evidence ? observed_json(part->evidence) : json_null(), "refused",
			 json_of_text(part->refused), "limits", limits);
}

static int write_json(FILE *out, const struct check_result *result)
{
	CLEANUP(cleanup_json) json_t *json = NULL;
	json_t *parts = json_array(), *counts = json_object();

	for (size_t i = 0; i < result->count; i++)
		json_array_append_new(parts, part_json(&result->parts[i]));
	for (int answer = 0; answer < LIMIT_ANSWERS; answer++)
		json_object_set_new(
			counts, limit_answer_name((enum limit_answer)answer),
			json_integer((json_int_t)check_count(result, (enum limit_answer)answer)));
	json = json_pack("{s:s, s:o, s:o, s:o}", "schema", "heaptap.check/1", "counts", counts,
			 "command_status",
			 result->command_status < 0 ? json_null()
						    : json_integer(result->command_status),
			 "parts", parts);
	return json_write_line(out, json);
}

const struct check_format check_json = { "json", write_json };
