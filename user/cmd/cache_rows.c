/* Rows of caches. A pool's misses are only those of the functions that are probed, so its counts
 * begin when its New is. */
#include "cmd/cache_rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/vec.h"
#include "model/cache_costs.h"

void cache_rows_clear(struct cache_rows *rows)
{
	free(rows->objects.items);
	*rows = (struct cache_rows){ 0 };
}

void cache_rows_begin(struct cache_rows *rows, const struct cache_plan *plan)
{
	rows->function_count = plan->count;
	for (size_t i = 0; i < plan->count; i++) {
		const struct cache_target *function = &plan->functions[i];

		rows->functions[i] = (struct cache_function){
			.glob = function->glob,
			.function = function->function,
			.id = function->entry,
			.entry = function->entry,
			.end = function->end,
			.note = function->note,
		};
		rows->probed[i] = function->probed;
	}
}

struct cache_object_row *cache_rows_find(struct cache_rows *rows, uint64_t address, bool is_map)
{
	for (size_t i = 0; i < rows->object_count; i++)
		if (rows->objects.items[i].address == address &&
		    rows->objects.items[i].is_map == is_map)
			return &rows->objects.items[i];
	return NULL;
}

static bool is_probed(const struct cache_rows *rows, uint64_t address)
{
	for (size_t i = 0; i < rows->news.count; i++)
		if (rows->news.address[i] == address)
			return true;
	return false;
}

/* Whether there is a point to be probed for the pool's misses. */
static bool find_new(struct cache_rows *rows, struct target *target, struct cache_object_row *row,
		     struct probe_point *ret_point)
{
	if (target_pool_new(target, row->address, &row->made_by, ret_point) < 0)
		return false;
	row->misses_known = is_probed(rows, ret_point->address);
	if (row->misses_known || rows->news.count == LIMIT_CACHE_NEWS)
		return false;
	rows->news.address[rows->news.count++] = ret_point->address;
	row->misses_known = true;
	return true;
}

bool cache_rows_add(struct cache_rows *rows, struct target *target, uint64_t address, bool is_map,
		    struct probe_point *ret_point)
{
	struct cache_object_row *row;

	if (VEC_RESERVE(&rows->objects, rows->object_count + 1, LIMIT_CACHE_ROWS) < 0)
		return false;
	row = &rows->objects.items[rows->object_count++];
	*row = (struct cache_object_row){
		.address = address,
		.is_map = is_map,
		.name = target_variable(target, address),
	};
	return !is_map && find_new(rows, target, row, ret_point);
}

/* There is no place for it any more. */
static void lose_unseen(struct cache_rows *rows, const struct cache_calls_seen *seen)
{
	for (size_t i = 0; i < rows->object_count; i++)
		rows->objects.items[i].lost = true;
	for (size_t i = 0; i < seen->object_count; i++) {
		const struct cache_object_calls *calls = &seen->objects[i];
		struct cache_object_row *row = cache_rows_find(rows, calls->address, calls->is_map);

		if (row)
			row->lost = false;
	}
}

void cache_rows_take(struct cache_rows *rows, const struct cache_calls_seen *seen)
{
	for (size_t i = 0; i < rows->function_count; i++)
		rows->calls[i].now = seen->calls[i];
	for (size_t i = 0; i < seen->object_count; i++) {
		const struct cache_object_calls *calls = &seen->objects[i];
		struct cache_object_row *row = cache_rows_find(rows, calls->address, calls->is_map);

		for (int k = 0; row && k < 3; k++) {
			if (row->begins)
				cache_counter_begin(&row->counts[k], calls->counts[k]);
			row->counts[k].now = calls->counts[k];
		}
	}
	for (size_t i = 0; i < rows->object_count; i++)
		rows->objects.items[i].begins = false;
	if (seen->objects_full)
		lose_unseen(rows, seen);
}

void cache_rows_mark(struct cache_rows *rows)
{
	for (size_t i = 0; i < rows->function_count; i++)
		rows->calls[i].before = rows->calls[i].now;
	for (size_t i = 0; i < rows->object_count; i++)
		for (int k = 0; k < 3; k++)
			rows->objects.items[i].counts[k].before =
				rows->objects.items[i].counts[k].now;
}

static uint64_t hits_of(const struct cache_counter *counter)
{
	return counter->now - counter->before;
}

