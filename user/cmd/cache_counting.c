/* Loading, counting and reading the probes of caches. */
#include "cmd/cache_counting.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/diag.h"
#include "model/governor.h"

void cache_counting_clear(struct cache_counting *counting)
{
	cache_probe_close(counting->probe);
	cache_rows_clear(&counting->rows);
	free(counting->plan);
	*counting = (struct cache_counting){ 0 };
}

/* The pools that the runtime knows: their New functions are probed from the start. */
static void add_pools(struct cache_counting *counting, const struct collect_context *context)
{
	uint64_t pools[LIMIT_CACHE_OBJECTS];
	size_t count = target_pools(context->target, pools, LIMIT_CACHE_OBJECTS);
	struct probe_plan *probes = &counting->plan->probes;

	for (size_t i = 0; i < count; i++)
		if (!cache_rows_find(&counting->rows, pools[i], false) &&
		    probes->count < LIMIT_PROBE_POINTS &&
		    cache_rows_add(&counting->rows, context->target, pools[i], false,
				   &probes->points[probes->count]))
			probes->count++;
}

int cache_counting_load(struct cache_counting *counting, const struct collect_context *context,
			const struct text_list *globs)
{
	int error = probe_check();

	counting->plan = calloc(1, sizeof(*counting->plan));
	if (!counting->plan)
		return diag_fail(-ENOMEM, "out of memory");
	if (error == 0)
		error = target_plan_caches(context->target, globs->texts, globs->count,
					   counting->plan);
	if (error < 0)
		return error;
	cache_rows_begin(&counting->rows, counting->plan);
	add_pools(counting, context);
	if (!counting->plan->probes.count)
		return diag_fail(-ENOTSUP, "there is nothing to be counted");
	if (clock_getcpuclockid(context->pid, &counting->cpu) != 0)
		return diag_fail(-ESRCH, "the CPU time of process %d cannot be read", context->pid);
	counting->off_cpu_ns = clock_ns(counting->cpu);
	return cache_probe_open(context->pid, &counting->plan->probes, &counting->probe);
}

bool cache_counting_can_burst(const struct cache_counting *counting)
{
	return cache_probe_is_one_link(counting->probe);
}

/* New pools and maps. Returns whether a New function was probed. */
static bool discover(struct cache_counting *counting, const struct collect_context *context,
		     const struct cache_calls_seen *seen)
{
	bool added = false;

	for (size_t i = 0; i < seen->object_count; i++) {
		const struct cache_object_calls *calls = &seen->objects[i];
		struct cache_object_row *row;
		struct probe_point point;

		if (cache_rows_find(&counting->rows, calls->address, calls->is_map) ||
		    !cache_rows_add(&counting->rows, context->target, calls->address, calls->is_map,
				    &point))
			continue;
		row = cache_rows_find(&counting->rows, calls->address, calls->is_map);
		row->misses_known = cache_probe_add(counting->probe, &point) == 0;
		row->begins = row->misses_known;
		added |= row->begins;
	}
	return added;
}

int cache_counting_look(struct cache_counting *counting, const struct collect_context *context)
{
	struct cache_calls_seen seen;
	int error = cache_probe_read(counting->probe, &seen, &counting->statistics);

	if (error == 0 && discover(counting, context, &seen))
		error = cache_probe_read(counting->probe, &seen, &counting->statistics);
	if (error == 0)
		cache_rows_take(&counting->rows, &seen);
	return error;
}

double cache_counting_begin(struct cache_counting *counting, const struct collect_context *context,
			    int64_t ns)
{
	const struct timespec time = clock_timespec(ns);
	uint64_t hits = counting->statistics.hits;
	int error = cache_probe_attach(counting->probe);
	int64_t begin_ns = clock_ns(CLOCK_MONOTONIC);

	if (error < 0)
		return error;
	cache_probe_count(counting->probe, true);
	counting->on_cpu_ns = clock_ns(counting->cpu);
	counting->unseen_s += (double)(counting->on_cpu_ns - counting->off_cpu_ns) * 1e-9;
	nanosleep(&time, NULL);
	cache_counting_look(counting, context);
	return (double)(counting->statistics.hits - hits) * 1e9 /
	       (double)(clock_ns(CLOCK_MONOTONIC) - begin_ns);
}

static void take_off(struct cache_counting *counting, const struct collect_context *context)
{
	cache_probe_count(counting->probe, false);
	counting->off_cpu_ns = clock_ns(counting->cpu);
	cache_probe_detach(counting->probe);
	cache_counting_look(counting, context);
}

void cache_counting_end(struct cache_counting *counting, const struct collect_context *context)
{
	take_off(counting, context);
	cache_rows_mark(&counting->rows);
}

void cache_counting_end_window(struct cache_counting *counting,
			       const struct collect_context *context)
{
	take_off(counting, context);
	cache_rows_window(&counting->rows, &counting->windows,
			  (double)(counting->off_cpu_ns - counting->on_cpu_ns) * 1e-9,
			  governor_trap_ns(context->trap_ns));
}

static double take_unseen(struct cache_counting *counting, bool counting_now)
{
	double unseen_s = counting->unseen_s;
	int64_t now_ns;

	counting->unseen_s = 0;
	if (counting_now)
		return unseen_s;
	now_ns = clock_ns(counting->cpu);
	unseen_s += (double)(now_ns - counting->off_cpu_ns) * 1e-9;
	counting->off_cpu_ns = now_ns;
	return unseen_s;
}

int cache_counting_fill(struct cache_counting *counting, bool counting_now, bool whole,
			struct snapshot *snapshot)
{
	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += counting->statistics.losses[i];
	return cache_rows_fill(&counting->rows, &counting->windows,
			       take_unseen(counting, counting_now), whole, snapshot);
}
