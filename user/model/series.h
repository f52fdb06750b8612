/*
 * What a timeline shows, for hours, in fixed memory: one point per snapshot; when there is no more
 * room, older neighbours become one point that keeps their least and greatest values. Time that no
 * snapshot covers stays without points: a gap.
 */
#ifndef MODEL_SERIES_H
#define MODEL_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cadence.h"
#include "model/rates.h"

enum series_value {
	SERIES_HEAP_INUSE,
	SERIES_HEAP_GOAL,
	SERIES_ALLOC_RATE,
	SERIES_RSS,
	SERIES_RSS_HEAP, /* the groups, in the order of enum rss_group */
	SERIES_RSS_STACKS,
	SERIES_RSS_RUNTIME,
	SERIES_RSS_FILE,
	SERIES_RSS_OTHER,
	SERIES_GOROUTINES,
	SERIES_GC_RATE,	     /* cycles per second */
	SERIES_PAUSE_NS,     /* the longest stop of the world; a cycle's stops together when only
				that is known */
	SERIES_ITABS_RATE,   /* added per second */
	SERIES_REFLECT_RATE, /* types made by reflection per second */
	SERIES_VALUES
};

/* NAN: not known. Three digits are shown, so a float is enough. */
struct series_range {
	float low, high, mean, last;
};

/* The fastest allocators of a point, by group of struct rates. */
#define SERIES_SPLIT 8
struct series_split {
	uint32_t count;
	uint32_t groups[SERIES_SPLIT];
	float rates[SERIES_SPLIT]; /* bytes per second */
	float rest;		   /* of all others; NAN: nobody was named */
};

/* Stands for begin_ns < time <= end_ns. The first one of an observation has no extent. */
struct series_point {
	int64_t begin_ns, end_ns;
	struct series_range values[SERIES_VALUES];
};

struct series {
	size_t count, capacity;
	struct series_point *points; /* by time */
	struct series_split *splits; /* grouping_count for each point */
	struct rates **rates;	     /* one for each grouping */
	struct cadence cadence;
	int64_t merged_ns;		/* older points cover up to so much */
	int64_t pause_total_ns, cycles; /* of the snapshot before */
	uint64_t backwards; /* snapshots left out: they are no later than the one before */
	uint64_t dropped;   /* oldest points given up, because gaps kept them from merging */
};

/* Capacity at least 16. 0 or -ENOMEM, silent. */
int series_new(size_t capacity, struct series **ret);
void series_free(struct series *series);

/* 0 or -ENOMEM, silent: the snapshot is then a gap. */
int series_add(struct series *series, const struct snapshot *snapshot);

/*
 * What is known of begin_ns < time <= end_ns: the points that end there, else the one that covers
 * it. False when there is none: a gap. The split is that of groupings[grouping].
 */
bool series_look(const struct series *series, int64_t begin_ns, int64_t end_ns, size_t grouping,
		 struct series_point *ret, struct series_split *ret_split);

/* The `max` groups that allocated most in that time, the first one most; returns how many there
 * are. Without memory: none. */
size_t series_top(const struct series *series, int64_t begin_ns, int64_t end_ns, size_t grouping,
		  uint32_t *groups, size_t max);

/* The rate of the group in the split, 0 when it is not among the fastest; NAN as `rest`. */
double series_split_rate(const struct series_split *split, uint32_t group);

#endif