void cache_rows_window(struct cache_rows *rows, struct burst_windows *windows, double cpu_s,
		       double trap_ns)
{
	uint64_t calls = 0;
	size_t window;

	for (size_t i = 0; i < rows->function_count; i++)
		calls += hits_of(&rows->calls[i]);
	for (size_t i = 0; i < rows->object_count; i++)
		for (int k = 0; k < 3; k++)
			calls += hits_of(&rows->objects.items[i].counts[k]);
	window = burst_add(windows, cpu_s, calls, trap_ns);
	for (size_t i = 0; i < rows->function_count; i++)
		cache_counter_window(&rows->calls[i], window);
	for (size_t i = 0; i < rows->object_count; i++)
		for (int k = 0; k < 3; k++)
			cache_counter_window(&rows->objects.items[i].counts[k], window);
}

static void fill_function(struct cache_rows *rows, size_t index,
			  const struct burst_windows *windows, double unseen_s, bool whole)
{
	struct cache_function *function = &rows->functions[index];
	struct cache_counter *counter = &rows->calls[index];

	if (rows->probed[index])
		cache_counter_fill(counter, windows, unseen_s);
	else
		cache_counter_unknown(counter);
	function->calls = counter->calls;
	function->estimated = unseen_s > 0;
	if (whole)
		amount_add(&function->allocated_calls, &function->calls.interval);
}

static void fill_functions(struct cache_rows *rows, const struct burst_windows *windows,
			   double unseen_s, bool whole, const struct snapshot *snapshot)
{
	const struct amount none = { .objects = NAN, .bytes = NAN };

	for (size_t i = 0; i < rows->function_count; i++)
		fill_function(rows, i, windows, unseen_s, whole);
	if (whole)
		cache_costs_add(rows->functions, rows->function_count, snapshot->records,
				snapshot->record_count);
	for (size_t i = 0; i < rows->function_count; i++)
		if (snapshot->mode == MODE_COUNTERS)
			rows->functions[i].allocated = none;
}

static void fill_pool(const struct cache_object_row *row, bool estimated, struct cache_pool *ret)
{
	*ret = (struct cache_pool){
		.address = row->address,
		.name = row->name,
		.made_by = row->made_by,
		.gets = row->counts[0].calls,
		.puts = row->counts[1].calls,
		.misses = row->counts[2].calls,
		.estimated = estimated,
	};
}

static void fill_map(const struct cache_object_row *row, bool estimated, struct cache_map *ret)
{
	*ret = (struct cache_map){
		.address = row->address,
		.name = row->name,
		.loads = row->counts[0].calls,
		.stores = row->counts[1].calls,
		.others = row->counts[2].calls,
		.estimated = estimated,
	};
}

static void count_object(struct cache_object_row *row, const struct burst_windows *windows,
			 double unseen_s)
{
	for (int k = 0; k < 3; k++)
		cache_counter_fill(&row->counts[k], windows, unseen_s);
	for (int k = 0; k < 3; k++)
		if (row->lost || (k == 2 && !row->is_map && !row->misses_known))
			cache_counter_unknown(&row->counts[k]);
}

/* Room for all of either kind: there are a thousand at most. */
static int fill_objects(struct cache_rows *rows, const struct burst_windows *windows,
			double unseen_s, struct cache_group *group)
{
	group->pools = calloc(rows->object_count + 1, sizeof(*group->pools));
	group->maps = calloc(rows->object_count + 1, sizeof(*group->maps));
	if (!group->pools || !group->maps)
		return -ENOMEM;
	for (size_t i = 0; i < rows->object_count; i++) {
		struct cache_object_row *row = &rows->objects.items[i];

		count_object(row, windows, unseen_s);
		if (row->is_map)
			fill_map(row, unseen_s > 0, &group->maps[group->map_count++]);
		else
			fill_pool(row, unseen_s > 0, &group->pools[group->pool_count++]);
	}
	return 0;
}

int cache_rows_fill(struct cache_rows *rows, const struct burst_windows *windows, double unseen_s,
		    bool whole, struct snapshot *snapshot)
{
	struct cache_group *group = &snapshot->cache_group;

	fill_functions(rows, windows, unseen_s, whole, snapshot);
	group->functions =
		vec_copy(rows->functions, rows->function_count, sizeof(*rows->functions));
	group->function_count = group->functions ? rows->function_count : 0;
	return group->functions ? fill_objects(rows, windows, unseen_s, group) : -ENOMEM;
}
