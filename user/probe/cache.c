/* Calls of caches: the kernel counts them, this file opens, puts on, takes off and reads. */
#include "probe/probe.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/vec.h"
#include "probe/batch.h"
#include "probe/cache_sizes.h"
#include "probe/program_set.h"

#define ATTACHMENTS (1 + LIMIT_CACHE_NEWS)

struct cache_probe {
	struct program_set set;
	struct probe_plan plan;
	/* the first has all points that there were, each of the others one that came later */
	struct attachment *attachments[ATTACHMENTS];
	size_t attachment_count;
	int cpus;
	uint64_t *of_cpus; /* one array entry's value on each CPU */
	uint64_t calls[LIMIT_CACHE_FUNCTIONS];
	struct batch batch;
	struct cache_object_calls *items;
	size_t capacity;
};

static size_t forced_objects;

void cache_objects_force(size_t objects)
{
	forced_objects = objects;
}

DEFINE_CLEANUP(cache_probe_cleanup, struct cache_probe, cache_probe_close)

static int load(struct cache_probe *probe)
{
	struct heaptap_bpf *object = probe->set.object;

	probe->set.programs = (struct attach_programs){
		.multi = object->progs.cache_multi,
		.of_role = { [PROBE_CACHE_CALL] = object->progs.cache_call,
			     [PROBE_CACHE_LEAF] = object->progs.cache_leaf,
			     [PROBE_POOL_GET] = object->progs.pool_get,
			     [PROBE_POOL_PUT] = object->progs.pool_put,
			     [PROBE_POOL_NEW] = object->progs.pool_new,
			     [PROBE_MAP_LOAD] = object->progs.map_load,
			     [PROBE_MAP_STORE] = object->progs.map_store,
			     [PROBE_MAP_OTHER] = object->progs.map_other },
	};
	object_want_map(object->maps.cache_calls, 0);
	object_want_map(object->maps.cache_objects, forced_objects);
	if (probe->set.way == ATTACH_PERF)
		object_want_map(object->maps.cache_points, 0);
	object->rodata->pool_get_begin = probe->plan.pool.get_begin;
	object->rodata->pool_get_end = probe->plan.pool.get_end;
	return program_set_load(&probe->set);
}

static bool is_function(const struct probe_point *point)
{
	return point->role == PROBE_CACHE_CALL || point->role == PROBE_CACHE_LEAF;
}

/* What perf events have in place of cookies. */
static int fill_points(struct cache_probe *probe)
{
	int map = bpf_map__fd(probe->set.object->maps.cache_points), err = 0;

	for (size_t i = 0; err == 0 && i < probe->plan.count; i++) {
		const struct probe_point *point = &probe->plan.points[i];

		if (is_function(point))
			err = bpf_map_update_elem(map, &point->address, &point->index, BPF_ANY);
	}
	return err < 0 ? diag_fail(err, "cannot fill a map of the cache probes") : 0;
}

static int make_room(struct cache_probe *probe)
{
	probe->cpus = libbpf_num_possible_cpus();
	if (probe->cpus < 0)
		return probe->cpus;
	probe->of_cpus = calloc((size_t)probe->cpus, sizeof(*probe->of_cpus));
	probe->batch.key_bytes = sizeof(struct wire_cache_key);
	probe->batch.value_bytes = (size_t)probe->cpus * sizeof(struct wire_cache_object);
	return probe->of_cpus ? 0 : -ENOMEM;
}

int cache_probe_open(pid_t pid, const struct probe_plan *plan, struct cache_probe **ret)
{
	struct cache_probe *probe CLEANUP(cache_probe_cleanup) = calloc(1, sizeof(*probe));
	int err;

	if (!probe)
		return diag_fail(-ENOMEM, "cannot observe caches");
	probe->plan = *plan;
	err = make_room(probe);
	if (err < 0)
		return diag_fail(err, "cannot observe caches");
	err = program_set_open(&probe->set, pid);
	if (err == 0)
		err = load(probe);
	if (err == 0 && probe->set.way == ATTACH_PERF)
		err = fill_points(probe);
	if (err == 0)
		*ret = TAKE(probe);
	return err;
}

