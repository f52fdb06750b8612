/* A running idea of how long intervals are, which follows a change within a few of them. */
#include "model/cadence.h"

#define LONGEST 3 /* typical intervals that one may last without being a gap */

int64_t cadence_begin(struct cadence *cadence, const struct snapshot *snapshot)
{
	int64_t interval_ns = snapshot->interval_s > 0 ? (int64_t)(snapshot->interval_s * 1e9) : 0;
	int64_t typical_ns = cadence->typical_ns;

	if (!interval_ns)
		return snapshot->time_unix_ns;
	if (!typical_ns) {
		cadence->typical_ns = interval_ns;
	} else if (interval_ns <= LONGEST * typical_ns) {
		cadence->typical_ns += (interval_ns - typical_ns) / 4;
	} else {
		cadence->typical_ns += typical_ns / 2;
		interval_ns = typical_ns;
	}
	return snapshot->time_unix_ns - interval_ns;
}
