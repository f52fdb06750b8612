/* The steps between a plan and attached probes, each of which says itself why it fails. */
#include "probe/group.h"

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "probe/statistics.h"
#include "probe/trap_cost.h"

int probe_group_open(struct probe_group *group, pid_t pid)
{
	int err = attach_way_find(&group->way);

	group->pid = pid;
	return err < 0 ? err : object_open(&group->object);
}

int probe_group_load(struct probe_group *group)
{
	object_want_programs(group->way, &group->programs);
	return object_load(group->object, group->pid);
}

int probe_group_attach(struct probe_group *group, const struct probe_plan *plan)
{
	int err =
		attachment_open(group->way, &group->programs, group->pid, plan, &group->attachment);

	return err < 0 ? attachment_fail(err, group->way, group->pid) : 0;
}

void probe_group_detach(struct probe_group *group)
{
	attachment_close(group->attachment);
	group->attachment = NULL;
}

void probe_group_close(struct probe_group *group)
{
	probe_group_detach(group);
	object_free(group->object);
	group->object = NULL;
}

int probe_group_statistics(const struct probe_group *group, struct probe_statistics *ret)
{
	ret->points = group->attachment ? attachment_points(group->attachment) : 0;
	ret->multi = group->way == ATTACH_MULTI;
	return statistics_read(group->object->maps.counters, ret);
}

int probe_group_hits(const struct probe_group *group, uint64_t *ret)
{
	return statistics_counter(group->object->maps.counters, WIRE_HITS, ret);
}
