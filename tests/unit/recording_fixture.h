/* Processes that never ran, for recordings: snapshots as the collectors make them, and whether two
 * say the same. */
#ifndef TESTS_UNIT_RECORDING_FIXTURE_H
#define TESTS_UNIT_RECORDING_FIXTURE_H

#include "model/profile.h"
#include "model/snapshot.h"

#define MADE_SLOTS 5 /* of an interval of exact windows */
#define MADE_SITES 40
#define MADE_KINDS 30 /* of registrations of types */

struct made_process {
	struct profile *profile;
	enum mode mode;
	int32_t pid;
	uint32_t sites, moves; /* known at first; changed in each interval */
	uint64_t seed;
	int64_t time_unix_ns;
	double elapsed_s;
	struct bucket *buckets;
	struct bucket_activity *activity;
	struct memstats memstats;
	struct governor_state governor;
	struct size_class classes[SIZE_CLASSES];
	uint64_t kind_counts[MADE_KINDS];
};

void made_begin(struct made_process *process, int32_t pid, enum mode mode, uint32_t sites,
		uint32_t moves);
void made_end(struct made_process *process);

/* The next snapshot, an interval of a second later; every member is set. The caller clears it. */
void made_next(struct made_process *process, struct snapshot *ret);

/* "" when they are equal, else the first member that is not. Records may be in any order. */
const char *snapshot_difference(const struct snapshot *a, const struct snapshot *b);

/* A path in a folder of this run, where nothing is yet. */
const char *recording_path(const char *name);

#endif
