/* `cache` of top --json. Estimates have low and high, which are the number itself where it is
 * exact; what is not known is null. */
#include "view/json_cache.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "model/cache_costs.h"
#include "view/json_parts.h"

static json_t *address(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

static json_t *calls_json(const struct cache_calls *calls, double interval_s)
{
	const struct amount *all = &calls->begun, *now = &calls->interval;
	struct interval bounds = amount_interval(all->objects, all->objects_variance);
	struct interval lately = amount_interval(now->objects, now->objects_variance);

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "count", json_of_whole(all->objects), "low",
		json_of_whole(floor(bounds.low)), "high", json_of_whole(ceil(bounds.high)),
		"interval", json_of_whole(now->objects), "interval_low",
		json_of_whole(floor(lately.low)), "interval_high", json_of_whole(ceil(lately.high)),
		"per_s", json_of_real(interval_s > 0 ? now->objects / interval_s : NAN, 3));
}

static json_t *cost_json(const struct cache_cost *cost)
{
	return json_pack("{s:o, s:o, s:o}", "value", json_of_real(cost->value, 3), "low",
			 json_of_real(cost->bounds.low, 3), "high",
			 json_of_real(cost->bounds.high, 3));
}

static json_t *function_json(const struct snapshot *snapshot, const struct cache_function *function)
{
	struct cache_cost bytes = cache_bytes_per_call(function, snapshot->sampling_rate_bytes),
			  objects = cache_objects_per_call(function, snapshot->sampling_rate_bytes);

	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "function",
			 json_of_known_text(function->function), "glob",
			 json_of_known_text(function->glob), "entry", address(function->entry),
			 "calls", calls_json(&function->calls, snapshot->interval_s), "estimated",
			 function->estimated, "bytes_per_call", cost_json(&bytes),
			 "objects_per_call", cost_json(&objects), "alloc_bytes",
			 json_of_whole(function->allocated.bytes), "alloc_objects",
			 json_of_whole(function->allocated.objects), "note",
			 json_of_known_text(function->note));
}

static json_t *pool_json(const struct snapshot *snapshot, const struct cache_pool *pool)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "address", address(pool->address), "name",
		json_of_known_text(pool->name), "new", json_of_known_text(pool->made_by), "gets",
		calls_json(&pool->gets, snapshot->interval_s), "puts",
		calls_json(&pool->puts, snapshot->interval_s), "misses",
		calls_json(&pool->misses, snapshot->interval_s), "estimated", pool->estimated);
}

static json_t *map_json(const struct snapshot *snapshot, const struct cache_map *map)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "address", address(map->address), "name",
			 json_of_known_text(map->name), "loads",
			 calls_json(&map->loads, snapshot->interval_s), "stores",
			 calls_json(&map->stores, snapshot->interval_s), "others",
			 calls_json(&map->others, snapshot->interval_s), "estimated",
			 map->estimated);
}

json_t *cache_json(const struct snapshot *snapshot)
{
	const struct cache_group *group = &snapshot->cache_group;
	json_t *functions = json_array(), *pools = json_array(), *maps = json_array();

	for (size_t i = 0; i < group->function_count; i++)
		json_array_append_new(functions, function_json(snapshot, &group->functions[i]));
	for (size_t i = 0; i < group->pool_count; i++)
		json_array_append_new(pools, pool_json(snapshot, &group->pools[i]));
	for (size_t i = 0; i < group->map_count; i++)
		json_array_append_new(maps, map_json(snapshot, &group->maps[i]));
	functions = json_complete(functions, group->function_count);
	pools = json_complete(pools, group->pool_count);
	maps = json_complete(maps, group->map_count);
	if (!group->wanted || !functions || !pools || !maps) {
		bool failed = !functions || !pools || !maps;

		json_decref(functions);
		json_decref(pools);
		json_decref(maps);
		return failed ? NULL : json_null();
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "note", json_of_known_text(group->note),
			 "functions", functions, "pools", pools, "pools_emptied",
			 json_integer((json_int_t)group->pools_emptied), "maps", maps);
}
