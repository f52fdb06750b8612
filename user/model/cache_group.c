/* What is known of the caches: its memory, and windows of time. */
#include "model/cache_group.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/vec.h"

void cache_group_clear(struct cache_group *group)
{
	free(group->functions);
	free(group->pools);
	free(group->maps);
	*group = (struct cache_group){ 0 };
}

int cache_group_copy(const struct cache_group *group, struct cache_group *ret)
{
	struct cache_group copy = *group;

	copy.functions =
		vec_copy(group->functions, group->function_count, sizeof(*group->functions));
	copy.pools = vec_copy(group->pools, group->pool_count, sizeof(*group->pools));
	copy.maps = vec_copy(group->maps, group->map_count, sizeof(*group->maps));
	if (!copy.functions || !copy.pools || !copy.maps) {
		cache_group_clear(&copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

static const struct amount nothing = { 0 };

/* Of sums whose parts were independent of each other. */
static void amount_since(struct amount *amount, const struct amount *base)
{
	if (isnan(base->objects))
		return;
	amount->samples -= base->samples;
	amount->objects -= base->objects;
	amount->bytes -= base->bytes;
	amount->objects_variance -= base->objects_variance;
	amount->bytes_variance -= base->bytes_variance;
}

/* Of calls standard errors add up, not variances (model/cache_counter.h). */
static void calls_since(struct cache_calls *calls, const struct cache_calls *base)
{
	const struct amount *before = base && !isnan(base->begun.objects) ? &base->begun : &nothing;
	double error = sqrt(calls->begun.objects_variance) - sqrt(before->objects_variance);

	calls->begun.objects -= before->objects;
	calls->begun.objects_variance = error * error;
	calls->interval = calls->begun;
}

static void functions_since(struct cache_group *group, const struct cache_group *base)
{
	for (size_t i = 0; i < group->function_count; i++) {
		struct cache_function *function = &group->functions[i];
		const struct cache_function *before = NULL;

		for (size_t j = 0; j < base->function_count && !before; j++)
			if (base->functions[j].id == function->id)
				before = &base->functions[j];
		calls_since(&function->calls, before ? &before->calls : NULL);
		if (!before)
			continue;
		amount_since(&function->allocated, &before->allocated);
		amount_since(&function->allocated_calls, &before->allocated_calls);
	}
}

static void pools_since(struct cache_group *group, const struct cache_group *base)
{
	for (size_t i = 0; i < group->pool_count; i++) {
		struct cache_pool *pool = &group->pools[i];
		const struct cache_pool *before = NULL;

		for (size_t j = 0; j < base->pool_count && !before; j++)
			if (base->pools[j].address == pool->address)
				before = &base->pools[j];
		calls_since(&pool->gets, before ? &before->gets : NULL);
		calls_since(&pool->puts, before ? &before->puts : NULL);
		calls_since(&pool->misses, before ? &before->misses : NULL);
	}
}

static void maps_since(struct cache_group *group, const struct cache_group *base)
{
	for (size_t i = 0; i < group->map_count; i++) {
		struct cache_map *map = &group->maps[i];
		const struct cache_map *before = NULL;

		for (size_t j = 0; j < base->map_count && !before; j++)
			if (base->maps[j].address == map->address)
				before = &base->maps[j];
		calls_since(&map->loads, before ? &before->loads : NULL);
		calls_since(&map->stores, before ? &before->stores : NULL);
		calls_since(&map->others, before ? &before->others : NULL);
	}
}

void cache_group_since(struct cache_group *group, const struct cache_group *base)
{
	functions_since(group, base);
	pools_since(group, base);
	maps_since(group, base);
	group->pools_emptied -= base->pools_emptied;
	group->pools_emptied_interval = group->pools_emptied;
}
