/* One side of a comparison: which recording it is, and what of it can be compared. */
#ifndef JUDGE_SIDE_H
#define JUDGE_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "judge/finding.h"
#include "model/snapshot.h"

struct side {
	const char *comm, *go_version; /* of the newest snapshot; NULL when not known */
	const char *note;	       /* of the newest snapshot that had one */
	double sampling_rate_bytes;
	bool modes[MODE_COUNT]; /* that its rows were got by */
	uint64_t intervals;	/* usable: those that have a length */
	double seconds, calls;	/* in them; calls: of the function of --per */
	bool has_calls;		/* the function was counted in some of them */
	/* Of `calls`, a standard error: all intervals are estimated from the same few windows, so
	 * that errors add up. 0: each call was counted. */
	double calls_deviation;
	uint64_t gaps; /* times in which nobody looked */
	uint64_t losses[LOSS_COUNT];
	int64_t first_unix_ns, last_unix_ns;
	/* the snapshot before */
	int32_t pid;
	uint64_t losses_before[LOSS_COUNT];
	double watched_calls; /* of the function, in all intervals that it was watched throughout */
};

/*
 * Takes note of a snapshot. `function` is that of --per or NULL: calls of any function that has
 * this name, in full or as tables show it, count together. *ret_weight is what the interval's
 * amounts are divided by: its seconds, or its calls; NAN when it has none, or was not watched
 * throughout, and cannot be used.
 */
void side_add(struct side *side, const struct snapshot *snapshot, const char *function,
	      double *ret_weight);

/* The standard error of the calls as a share of them; 0 where each was counted, and without --per.
 */
double side_calls_share(const struct side *side);

/* What the numbers of two sides' rows are, by the modes that these were got by: the least certain
 * of them. */
enum number_kind side_kind(const struct side *before, const struct side *after);

#endif
