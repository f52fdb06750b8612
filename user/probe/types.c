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
#include "probe/program_set.h"
#include "probe/stacks.h"

struct type_probe {
	struct program_set set;
	struct batch events, rest;
	struct stacks stacks;
	struct {
		struct type_hit *items; /* what type_probe_read gave last */
		size_t count, capacity;
	} hits;
	uint64_t seen; /* hits at that time */
	bool settled;  /* and nothing had come since the time before */
};

DEFINE_CLEANUP(type_probe_cleanup, struct type_probe, type_probe_close)

static int load(struct type_probe *probe, const struct probe_plan *plan,
		const struct type_probe_options *options)
{
	struct heaptap_bpf *object = probe->set.object;

	probe->set.programs = (struct attach_programs){
		.multi = object->progs.type_multi,
		.of_role = { [PROBE_TYPE_ITAB] = object->progs.type_itab,
			     [PROBE_TYPE_REFLECT] = object->progs.type_reflect },
	};
	object_want_map(object->maps.type_events, options->events);
	object_want_map(object->maps.type_rest, options->stacks);
	object_want_map(object->maps.stacks, options->stacks);
	object_want_map(object->maps.scratch, options->threads);
	object->rodata->types_file_start = plan->file_start;
	object->rodata->types_file_bytes = plan->file_end - plan->file_start;
	object->rodata->types_named_most = options->events / 2;
	return program_set_load(&probe->set);
}

int type_probe_open(pid_t pid, const struct probe_plan *plan,
		    const struct type_probe_options *options, struct type_probe **ret)
{
	struct type_probe *probe CLEANUP(type_probe_cleanup) = calloc(1, sizeof(*probe));
	int err;

	if (!probe)
		return diag_fail(-ENOMEM, "cannot watch the types");
	probe->events.key_bytes = sizeof(struct wire_type_event);
	probe->events.value_bytes = sizeof(__u64);
	probe->rest.key_bytes = probe->events.key_bytes;
	probe->rest.value_bytes = probe->events.value_bytes;
	err = program_set_open(&probe->set, pid);
	if (err == 0)
		err = load(probe, plan, options);
	if (err == 0)
		err = program_set_attach(&probe->set, plan);
	if (err == 0)
		*ret = TAKE(probe);
	return err;
}

static struct type_hit describe(const struct wire_type_event *event, __u64 hits,
				const struct wire_stack *stack)
{
	return (struct type_hit){
		.reflect = event->kind == WIRE_COOKIE_TYPE_REFLECT,
		.failed = event->failed,
		.interface = event->interface,
		.type = event->type,
		.stack_id = stack_id_of(&event->stack),
		.hits = hits,
		.pcs = stack ? (const uint64_t *)stack->pcs : NULL,
		.pc_count = stack ? stack->count : 0,
	};
}

static void add_hits(struct type_probe *probe, const struct batch *events)
{
	for (size_t i = 0; i < events->count; i++) {
		const struct wire_type_event *event =
			(const struct wire_type_event *)events->keys + i;

		probe->hits.items[probe->hits.count++] =
			describe(event, ((const __u64 *)events->values)[i],
				 stacks_find(&probe->stacks, &event->stack));
	}
}

/* Events are read before the stacks, so that each stored stack of theirs is among these. */
static int collect(struct type_probe *probe)
{
	struct heaptap_bpf *object = probe->set.object;
	int err = batch_read(&probe->events, bpf_map__fd(object->maps.type_events), false);

	if (err == 0)
		err = batch_read(&probe->rest, bpf_map__fd(object->maps.type_rest), false);
	if (err == 0)
		err = stacks_read(&probe->stacks, bpf_map__fd(object->maps.stacks), false);
	if (err == 0)
		err = VEC_RESERVE(&probe->hits, probe->events.count + probe->rest.count,
				  LIMIT_TYPE_EVENTS + LIMIT_TYPE_STACKS);
	if (err < 0)
		return err;
	probe->hits.count = 0;
	add_hits(probe, &probe->events);
	add_hits(probe, &probe->rest);
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
	int err = program_set_statistics(&probe->set, statistics);

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
	*ret = probe->hits.items;
	*ret_count = probe->hits.count;
	return 0;
}

void type_probe_close(struct type_probe *probe)
{
	if (!probe)
		return;
	program_set_close(&probe->set);
	batch_clear(&probe->events);
	batch_clear(&probe->rest);
	stacks_clear(&probe->stacks);
	free(probe->hits.items);
	free(probe);
}
