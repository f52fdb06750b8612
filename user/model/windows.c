/*
 * Exact windows scaled up to their interval. The counters know how many objects and bytes the
 * interval had in all, the windows how they divide over sites; so both sums are scaled to the
 * counters, each by its own factor.
 */
#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "limits.h"
#include "model/profile_state.h"

/* What one hit and one hit byte stand for. */
struct scale {
	double objects, bytes;
};

void profile_free_sites(struct profile *profile)
{
	struct known_site *known, *next;

	HASH_ITER (hh, profile->sites, known, next) {
		HASH_DEL(profile->sites, known);
		free(known);
	}
}

static int add_hits(struct profile *profile, const struct exact_site *site)
{
	struct known_site *known;

	HASH_FIND(hh, profile->sites, &site->id, sizeof(site->id), known);
	if (!known && HASH_COUNT(profile->sites) >= LIMIT_WINDOW_SITES) {
		profile->sites_full += site->hits;
		return 0;
	}
	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return -ENOMEM;
		known->id = site->id;
		HASH_ADD(hh, profile->sites, id, sizeof(known->id), known);
		if (!known->hh.tbl) { /* uthash could not grow */
			free(known);
			return -ENOMEM;
		}
	}
	known->site = *site;
	known->hits += site->hits;
	return 0;
}

/* A window that was open for the whole interval, or for all that happened in it, needs no scaling.
 */
static struct scale choose_scale(const struct exact_site *sites, size_t count, int64_t mallocs,
				 int64_t alloc_bytes, double window_share)
{
	double hits = 0, bytes = 0, by_time = window_share > 0 ? 1 / window_share : 0;

	for (size_t i = 0; i < count; i++) {
		hits += (double)sites[i].hits;
		bytes += (double)sites[i].hits * (double)sites[i].object_bytes;
	}
	return (struct scale){
		.objects = mallocs != UNKNOWN && hits > 0 ? (double)mallocs / hits : by_time,
		.bytes =
			alloc_bytes != UNKNOWN && bytes > 0 ? (double)alloc_bytes / bytes : by_time,
	};
}

static void fill_records(struct profile *profile, struct scale scale, struct record *records)
{
	struct known_site *known, *next;
	size_t i = 0;

	HASH_ITER (hh, profile->sites, known, next) {
		struct amount interval = amount_from_hits(known->hits, known->site.object_bytes,
							  scale.objects, scale.bytes);

		amount_add(&known->begun, &interval);
		known->hits = 0;
		records[i++] = (struct record){
			.id = known->id,
			.stack = known->site.stack,
			.type = known->site.type,
			.interface = known->site.interface,
			.object_bytes = known->site.object_bytes,
			.begun = known->begun,
			.interval = interval,
		};
	}
}

int profile_from_windows(struct profile *profile, const struct exact_site *sites, size_t site_count,
			 int64_t mallocs, int64_t alloc_bytes, double window_share,
			 struct snapshot *snapshot)
{
	struct scale scale = choose_scale(sites, site_count, mallocs, alloc_bytes, window_share);
	struct record *records AUTO_FREE = NULL;

	for (size_t i = 0; i < site_count; i++)
		if (add_hits(profile, &sites[i]) < 0)
			return -ENOMEM;
	records = calloc(HASH_COUNT(profile->sites) + 1, sizeof(*records));
	if (!records)
		return -ENOMEM;
	fill_records(profile, scale, records);
	free(snapshot->records);
	snapshot->records = TAKE(records);
	snapshot->record_count = HASH_COUNT(profile->sites);
	snapshot->has_total = snapshot->has_live = false;
	snapshot->losses[LOSS_SITE_MAP_FULL] += profile->sites_full;
	return 0;
}
