/* What is known of the caches: its memory. */
#include "model/cache_group.h"

#include <errno.h>
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
