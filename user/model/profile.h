/*
 * From raw observations to records: remembers what was there when the observation began and at the
 * last interval, unsamples, and joins the bucket list (the truth for counts) with what the probes
 * saw (ages). Pure: the caller brings data and time.
 */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "model/bucket.h"
#include "model/class_counts.h"
#include "model/snapshot.h"

struct profile;

int profile_new(struct profile **ret);
void profile_free(struct profile *profile);

/*
 * The bucket list as it is now, every bucket of the process, each once. The first call is the
 * beginning of the observation. Fills snapshot->records, has_total, has_live. `activity` (may be
 * empty) is cumulative since the probes were attached, and read after the list. Probes count as
 * attached when snapshot->mode is MODE_SAMPLER: then LOSS_PROBE_MISSED grows by what the list has
 * and the probes have not, counted from the first list that was read with them attached.
 * 0 or -ENOMEM, silent.
 */
int profile_from_buckets(struct profile *profile, const struct bucket *buckets, size_t bucket_count,
			 const struct bucket_activity *activity, size_t activity_count,
			 double rate_bytes, struct snapshot *snapshot);

/* What the probes have told by now, before they go: as `activity` above, without a list. */
void profile_probes_seen(struct profile *profile, const struct bucket_activity *activity,
			 size_t activity_count);
/* The probes are gone: keeps what they saw. The next activity counts from 0 again. */
void profile_probes_detached(struct profile *profile);

/*
 * The interval of exact windows: it is cut in slots of time, in each of which there was one window
 * at most, at a random place.
 */
struct window_interval {
	/* What the counters say was allocated in each slot; no slots: the classes are not known. */
	const struct class_counts *slots;
	size_t slot_count;
	/* The same of the whole interval, for when there are no slots; UNKNOWN: scaled by time. */
	int64_t mallocs, alloc_bytes;
	double window_share; /* the part of the interval that the windows covered */
};

/*
 * The hits of exact windows within the interval. In each class of sizes they say how its exact
 * number of objects divides over sites, slot by slot (model/calibration.h): so the sums over
 * records equal the counters. What no site can be given to, classes of which no window had a hit,
 * is in a record of its own, whose type is windows_not_seen, so that nothing is dropped. Without
 * classes, objects and bytes are scaled by a factor each. Bytes are what the allocator takes.
 *
 * Variances are of what one window may miss by (model/dispersion.h); 0 where the windows saw
 * everything. Records keep their sum over intervals in `begun`. No live amounts. Sites beyond
 * LIMIT_WINDOW_SITES count as LOSS_SITE_MAP_FULL, hit by hit. `sites` are in the order of their
 * slots. 0 or -ENOMEM, silent.
 */
int profile_from_windows(struct profile *profile, const struct exact_site *sites, size_t site_count,
			 const struct window_interval *interval, struct snapshot *snapshot);

extern const char windows_not_seen[];

/*
 * The hits of exact probes that see every allocation, cumulative since the observation began: they
 * stand for themselves. Records are those of `sites`, whose `hits` never fall; `begun` is what they
 * counted, `interval` what was added since the last call. No live amounts. 0 or -ENOMEM, silent.
 */
int profile_from_exact(struct profile *profile, const struct exact_site *sites, size_t site_count,
		       struct snapshot *snapshot);

#endif
