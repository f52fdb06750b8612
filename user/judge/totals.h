/* The single numbers that are compared before any row. One more is a function and a line in the
 * registry. */
#ifndef JUDGE_TOTALS_H
#define JUDGE_TOTALS_H

#include "judge/measure.h"
#include "model/snapshot.h"

/* What of the snapshot before is needed to tell what an interval did. */
struct totals_reader {
	int32_t pid;
	bool any;
	int64_t cycles, last_gc_unix_ns, last_pause_unix_ns, gc_cpu_ns, cpu_ns;
};

enum total_unit { TOTAL_BYTES, TOTAL_COUNT, TOTAL_NS, TOTAL_SHARE };

struct total {
	const char *name, *title; /* of the JSON, of the table */
	enum total_unit unit;
	bool by_rows; /* a mean made of rows, and as sure as these; else a median of the kernel's or
			 the runtime's books: exact */
	bool state;   /* see struct measure */
	bool rate;    /* per second, or per call */
	bool largest; /* the largest of all is shown, in place of the median */
	/* How many times the comparison's floor a difference has to be. 1 is for what the program
	 * decides by itself; what depends on when the collector and the kernel come to it is never
	 * the same twice. A choice, shown with every number. */
	double floors;
	/* Adds what the interval had of it; `weight` is what a rate is divided by. 0 or a negative
	 * errno, silent. */
	int (*add)(struct measure *measure, const struct totals_reader *before,
		   const struct snapshot *snapshot, double weight);
};

extern const struct total totals[];
extern const size_t total_count;
#define TOTALS_MOST 16

/* The snapshot becomes the one before. */
void totals_reader_take(struct totals_reader *reader, const struct snapshot *snapshot);

#endif
