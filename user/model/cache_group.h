/*
 * What the program's caches do: the functions that the user named with --cache, and sync.Pool and
 * sync.Map, whose calls are counted by probes or, where they are too many for the budget, estimated
 * from short windows of them.
 */
#ifndef MODEL_CACHE_GROUP_H
#define MODEL_CACHE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/amount.h"

/* Exact where the variance is 0; NAN where not known. */
struct cache_calls {
	struct amount begun, interval; /* objects: calls; bytes: 0 */
};

/* A function that a --cache glob matches: one method of one instantiation. */
struct cache_function {
	const char *glob;     /* as the user wrote it */
	const char *function; /* as in the program's own table of functions */
	uint64_t id;	      /* stable over the snapshots of one observation */
	uint64_t entry, end;  /* of its text, in the process */
	struct cache_calls calls;
	/* By stacks that pass through its text, in the intervals in which its calls were watched
	 * throughout, and how many they were then: model/cache_costs.h. NAN: stacks are not known.
	 */
	struct amount allocated, allocated_calls;
	bool estimated;	  /* its calls were too many for the budget: short windows were scaled */
	const char *note; /* why it is not counted (no decodable prologue, ...), or NULL */
};

/* One sync.Pool. */
struct cache_pool {
	uint64_t address;
	const char *name;    /* of the variable, "" when not known */
	const char *made_by; /* its New function; NULL: none */
	/* Since it was found. misses: New was called by Get; NAN without a New that can be probed.
	 */
	struct cache_calls gets, puts, misses;
	bool estimated;
};

/* One sync.Map, HashTrieMap from Go 1.24 on. */
struct cache_map {
	uint64_t address;
	const char *name; /* of the variable, "" when not known */
	struct cache_calls loads, stores, others;
	bool estimated;
};

/* Owned by the snapshot; strings interned or static. */
struct cache_group {
	bool wanted; /* something is watched */
	const char
		*note; /* what the user should know, or NULL: "inlined away; the nearest is ..." */
	size_t function_count, pool_count, map_count;
	struct cache_function *functions;
	struct cache_pool *pools;
	struct cache_map *maps;
	/* Collections: each of them empties all pools into their victim caches, and those. */
	uint64_t pools_emptied, pools_emptied_interval;
};

/* Frees what it holds and resets. */
void cache_group_clear(struct cache_group *group);
/* Copies the arrays. 0 or -ENOMEM, silent, *ret then untouched. */
int cache_group_copy(const struct cache_group *group, struct cache_group *ret);

/* Leaves what was counted since `base`, an earlier moment of the same observation, as one interval.
 * What `base` does not know yet has been counted since then. */
void cache_group_since(struct cache_group *group, const struct cache_group *base);

#define AUTO_CACHE_GROUP __attribute__((cleanup(cache_group_clear)))

#endif
