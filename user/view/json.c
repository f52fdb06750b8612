/* `top --json`: the snapshot and the table as one line. The keys and their order are the manual's;
 * what is not known is null. Names come from the target and are made valid UTF-8. */
#include "view/view.h"

#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "view/json_cache.h"
#include "view/json_grouping.h"
#include "view/json_parts.h"
#include "view/json_types.h"
#include "view/listing.h"

static json_t *heap_json(const struct heap_counters *heap)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "alloc_bytes",
			 json_of_integer(heap->alloc_bytes), "inuse_bytes",
			 json_of_integer(heap->inuse_bytes), "inuse_objects",
			 json_of_integer(heap->inuse_objects), "goal_bytes",
			 json_of_integer(heap->goal_bytes), "mallocs",
			 json_of_integer(heap->mallocs), "frees", json_of_integer(heap->frees),
			 "alloc_bytes_per_s", json_of_whole(heap->alloc_bytes_per_s),
			 "allocs_per_s", json_of_real(heap->allocs_per_s, 3));
}

static json_t *gc_json(const struct gc_counters *gc)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "cycles", json_of_integer(gc->cycles),
			 "cycles_per_s", json_of_real(gc->cycles_per_s, 3), "pause_total_ns",
			 json_of_integer(gc->pause_total_ns), "pause_p99_ns",
			 json_of_integer(gc->pause_p99_ns), "cpu_fraction",
			 json_of_real(gc->cpu_fraction, 6));
}

static json_t *rss_json(const struct rss *rss)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o}", "total_bytes", json_of_integer(rss->total_bytes),
		"heap_bytes", json_of_integer(rss->heap_bytes), "stacks_bytes",
		json_of_integer(rss->stacks_bytes), "runtime_bytes",
		json_of_integer(rss->runtime_bytes), "file_bytes", json_of_integer(rss->file_bytes),
		"other_bytes", json_of_integer(rss->other_bytes));
}

static json_t *cost_json(const struct cost *cost)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "probes",
			 json_of_integer(cost->probes), "hits_per_s",
			 json_of_real(cost->hits_per_s, 3), "trap_ns",
			 json_of_real(cost->trap_ns, 1), "target_cpu_percent",
			 json_of_real(cost->target_cpu_percent, 6), "self_cpu_percent",
			 json_of_real(cost->self_cpu_percent, 3), "self_rss_bytes",
			 json_of_integer(cost->self_rss_bytes), "longest_stall_ns",
			 json_of_integer(cost->longest_stall_ns));
}

static json_t *groups_json(const struct governor_state *governor)
{
	json_t *groups = json_array();

	for (size_t i = 0; i < governor->group_count; i++)
		json_array_append_new(
			groups, json_pack("{s:o, s:o, s:o}", "name",
					  json_of_text(governor->groups[i].name), "allowed_percent",
					  json_of_real(governor->groups[i].allowed_percent, 6),
					  "percent", json_of_real(governor->groups[i].percent, 6)));
	return groups;
}

static json_t *step_json(const struct governor_step *step)
{
	if (!step->from)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "time_unix_ns",
			 json_of_integer(step->time_unix_ns), "from", json_of_text(step->from),
			 "to", json_of_text(step->to), "reason", json_of_text(step->reason));
}

static json_t *governor_json(const struct governor_state *governor)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "now",
			 json_of_text(governor->now), "wanted", json_of_text(governor->wanted),
			 "budget_percent", json_of_real(governor->budget_percent, 6),
			 "spent_percent", json_of_real(governor->spent_percent, 6),
			 "predicted_percent", json_of_real(governor->predicted_percent, 6),
			 "wanted_percent", json_of_real(governor->wanted_percent, 6), "since_s",
			 json_of_real(governor->since_s, 6), "steps",
			 json_of_integer(governor->steps), "groups", groups_json(governor),
			 "last_step", step_json(&governor->last));
}

/* The heaviest record's functions, leaf first, from the one on that the program's own heap profile
 * would start with. */
static json_t *stack_json(const struct row *row)
{
	const struct stack *stack = row->record_count ? row->records[0]->stack : NULL;
	json_t *frames = json_array();

	for (uint32_t i = stack ? stack_runtime_prefix(stack) : 0; stack && i < stack->count; i++)
		json_array_append_new(frames, json_of_text(stack->frames[i].function));
	return frames;
}

static json_t *row_json(const struct listing *listing, const struct row *row, bool has_live)
{
	bool can = has_live || !value_is_inuse(listing->table.value);

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", json_of_text(row->name), "file", json_of_known_text(row->file), "line",
		row->line ? json_integer(row->line) : json_null(), "type", json_of_text(row->type),
		"alloc_bytes", json_of_whole(row->begun.bytes), "alloc_objects",
		json_of_whole(row->begun.objects), "inuse_bytes",
		json_of_whole(has_live ? row->live.bytes : NAN), "inuse_objects",
		json_of_whole(has_live ? row->live.objects : NAN), "alloc_bytes_per_s",
		json_of_whole(listing_rate(listing, row)), "share",
		json_of_real(can ? row->share : NAN, 6), "age_p50_ns",
		json_of_integer(ages_median_ns(&row->ages)), "samples",
		can ? json_integer((json_int_t)listing_amount(listing, row)->samples) : json_null(),
		"low", json_of_whole(can ? floor(row->bounds.low) : NAN), "high",
		json_of_whole(can ? ceil(row->bounds.high) : NAN), "stack", stack_json(row));
}

/* Rows without a value are kept, unlike on the screen: their other numbers may matter to a program.
 */
static json_t *rows_json(const struct listing *listing, bool has_live, size_t top)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < listing->table.count && (!top || i < top); i++) {
		const struct row *row = &listing->table.rows[i];
		json_t *json = row_json(listing, row, has_live);

		json_grouping_add(json, listing, row);
		json_array_append_new(rows, json);
	}
	return rows;
}

static json_t *snapshot_json(const struct snapshot *snapshot, const struct listing *listing,
			     size_t top)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o}",
		"schema", "heaptap.top/1", "time_unix_ns", json_of_integer(snapshot->time_unix_ns),
		"interval_s", json_of_real(snapshot->interval_s, 6), "pid",
		json_integer(snapshot->pid), "comm", json_of_text(snapshot->comm), "go_version",
		json_of_text(snapshot->go_version), "mode", json_of_text(mode_name(snapshot->mode)),
		"heap", heap_json(&snapshot->heap), "gc", gc_json(&snapshot->gc), "rss",
		rss_json(&snapshot->rss), "types", json_types(snapshot, top), "boxing",
		json_boxing(snapshot), "cost", cost_json(&snapshot->cost), "governor",
		governor_json(&snapshot->governor), "losses", json_of_losses(snapshot), "by",
		json_of_text(listing->table.grouping->name), "rows",
		rows_json(listing, snapshot->has_live, top));
}

int view_json(FILE *out, const struct snapshot *snapshot, const struct view_options *options)
{
	AUTO_FILTER struct view_filter *filter = NULL;
	AUTO_LISTING struct listing listing = { 0 };
	CLEANUP(cleanup_json) json_t *json = NULL;
	int error = options->filter ? view_filter_new(options->filter, &filter) : 0;

	if (error < 0)
		return error;
	error = listing_build(snapshot, options->grouping, options->value, filter, options->top,
			      &listing);
	if (error < 0)
		return error;
	json = snapshot_json(snapshot, &listing, options->top);
	if (json && json_object_set_new(json, "cache", cache_json(snapshot)) < 0)
		return -ENOMEM;
	return json_write_line(out, json);
}
