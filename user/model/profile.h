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
 * The hits of exact windows within the interval. `mallocs` and `alloc_bytes` are what the counters
 * say was allocated in the whole interval (UNKNOWN: scaled by time instead, with `window_share` the
 * part of the interval the windows covered). Bytes and objects are scaled apart, so that the sums
 * over records equal the counters. Records keep their sum over intervals in `begun`. No live
 * amounts. Sites beyond LIMIT_WINDOW_SITES count as LOSS_SITE_MAP_FULL, hit by hit.
 * 0 or -ENOMEM, silent.
 */
int profile_from_windows(struct profile *profile, const struct exact_site *sites, size_t site_count,
			 int64_t mallocs, int64_t alloc_bytes, double window_share,
			 struct snapshot *snapshot);

/*
 * The hits of exact probes that see every allocation, cumulative since the observation began: they
 * stand for themselves. Records are those of `sites`, whose `hits` never fall; `begun` is what they
 * counted, `interval` what was added since the last call. No live amounts. 0 or -ENOMEM, silent.
 */
int profile_from_exact(struct profile *profile, const struct exact_site *sites, size_t site_count,
		       struct snapshot *snapshot);

#endif
