/* What a call of a cache function allocates, itself and in what it calls. */
#ifndef MODEL_CACHE_COSTS_H
#define MODEL_CACHE_COSTS_H

#include "model/snapshot.h"

/*
 * Adds what the records allocated in their interval to each function whose text is on the stack, by
 * the address of the frames: a call that was inlined into another function has no probe, and what
 * it allocates is not this function's either. Where one calls the other the record is both's.
 * `functions` keep their order.
 */
void cache_costs_add(struct cache_function *functions, size_t count, const struct record *records,
		     size_t record_count);

/* NAN when not known. The bounds are those of both numbers together, 95 %. */
struct cache_cost {
	double value;
	struct interval bounds;
};

/* `rate_bytes`: mean distance of two samples, as in the snapshot; without any sample it tells how
 * many bytes may have been missed. How many objects these are is not known: a high bound of NAN. */
struct cache_cost cache_bytes_per_call(const struct cache_function *function, double rate_bytes);
struct cache_cost cache_objects_per_call(const struct cache_function *function, double rate_bytes);

#endif
