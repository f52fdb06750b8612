/*
 * What is added to the runtime's types: opening the probes and reading their map, which only grows
 * and is read whole when there were hits since the last look.
 */
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
#include "probe/batch.h"
#include "probe/object.h"
#include "probe/statistics.h"
#include "probe/trap_cost.h"

struct type_probe {
	struct heaptap_bpf *object;
	struct attachment *attachment;
	enum attach_way way;
	struct batch events, stacks;
	struct {
		struct type_hit *items; /* what type_probe_read gave last */
		size_t count, capacity;
	} hits;
	uint64_t seen; /* hits at that time */
	bool settled;  /* and nothing had come since the time before */
};

DEFINE_CLEANUP(type_probe_cleanup, struct type_probe, type_probe_close)

static int load(struct type_probe *probe, pid_t pid, const struct type_probe_options *options,
		const struct attach_programs *programs)
{
	struct heaptap_bpf *object = probe->object;

	object_want_programs(probe->way, programs);
	object_want_map(object->maps.type_events, options->events);
	object_want_map(object->maps.stacks, options->stacks);
	object_want_map(object->maps.scratch, options->threads);
	return object_load(object, pid);
}

int type_probe_open(pid_t pid, const struct probe_plan *plan,
		    const struct type_probe_options *options, struct type_probe **ret)
{
	struct type_probe *probe CLEANUP(type_probe_cleanup) = calloc(1, sizeof(*probe));
	struct attach_programs programs;
	int err;

	if (!probe)
		return diag_fail(-ENOMEM, "cannot watch the types");
	probe->events.key_bytes = sizeof(struct wire_type_event);
	probe->events.value_bytes = sizeof(__u64);
	probe->stacks.key_bytes = sizeof(__u64);
	probe->stacks.value_bytes = sizeof(struct wire_stack);
	err = attach_way_find(&probe->way);
	if (err == 0)
		err = object_open(&probe->object);
	if (err < 0)
		return err;
	programs = (struct attach_programs){
		.multi = probe->object->progs.type_multi,
		.of_role = { [PROBE_TYPE_ITAB] = probe->object->progs.type_itab,
			     [PROBE_TYPE_REFLECT] = probe->object->progs.type_reflect },
	};
	err = load(probe, pid, options, &programs);
	if (err < 0)
		return err;
	err = attachment_open(probe->way, &programs, pid, plan, &probe->attachment);
	if (err < 0)
		return attachment_fail(err, probe->way, pid);
	*ret = TAKE(probe);
	return 0;
}

static int by_stack_id(const void *left, const void *right)
{
	__u64 a = *(const __u64 *)left, b = **(const __u64 *const *)right;

	return (a > b) - (a < b);
}

static int compare_ids(const void *left, const void *right)
{
	__u64 a = **(const __u64 *const *)left, b = **(const __u64 *const *)right;

	return (a > b) - (a < b);
}

/* The ids of the stacks in their order, to be freed; NULL without memory. */
static const __u64 **sorted_ids(const struct batch *stacks)
{
	const __u64 **ids = calloc(stacks->count + 1, sizeof(*ids));

	for (size_t i = 0; ids && i < stacks->count; i++)
		ids[i] = &((const __u64 *)stacks->keys)[i];
	if (ids)
		qsort(ids, stacks->count, sizeof(*ids), compare_ids);
	return ids;
}

static const struct wire_stack *find_stack(const struct batch *stacks, const __u64 **ids, __u64 id)
{
	const __u64 **found = bsearch(&id, ids, stacks->count, sizeof(*ids), by_stack_id);

	return found ? (const struct wire_stack *)stacks->values +
			       (*found - (const __u64 *)stacks->keys)
		     : NULL;
}

static struct type_hit describe(const struct wire_type_event *event, __u64 hits,
				const struct wire_stack *stack)
{
	return (struct type_hit){
		.reflect = event->kind == WIRE_COOKIE_TYPE_REFLECT,
		.failed = event->failed,
		.interface = event->interface,
		.type = event->type,
		.stack_id = event->stack_id,
		.hits = hits,
		.pcs = stack ? (const uint64_t *)stack->pcs : NULL,
		.pc_count = stack ? stack->count : 0,
	};
}

/* Events are read before the stacks, so that each stored stack of theirs is among these. */
static int collect(struct type_probe *probe)
{
	const __u64 **ids AUTO_FREE = NULL;
	int err = batch_read(&probe->events, bpf_map__fd(probe->object->maps.type_events), false);

	if (err == 0)
		err = batch_read(&probe->stacks, bpf_map__fd(probe->object->maps.stacks), false);
	if (err == 0)
		err = VEC_RESERVE(&probe->hits, probe->events.count, LIMIT_TYPE_EVENTS);
	if (err < 0)
		return err;
	ids = sorted_ids(&probe->stacks);
	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < probe->events.count; i++) {
		const struct wire_type_event *event =
			(const struct wire_type_event *)probe->events.keys + i;

		probe->hits.items[i] = describe(event, ((const __u64 *)probe->events.values)[i],
						find_stack(&probe->stacks, ids, event->stack_id));
	}
	probe->hits.count = probe->events.count;
	return 0;
}

/*
 * The number of hits is read first: one that comes meanwhile is looked at the next time. One that
 * was counted may be on its way into the map, so after hits there is one look more.
 */
int type_probe_read(struct type_probe *probe, const struct type_hit **ret, size_t *ret_count,
		    bool *ret_changed, struct probe_statistics *statistics)
{
	bool came;
	int err = statistics_read(probe->object->maps.counters, statistics);

	if (err < 0)
		return err;
	came = statistics->hits != probe->seen;
	*ret_changed = came || !probe->settled;
	if (*ret_changed)
		err = collect(probe);
	if (err < 0)
		return err;
	probe->settled = !came;
	probe->seen = statistics->hits;
	statistics->points = attachment_points(probe->attachment);
	statistics->multi = probe->way == ATTACH_MULTI;
	*ret = probe->hits.items;
	*ret_count = probe->hits.count;
	return 0;
}

void type_probe_close(struct type_probe *probe)
{
	if (!probe)
		return;
	attachment_close(probe->attachment);
	object_free(probe->object);
	batch_clear(&probe->events);
	batch_clear(&probe->stacks);
	free(probe->hits.items);
	free(probe);
}
