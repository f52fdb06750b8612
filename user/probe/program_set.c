/* The steps between a plan and attached probes, each of which says itself why it fails. */
#include "probe/program_set.h"

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "probe/statistics.h"
#include "probe/trap_cost.h"

int program_set_open(struct program_set *set, pid_t pid)
{
	int err = attach_way_find(&set->way);

	set->pid = pid;
	return err < 0 ? err : object_open(&set->object);
}

int program_set_load(struct program_set *set)
{
	object_want_programs(set->way, &set->programs);
	return object_load(set->object, set->pid);
}

int program_set_attach(struct program_set *set, const struct probe_plan *plan)
{
	int err = attachment_open(set->way, &set->programs, set->pid, plan, &set->attachment);

	return err < 0 ? attachment_fail(err, set->way, set->pid) : 0;
}

void program_set_detach(struct program_set *set)
{
	attachment_close(set->attachment);
	set->attachment = NULL;
}

void program_set_close(struct program_set *set)
{
	program_set_detach(set);
	object_free(set->object);
	set->object = NULL;
}

int program_set_statistics(const struct program_set *set, struct probe_statistics *ret)
{
	ret->points = set->attachment ? attachment_points(set->attachment) : 0;
	ret->multi = set->way == ATTACH_MULTI;
	return statistics_read(set->object->maps.counters, ret);
}

int program_set_hits(const struct program_set *set, uint64_t *ret)
{
	return statistics_counter(set->object->maps.counters, WIRE_HITS, ret);
}