static int attach(struct cache_probe *probe, const struct probe_plan *plan)
{
	int err = attachment_open(probe->set.way, &probe->set.programs, probe->set.pid, plan,
				  &probe->attachments[probe->attachment_count]);

	if (err < 0)
		return attachment_fail(err, probe->set.way, probe->set.pid);
	probe->attachment_count++;
	return 0;
}

int cache_probe_attach(struct cache_probe *probe)
{
	return probe->attachment_count ? 0 : attach(probe, &probe->plan);
}

void cache_probe_detach(struct cache_probe *probe)
{
	cache_probe_count(probe, false);
	for (; probe->attachment_count; probe->attachment_count--)
		attachment_close(TAKE(probe->attachments[probe->attachment_count - 1]));
}

bool cache_probe_attached(const struct cache_probe *probe)
{
	return probe->attachment_count > 0;
}

void cache_probe_count(struct cache_probe *probe, bool on)
{
	*(volatile __u32 *)&probe->set.object->bss->cache_open = on;
}

int cache_probe_add(struct cache_probe *probe, const struct probe_point *point)
{
	struct probe_plan *one AUTO_FREE = calloc(1, sizeof(*one));

	if (!one)
		return -ENOMEM;
	if (probe->plan.count == LIMIT_PROBE_POINTS || probe->attachment_count == ATTACHMENTS)
		return diag_fail(-ENOTSUP, "no room for one more probe");
	probe->plan.points[probe->plan.count++] = *point;
	one->points[one->count++] = *point;
	return probe->attachment_count ? attach(probe, one) : 0;
}

static int read_calls(struct cache_probe *probe)
{
	int map = bpf_map__fd(probe->set.object->maps.cache_calls);

	for (size_t i = 0; i < probe->plan.count; i++) {
		const struct probe_point *point = &probe->plan.points[i];
		int err;

		if (!is_function(point))
			continue;
		err = bpf_map_lookup_elem(map, &point->index, probe->of_cpus);
		if (err < 0)
			return err;
		probe->calls[point->index] = 0;
		for (int cpu = 0; cpu < probe->cpus; cpu++)
			probe->calls[point->index] += probe->of_cpus[cpu];
	}
	return 0;
}

static struct cache_object_calls sum(const struct cache_probe *probe, size_t index)
{
	const struct wire_cache_key *key = (struct wire_cache_key *)probe->batch.keys + index;
	const struct wire_cache_object *values =
		(struct wire_cache_object *)probe->batch.values + index * (size_t)probe->cpus;
	struct cache_object_calls calls = { .address = key->address,
					    .is_map = key->kind == WIRE_CACHE_MAP };

	for (int cpu = 0; cpu < probe->cpus; cpu++)
		for (int i = 0; i < WIRE_CACHE_COUNTS; i++)
			calls.counts[i] += values[cpu].counts[i];
	return calls;
}

static int read_objects(struct cache_probe *probe)
{
	int err = batch_read(&probe->batch, bpf_map__fd(probe->set.object->maps.cache_objects),
			     false);

	if (err == 0)
		err = VEC_RESERVE(probe, probe->batch.count, LIMIT_CACHE_OBJECTS);
	for (size_t i = 0; err == 0 && i < probe->batch.count; i++)
		probe->items[i] = sum(probe, i);
	return err;
}

int cache_probe_read(struct cache_probe *probe, struct cache_calls_seen *ret,
		     struct probe_statistics *statistics)
{
	int err = read_calls(probe);

	if (err == 0)
		err = read_objects(probe);
	if (err == 0)
		err = program_set_statistics(&probe->set, statistics);
	if (err < 0)
		return err;
	statistics->points = probe->attachment_count ? probe->plan.count : 0;
	*ret = (struct cache_calls_seen){
		.calls = probe->calls,
		.objects = probe->items,
		.object_count = probe->batch.count,
		.objects_full = statistics->losses[LOSS_CACHE_MAP_FULL] > 0,
	};
	return 0;
}

bool cache_probe_is_one_link(const struct cache_probe *probe)
{
	return probe->set.way == ATTACH_MULTI;
}

void cache_probe_close(struct cache_probe *probe)
{
	if (!probe)
		return;
	while (probe->attachment_count)
		attachment_close(probe->attachments[--probe->attachment_count]);
	program_set_close(&probe->set);
	batch_clear(&probe->batch);
	free(probe->of_cpus);
	free(probe->items);
	free(probe);
}
