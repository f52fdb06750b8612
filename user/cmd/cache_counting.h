/*
 * The probes of caches and what they have counted: loads them, puts them on and takes them off,
 * reads them. When, and for how long, is the watch's business (cache_watch.c).
 */
#ifndef CMD_CACHE_COUNTING_H
#define CMD_CACHE_COUNTING_H

#include <time.h>

#include "cmd/parse.h"
#include "cmd/cache_rows.h"
#include "cmd/collector.h"

/* All zero at first. */
struct cache_counting {
	struct cache_plan *plan; /* NULL before it was loaded */
	struct cache_probe *probe;
	struct cache_rows rows;
	struct burst_windows windows;
	struct probe_statistics statistics;
	clockid_t cpu;	    /* the program's CPU time */
	int64_t on_cpu_ns;  /* of it, when counting last began */
	int64_t off_cpu_ns; /* of it, when counting last ended */
	double unseen_s;    /* of it, since the last snapshot, without counting */
};

void cache_counting_clear(struct cache_counting *counting);

/* Finds what the globs name, and the pools that are in use; loads the programs. Reported. The plan
 * and its note are there when it was found, also after an error. */
int cache_counting_load(struct cache_counting *counting, const struct collect_context *context,
			const struct text_list *globs);
/* Whether the probes come and go at once, so that they can be there for moments. */
bool cache_counting_can_burst(const struct cache_counting *counting);

/* Puts the probes on and counts for `ns`; they stay on. The traps per second, or a negative errno,
 * reported. */
double cache_counting_begin(struct cache_counting *counting, const struct collect_context *context,
			    int64_t ns);
/* Reads what was counted, and looks for new pools and maps. */
int cache_counting_look(struct cache_counting *counting, const struct collect_context *context);
/* Takes the probes off and reads them once more. What comes next are windows. */
void cache_counting_end(struct cache_counting *counting, const struct collect_context *context);
/* The same, of what was a window: calls are estimated from it. */
void cache_counting_end_window(struct cache_counting *counting,
			       const struct collect_context *context);

/* Fills the rows of a snapshot; `counting_now`: the probes are on. `whole` as cache_rows_fill's. */
int cache_counting_fill(struct cache_counting *counting, bool counting_now, bool whole,
			struct snapshot *snapshot);

#endif
