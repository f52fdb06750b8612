/* The GC's cycles and stops of the world: the kernel queues each hit, this file opens, empties the
 * queue and closes. */
#include "probe/probe.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/vec.h"
#include "model/unknown.h"
#include "probe/program_set.h"

#define RING_ENTRY_BYTES (8 + sizeof(struct wire_gc_event)) /* the kernel's header before each */

struct gc_probe {
	struct program_set set;
	struct ring_buffer *ring;
	struct {
		struct gc_hit *items;
		size_t count, capacity;
	} hits; /* what gc_probe_read gave last; room for all that the ring can hold */
};

DEFINE_CLEANUP(gc_probe_cleanup, struct gc_probe, gc_probe_close)

static int load(struct gc_probe *probe, const struct probe_plan *plan,
		const struct gc_probe_options *options)
{
	struct heaptap_bpf *object = probe->set.object;

	probe->set.programs = (struct attach_programs){
		.multi = object->progs.gc_multi,
		.of_role = { [PROBE_GC_CYCLE_START] = object->progs.gc_cycle_start,
			     [PROBE_GC_MARK_END] = object->progs.gc_mark_end,
			     [PROBE_GC_TRANSITION] = object->progs.gc_transition,
			     [PROBE_WORLD_STOP] = object->progs.world_stop,
			     [PROBE_WORLD_START] = object->progs.world_start },
	};
	object_want_map(object->maps.gc_events, options->ring_bytes);
	object->rodata->gc_heap_live = plan->gc.heap_live;
	object->rodata->gc_heap_marked = plan->gc.heap_marked;
	object->rodata->gc_last_goal = plan->gc.last_goal;
	object->rodata->gc_cycles = plan->gc.cycles;
	object->rodata->gc_pauses = plan->gc.pauses;
	object->rodata->gc_stop_has_reason = plan->gc.stop_has_reason;
	object->rodata->gc_start_has_stop = plan->gc.start_has_stop;
	return program_set_load(&probe->set);
}

static int64_t known(__u64 value)
{
	return value == WIRE_UNKNOWN ? UNKNOWN : (int64_t)value;
}

static const enum gc_hit_kind kind_of_cookie[] = {
	[WIRE_COOKIE_GC_CYCLE_START] = GC_HIT_CYCLE_START,
	[WIRE_COOKIE_GC_MARK_END] = GC_HIT_MARK_END,
	[WIRE_COOKIE_GC_TRANSITION] = GC_HIT_TRANSITION,
	[WIRE_COOKIE_WORLD_STOP] = GC_HIT_WORLD_STOP,
	[WIRE_COOKIE_WORLD_START] = GC_HIT_WORLD_START,
};

/* While the ring is emptied it may be filled. A negative value ends the reading behind this event
 * (libbpf 1.0, ringbuf_process_ring): what there is no room for stays in the ring. */
static int take_event(void *context, void *data, size_t bytes)
{
	struct gc_probe *probe = context;
	const struct wire_gc_event *event = data;

	(void)bytes;
	probe->hits.items[probe->hits.count++] = (struct gc_hit){
		.kind = kind_of_cookie[event->kind],
		.reason = (int)event->reason,
		.forced = event->forced,
		.time_ns = (int64_t)event->time_ns,
		.runtime_ns = (int64_t)event->runtime_ns,
		.stop_ns = (int64_t)event->stop_ns,
		.heap_bytes = known(event->heap_bytes),
		.goal_bytes = known(event->goal_bytes),
		.pause_ns = known(event->pause_ns),
		.cycles = event->cycles == (__u32)WIRE_UNKNOWN ? UNKNOWN : event->cycles,
	};
	return probe->hits.count < probe->hits.capacity ? 0 : -ENOSPC;
}

static int open_ring(struct gc_probe *probe, size_t ring_bytes)
{
	int err = VEC_RESERVE(&probe->hits, ring_bytes / RING_ENTRY_BYTES + 1, SIZE_MAX);

	if (err < 0)
		return diag_fail(err, "cannot read the GC's events");
	probe->ring = ring_buffer__new(bpf_map__fd(probe->set.object->maps.gc_events), take_event,
				       probe, NULL);
	return probe->ring ? 0 : diag_fail(-errno, "cannot read the GC's events");
}

int gc_probe_open(pid_t pid, const struct probe_plan *plan, const struct gc_probe_options *options,
		  struct gc_probe **ret)
{
	struct gc_probe *probe CLEANUP(gc_probe_cleanup) = calloc(1, sizeof(*probe));
	int err;

	if (!probe)
		return diag_fail(-ENOMEM, "cannot observe the GC");
	err = program_set_open(&probe->set, pid);
	if (err == 0)
		err = load(probe, plan, options);
	if (err == 0)
		err = open_ring(probe, options->ring_bytes);
	if (err == 0)
		err = program_set_attach(&probe->set, plan);
	if (err == 0)
		*ret = TAKE(probe);
	return err;
}

/* The counters are read last: a hit that they have lost has its place behind these. */
int gc_probe_read(struct gc_probe *probe, const struct gc_hit **ret, size_t *ret_count,
		  struct probe_statistics *statistics)
{
	int err;

	probe->hits.count = 0;
	err = ring_buffer__consume(probe->ring);
	if (err >= 0 || probe->hits.count == probe->hits.capacity)
		err = program_set_statistics(&probe->set, statistics);
	if (err < 0)
		return err;
	*ret = probe->hits.items;
	*ret_count = probe->hits.count;
	return 0;
}

void gc_probe_close(struct gc_probe *probe)
{
	if (!probe)
		return;
	program_set_detach(&probe->set);
	ring_buffer__free(probe->ring);
	program_set_close(&probe->set);
	free(probe->hits.items);
	free(probe);
}
