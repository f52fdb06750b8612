/*
 * The programs of one collector for one target: they and their maps, chosen from the embedded
 * object, and where they are attached.
 *
 * Opening: program_set_open, then the programs and what they need are set (object_want_map,
 * rodata), then program_set_load, then program_set_attach.
 */
#ifndef PROBE_PROGRAM_SET_H
#define PROBE_PROGRAM_SET_H

#include "probe/attach.h"
#include "probe/object.h"
#include "probe/probe.h"

/* A member of its collector, zeroed at first. */
struct program_set {
	pid_t pid;
	enum attach_way way;
	struct heaptap_bpf *object;
	struct attach_programs programs; /* set by the collector before loading */
	struct attachment *attachment;	 /* NULL: not attached, or by the collector itself */
};

/* Settles the way and opens the object, all of which is off. Reported on failure. */
int program_set_open(struct program_set *set, pid_t pid);
/* Those of its programs that the way takes, into the kernel. Reported on failure. */
int program_set_load(struct program_set *set);
/* On those points of the plan whose role it has. Reported on failure. */
int program_set_attach(struct program_set *set, const struct probe_plan *plan);
void program_set_detach(struct program_set *set);
void program_set_close(struct program_set *set);

/* Everything that the counters have, and how it is attached now. 0 or a negative errno, silent. */
int program_set_statistics(const struct program_set *set, struct probe_statistics *ret);
/* The traps so far alone. Silent. */
int program_set_hits(const struct program_set *set, uint64_t *ret);

#endif
