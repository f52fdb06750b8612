/*
 * Exact windows made into records: the sites that were ever hit, what each got of the interval, and
 * their sums. How the interval divides is windows_spread.c's, unless the classes are not known:
 * then everything is scaled by two factors here.
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

struct known_site *profile_site(struct profile *profile, uint64_t id)
{
	struct known_site *known;

	HASH_FIND(hh, profile->sites, &id, sizeof(id), known);
	if (known)
		return known;
	known = calloc(1, sizeof(*known));
	if (!known)
		return NULL;
	known->id = id;
	HASH_ADD(hh, profile->sites, id, sizeof(known->id), known);
	if (!known->hh.tbl) { /* uthash could not grow */
		free(known);
		return NULL;
	}
	return known;
}

static int add_hits(struct profile *profile, const struct exact_site *site)
{
	struct known_site *known;

	HASH_FIND(hh, profile->sites, &site->id, sizeof(site->id), known);
	if (!known && HASH_COUNT(profile->sites) >= LIMIT_WINDOW_SITES) {
		profile->sites_full += site->hits;
		return 0;
	}
	if (!known)
		known = profile_site(profile, site->id);
	if (!known)
		return -ENOMEM;
	known->site = *site;
	known->hits += site->hits;
	return 0;
}

/* A window that was open for the whole interval, or for all that happened in it, needs no scaling.
 */
static struct scale choose_scale(const struct exact_site *sites, size_t count,
				 const struct window_interval *interval)
{
	double by_time = interval->window_share > 0 ? 1 / interval->window_share : 0;
	double hits = 0, bytes = 0;

	for (size_t i = 0; i < count; i++) {
		hits += (double)sites[i].hits;
		bytes += (double)sites[i].hits * (double)sites[i].object_bytes;
	}
	return (struct scale){
		.objects = interval->mallocs != UNKNOWN && hits > 0
				   ? (double)interval->mallocs / hits
				   : by_time,
		.bytes = interval->alloc_bytes != UNKNOWN && bytes > 0
				 ? (double)interval->alloc_bytes / bytes
				 : by_time,
	};
}

/* The hits of a window are correlated; how much has to be what the class's windows have shown. */
static void scale_all(struct profile *profile, struct scale scale)
{
	for (struct known_site *known = profile->sites; known; known = known->hh.next) {
		double factor =
			dispersion_factor(&known->dispersion,
					  &profile->classes[class_counted(known->site.size_class)]);

		known->interval = amount_from_hits(known->hits, known->site.object_bytes,
						   scale.objects, scale.bytes);
		known->interval.objects_variance *= factor;
		known->interval.bytes_variance *= factor;
	}
}

static void fill_records(struct profile *profile, struct record *records)
{
	struct known_site *known, *next;
	size_t i = 0;

	HASH_ITER (hh, profile->sites, known, next) {
		amount_add(&known->begun, &known->interval);
		records[i++] = (struct record){
			.id = known->id,
			.stack = known->site.stack,
			.type = known->site.type,
			.interface = known->site.interface,
			.object_bytes = known->site.object_bytes,
			.begun = known->begun,
			.interval = known->interval,
		};
		known->interval = (struct amount){ 0 };
		known->hits = 0;
	}
}

int profile_from_windows(struct profile *profile, const struct exact_site *sites, size_t site_count,
			 const struct window_interval *interval, struct snapshot *snapshot)
{
	struct record *records AUTO_FREE = NULL;
	int error = 0;

	for (size_t i = 0; i < site_count && error == 0; i++)
		error = add_hits(profile, &sites[i]);
	if (error == 0 && interval->slot_count)
		error = profile_spread(profile, sites, site_count, interval);
	else if (error == 0)
		scale_all(profile, choose_scale(sites, site_count, interval));
	if (error < 0)
		return error;
	records = calloc(HASH_COUNT(profile->sites) + 1, sizeof(*records));
	if (!records)
		return -ENOMEM;
	fill_records(profile, records);
	free(snapshot->records);
	snapshot->records = TAKE(records);
	snapshot->record_count = HASH_COUNT(profile->sites);
	snapshot->has_total = snapshot->has_live = false;
	snapshot->losses[LOSS_SITE_MAP_FULL] += profile->sites_full;
	return 0;
}
