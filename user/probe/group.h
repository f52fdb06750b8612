/*
 * A probe group on one target, as every collector has it: its programs and maps, chosen from the
 * embedded object, and where they are attached.
 *
 * Opening: probe_group_open, then the programs and what they need are set (object_want_map,
 * rodata), then probe_group_load, then probe_group_attach.
 */
#ifndef PROBE_GROUP_H
#define PROBE_GROUP_H

#include "probe/attach.h"
#include "probe/object.h"
#include "probe/probe.h"

/* A member of its collector, zeroed at first. */
struct probe_group {
	pid_t pid;
	enum attach_way way;
	struct heaptap_bpf *object;
	struct attach_programs programs; /* set by the collector before loading */
	struct attachment *attachment;	 /* NULL: not attached, or by the collector itself */
};

/* Settles the way and opens the object, all of which is off. Reported on failure. */
int probe_group_open(struct probe_group *group, pid_t pid);
/* Those of its programs that the way takes, into the kernel. Reported on failure. */
int probe_group_load(struct probe_group *group);
/* On those points of the plan whose role it has. Reported on failure. */
int probe_group_attach(struct probe_group *group, const struct probe_plan *plan);
void probe_group_detach(struct probe_group *group);
void probe_group_close(struct probe_group *group);

/* Everything that the counters have, and how it is attached now. 0 or a negative errno, silent. */
int probe_group_statistics(const struct probe_group *group, struct probe_statistics *ret);
/* The traps so far alone. Silent. */
int probe_group_hits(const struct probe_group *group, uint64_t *ret);

#endif
