/* What the cache probes count, by function, pool and map: from the kernel's numbers to the
 * snapshot's rows. */
#ifndef CMD_CACHE_ROWS_H
#define CMD_CACHE_ROWS_H

#include "model/cache_counter.h"
#include "model/snapshot.h"
#include "probe/probe.h"
#include "target/target.h"

/* A sync.Pool (counts: gets, puts, misses) or a sync.Map (loads, stores, others). */
struct cache_object_row {
	uint64_t address;
	bool is_map;
	const char *name, *made_by;
	bool misses_known;
	bool lost;   /* its calls found no place in the kernel */
	bool begins; /* its New was probed a moment ago: its counts begin with the next look */
	struct cache_counter counts[3];
};

/* All zero at first. */
struct cache_rows {
	size_t function_count;
	struct cache_function functions[LIMIT_CACHE_FUNCTIONS]; /* calls: of `calls` */
	bool probed[LIMIT_CACHE_FUNCTIONS];
	struct cache_counter calls[LIMIT_CACHE_FUNCTIONS];
	struct {
		struct cache_object_row *items;
		size_t capacity;
	} objects;
	size_t object_count;
	struct { /* New functions that are probed */
		uint64_t address[LIMIT_CACHE_NEWS];
		size_t count;
	} news;
};

void cache_rows_clear(struct cache_rows *rows);

void cache_rows_begin(struct cache_rows *rows, const struct cache_plan *plan);
/*
 * A pool or map that was not known. When it is a pool whose New is not probed yet, *ret_point is
 * where it should be, and true is returned.
 */
bool cache_rows_add(struct cache_rows *rows, struct target *target, uint64_t address, bool is_map,
		    struct probe_point *ret_point);
struct cache_object_row *cache_rows_find(struct cache_rows *rows, uint64_t address, bool is_map);

/* The kernel's numbers of all that are known. */
void cache_rows_take(struct cache_rows *rows, const struct cache_calls_seen *seen);
/* A window begins: nothing has been counted since the last cache_rows_take. */
void cache_rows_mark(struct cache_rows *rows);
/* A window of so much of the program's CPU time has ended; the next begins
 * here. */
void cache_rows_window(struct cache_rows *rows, struct burst_windows *windows, double cpu_s,
		       double trap_ns);
/*
 * The rows of a snapshot whose records are filled in. `unseen_s`: CPU time of the interval that was
 * not watched; `whole`: the interval was watched, at least in windows, from its begin. 0 or
 * -ENOMEM, silent.
 */
int cache_rows_fill(struct cache_rows *rows, const struct burst_windows *windows, double unseen_s,
		    bool whole, struct snapshot *snapshot);

#endif
