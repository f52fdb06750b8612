/* Which part of time a snapshot stands for, and so where there are gaps. */
#ifndef MODEL_CADENCE_H
#define MODEL_CADENCE_H

#include <stdint.h>

#include "model/snapshot.h"

/* Of one process. Zero-initialised has seen nothing. */
struct cadence {
	int64_t typical_ns; /* an interval, as they have been lately; 0: none yet */
};

/*
 * The snapshot stands for the time from the result to its own: its interval. Of one much longer
 * than the others (heaptap or the machine was stopped) only the last part counts, because nobody
 * looked before: the rest is a gap.
 */
int64_t cadence_begin(struct cadence *cadence, const struct snapshot *snapshot);

#endif
