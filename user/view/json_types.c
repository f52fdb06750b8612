/* What is known of the types: the counters first, then each kind of registration with its stack,
 * and the itab table. */
#include "view/json_types.h"

#include <math.h>

#include "model/metadata.h"
#include "view/json_parts.h"

static json_t *stack_json(const struct stack *stack)
{
	json_t *frames = json_array();

	for (uint32_t i = 0; stack && i < stack->count; i++)
		json_array_append_new(frames, json_of_text(stack->frames[i].function));
	return frames;
}

static json_t *row_json(const struct type_row *row, double interval_s)
{
	const struct frame *cause = metadata_cause(row->stack);
	double rate = interval_s > 0 ? (double)row->interval / interval_s : NAN;

	return json_pack("{s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:I, s:o, s:o}", "event",
			 type_event_name(row->event), "interface", json_of_text(row->interface),
			 "type", json_of_text(row->type), "failed", row->failed, "function",
			 json_of_text(cause ? cause->function : NULL), "file",
			 json_of_known_text(cause ? cause->file : NULL), "line",
			 cause && cause->line ? json_integer(cause->line) : json_null(), "count",
			 (json_int_t)row->begun, "per_s", json_of_real(rate, 3), "stack",
			 stack_json(row->stack));
}

static json_t *rows_json(const struct snapshot *snapshot, size_t top)
{
	const struct type_group *group = &snapshot->type_group;
	json_t *rows = json_array();

	for (size_t i = 0; i < group->count && (!top || i < top); i++)
		json_array_append_new(rows, row_json(&group->rows[i], snapshot->interval_s));
	return rows;
}

/* From the end: what the program has added stands behind what the compiler made. */
static json_t *itabs_json(const struct type_group *group, size_t top)
{
	json_t *itabs = json_array();

	for (size_t i = 0; i < group->itab_count && (!top || i < top); i++) {
		const struct itab_entry *itab = &group->itabs[group->itab_count - 1 - i];

		json_array_append_new(itabs, json_pack("{s:o, s:o, s:b, s:b}", "interface",
						       json_of_text(itab->interface), "type",
						       json_of_text(itab->type), "failed",
						       itab->failed, "fixed", itab->fixed));
	}
	return itabs;
}

json_t *json_types(const struct snapshot *snapshot, size_t top)
{
	const struct type_counters *types = &snapshot->types;
	const struct type_group *group = &snapshot->type_group;
	const struct share *bytes = &group->metadata_bytes, *objects = &group->metadata_objects;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}",
			 "itabs", json_of_integer(types->itabs), "itabs_added",
			 json_of_integer(types->itabs_added), "reflect_types_added",
			 json_of_integer(types->reflect_types_added), "metadata_share",
			 json_of_real(types->metadata_share, 6), "metadata_share_low",
			 json_of_real(bytes->bounds.low, 6), "metadata_share_high",
			 json_of_real(bytes->bounds.high, 6), "metadata_objects_share",
			 json_of_real(objects->value, 6), "metadata_objects_share_low",
			 json_of_real(objects->bounds.low, 6), "metadata_objects_share_high",
			 json_of_real(objects->bounds.high, 6), "probed", group->probed, "note",
			 json_of_known_text(group->note), "rows", rows_json(snapshot, top),
			 "itab_table", itabs_json(group, top));
}
