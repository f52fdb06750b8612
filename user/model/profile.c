/* The bucket list joined with the probes' activity, and what it was before. */
#include "model/profile.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "model/profile_state.h"

int profile_new(struct profile **ret)
{
	struct profile *profile = calloc(1, sizeof(*profile));

	if (!profile)
		return -ENOMEM;
	*ret = profile;
	return 0;
}

static void free_known(struct profile *profile)
{
	struct known_bucket *known, *next;

	HASH_ITER (hh, profile->buckets, known, next) {
		HASH_DEL(profile->buckets, known);
		free(known);
	}
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	free_known(profile);
	free(profile->items);
	profile_free_sites(profile);
	free(profile);
}

static struct known_bucket *find(struct profile *profile, uint64_t address)
{
	struct known_bucket *known;

	HASH_FIND(hh, profile->buckets, &address, sizeof(address), known);
	return known;
}

/*
 * A bucket that was not in an earlier list did not exist then (buckets are never freed, the runtime
 * puts new ones at the head of the list), so everything it counts is new.
 */
static struct known_bucket *know(struct profile *profile, const struct bucket *bucket, size_t index)
{
	struct known_bucket *known = index < profile->count ? profile->items[index] : NULL;

	if (!known || known->address != bucket->address)
		known = find(profile, bucket->address);
	if (known)
		return known;
	known = calloc(1, sizeof(*known));
	if (!known)
		return NULL;
	known->address = bucket->address;
	if (!profile->begun)
		known->first = known->previous = bucket->allocs;
	HASH_ADD(hh, profile->buckets, address, sizeof(known->address), known);
	if (!known->hh.tbl) { /* uthash could not grow */
		free(known);
		return NULL;
	}
	return known;
}

/* Counts only grow; one that shrank was read while it was being moved between cycles. */
static uint64_t growth(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void fill_record(struct record *record, const struct bucket *bucket,
			struct known_bucket *known, double rate_bytes)
{
	uint64_t size = bucket->object_bytes;

	*record = (struct record){
		.id = bucket->address,
		.stack = bucket->stack,
		.type = bucket->type,
		.interface = bucket->interface,
		.object_bytes = size,
		.total = amount_from_samples(bucket->allocs, size, rate_bytes),
		.begun =
			amount_from_samples(growth(bucket->allocs, known->first), size, rate_bytes),
		.interval = amount_from_samples(growth(bucket->allocs, known->previous), size,
						rate_bytes),
		.live = amount_from_samples(growth(bucket->allocs, bucket->frees), size,
					    rate_bytes),
		.ages = known->ages_before,
	};
	if (bucket->allocs > known->previous)
		known->previous = bucket->allocs;
}

static int fill_records(struct profile *profile, const struct bucket *buckets, size_t count,
			double rate_bytes, struct record *records)
{
	int error = VEC_RESERVE(profile, count, LIMIT_BUCKETS);

	for (size_t i = 0; error == 0 && i < count; i++) {
		struct known_bucket *known = know(profile, &buckets[i], i);

		if (!known)
			return -ENOMEM;
		known->births = 0;
		known->index = i;
		profile->items[i] = known;
		fill_record(&records[i], &buckets[i], known, rate_bytes);
	}
	if (error == 0)
		profile->count = count;
	return error;
}

/* A bucket that is newer than the list waits for the next list. */
static void join_activity(struct profile *profile, const struct bucket_activity *activity,
			  size_t count, struct record *records, size_t record_count)
{
	for (size_t i = 0; i < count; i++) {
		struct known_bucket *known = find(profile, activity[i].address);

		if (!known || known->index >= record_count ||
		    records[known->index].id != known->address)
			continue;
		known->births = activity[i].births;
		known->ages = activity[i].ages;
		ages_add(&records[known->index].ages, &known->ages);
	}
}

/* The part of two polls' shortfalls that is in both. */
static uint64_t confirmed(struct known_bucket *known, uint64_t shortfall)
{
	uint64_t before = known->shortfall;

	known->shortfall = shortfall;
	return shortfall < before ? shortfall : before;
}

/*
 * Activity is read after the list, so the probes should be ahead of it, never behind, unless they
 * missed a birth. The runtime counts a birth a moment before it calls the probed function, though,
 * and a thread can be off the CPU in between: only what is still behind at the next poll was
 * missed. The first list under new probes is where counting starts: what happened between attaching
 * and that list makes the probes look better by a few births, never worse.
 */
static uint64_t count_missed(struct profile *profile, const struct bucket *buckets, size_t count)
{
	uint64_t missed = 0;

	for (size_t i = 0; i < count; i++) {
		struct known_bucket *known = profile->items[i];
		uint64_t births;

		if (!profile->watching)
			known->watched_from = buckets[i].allocs;
		births = growth(buckets[i].allocs, known->watched_from);
		missed += confirmed(known, growth(births, known->births));
	}
	profile->watching = true;
	return missed;
}

int profile_from_buckets(struct profile *profile, const struct bucket *buckets, size_t bucket_count,
			 const struct bucket_activity *activity, size_t activity_count,
			 double rate_bytes, struct snapshot *snapshot)
{
	struct record *records AUTO_FREE = calloc(bucket_count + 1, sizeof(*records));

	if (!records || fill_records(profile, buckets, bucket_count, rate_bytes, records) < 0)
		return -ENOMEM;
	join_activity(profile, activity, activity_count, records, bucket_count);
	if (snapshot->mode == MODE_SAMPLER)
		profile->missed = count_missed(profile, buckets, bucket_count);
	profile->begun = true;
	free(snapshot->records);
	snapshot->records = TAKE(records);
	snapshot->record_count = bucket_count;
	snapshot->has_total = snapshot->has_live = true;
	snapshot->losses[LOSS_PROBE_MISSED] += profile->missed_before + profile->missed;
	return 0;
}

void profile_probes_seen(struct profile *profile, const struct bucket_activity *activity,
			 size_t activity_count)
{
	for (size_t i = 0; i < activity_count; i++) {
		struct known_bucket *known = find(profile, activity[i].address);

		if (known)
			known->ages = activity[i].ages;
	}
}

void profile_probes_detached(struct profile *profile)
{
	struct known_bucket *known, *next;

	HASH_ITER (hh, profile->buckets, known, next) {
		ages_add(&known->ages_before, &known->ages);
		known->ages = (struct ages){ 0 };
		known->births = known->shortfall = 0;
	}
	profile->missed_before += profile->missed;
	profile->missed = 0;
	profile->watching = false;
}
