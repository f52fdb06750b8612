/* Empty snapshots, and the names of what they hold. */
#include "model/snapshot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void init_memstats(struct memstats *memstats)
{
	*memstats = (struct memstats){
#define FIELD(member, name) .member = UNKNOWN,
		MEMSTATS_FIELDS(FIELD)
#undef FIELD
			.gc_cpu_fraction = NAN,
	};
}

static void init_class(struct size_class *class)
{
	*class = (struct size_class){ UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN };
}

void snapshot_init(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){
		.time_unix_ns = UNKNOWN,
		.interval_s = NAN,
		.elapsed_s = NAN,
		.pid = (int32_t)UNKNOWN,
		.sampling_rate_bytes = NAN,
		.heap = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, NAN, NAN },
		.gc = { UNKNOWN, UNKNOWN, UNKNOWN, NAN, NAN },
		.goroutines = UNKNOWN,
		.gc_cpu = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
			    UNKNOWN },
		.types = { UNKNOWN, UNKNOWN, UNKNOWN, NAN },
		.cost = { UNKNOWN, NAN, NAN, NAN, NAN, UNKNOWN, UNKNOWN },
	};
	rss_init(&snapshot->rss);
	type_group_init(&snapshot->type_group);
	governor_state_init(&snapshot->governor);
	init_memstats(&snapshot->memstats);
	for (int class = 0; class < SIZE_CLASSES; class ++)
		init_class(&snapshot->classes[class]);
}

int snapshot_copy(const struct snapshot *snapshot, struct snapshot *ret)
{
	size_t bytes = snapshot->record_count * sizeof(*snapshot->records);
	struct record *records AUTO_FREE = malloc(bytes ? bytes : 1);
	struct gc_events events AUTO_EVENTS = { 0 };
	struct type_group types AUTO_TYPE_GROUP = { 0 };
	struct cache_group caches AUTO_CACHE_GROUP = { 0 };

	if (!records || gc_events_copy(&snapshot->gc_events, &events) < 0 ||
	    type_group_copy(&snapshot->type_group, &types) < 0 ||
	    cache_group_copy(&snapshot->cache_group, &caches) < 0)
		return -ENOMEM;
	if (bytes)
		memcpy(records, snapshot->records, bytes);
	snapshot_clear(ret);
	*ret = *snapshot;
	ret->records = TAKE(records);
	ret->gc_events = events;
	ret->type_group = types;
	ret->cache_group = caches;
	events = (struct gc_events){ 0 };
	types = (struct type_group){ 0 };
	caches = (struct cache_group){ 0 };
	return 0;
}

void snapshot_clear(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->records);
	gc_events_clear(&snapshot->gc_events);
	type_group_clear(&snapshot->type_group);
	cache_group_clear(&snapshot->cache_group);
	snapshot_init(snapshot);
}

uint64_t snapshot_losses(const struct snapshot *snapshot)
{
	uint64_t sum = 0;

	for (int i = 0; i < LOSS_COUNT; i++)
		sum += snapshot->losses[i];
	return sum;
}

const char *mode_name(enum mode mode)
{
	static const char *const names[MODE_COUNT] = {
		[MODE_COUNTERS] = "counters", [MODE_SAMPLER] = "sampler", [MODE_LIST] = "list",
		[MODE_WINDOWS] = "burst",     [MODE_EXACT] = "exact",
	};

	return names[mode];
}

bool mode_has_hits(enum mode mode)
{
	return mode == MODE_WINDOWS || mode == MODE_EXACT;
}

const char *loss_key(enum loss loss)
{
#define KEY(symbol, key, meaning) key,
	static const char *const keys[LOSS_COUNT] = { LOSS_REASONS(KEY) };
#undef KEY
	return keys[loss];
}

const char *loss_meaning(enum loss loss)
{
#define MEANING(symbol, key, meaning) meaning,
	static const char *const meanings[LOSS_COUNT] = { LOSS_REASONS(MEANING) };
#undef MEANING
	return meanings[loss];
}
