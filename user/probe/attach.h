/*
 * Putting loaded programs on a plan's addresses and taking them off again. Addresses are offsets in
 * the file behind /proc/PID/exe, which needs no path that is valid in our mount namespace.
 */
#ifndef PROBE_ATTACH_H
#define PROBE_ATTACH_H

#include <stddef.h>
#include <sys/types.h>

#include "probe_plan.h"

struct bpf_program;
struct attachment;

enum attach_way {
	ATTACH_MULTI, /* one uprobe_multi link for all points (6.6; for all threads 6.10) */
	ATTACH_PERF,  /* a perf event for each point */
};

/* The programs of a collector. For one link one program serves all roles and is told by a cookie
 * (enum wire_cookie); perf events have cookies only since 5.15, so there each role has its own. */
struct attach_programs {
	struct bpf_program *multi;
	struct bpf_program *of_role[PROBE_ROLES]; /* NULL: not a role of this collector */
};

/*
 * Probes those points of the plan whose role `programs` has. Silent; -ESRCH: the process has ended.
 */
int attachment_open(enum attach_way way, const struct attach_programs *programs, pid_t pid,
		    const struct probe_plan *plan, struct attachment **ret);
/* Tells the user why attachment_open gave `error`, which it returns. */
int attachment_fail(int error, enum attach_way way, pid_t pid);
/* Returns when the kernel has seen the last hit out, tens of milliseconds later. The target's text
 * is whole again within one of them with one link; point after point with perf events. */
void attachment_close(struct attachment *attachment);
size_t attachment_points(const struct attachment *attachment);

/* CPU time of the calls that have patched the target's text since heaptap began. While one of them
 * is at work - not while it waits for the kernel's grace periods, which takes far longer - the
 * target's page faults stand still. */
int64_t attach_patching_ns(void);

static inline void attachment_cleanup(struct attachment **attachment)
{
	attachment_close(*attachment);
}

#endif
