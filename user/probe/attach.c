/*
 * Both ways of attaching. Uprobe_multi is preferred: cheaper per hit, and closing one link costs
 * one grace period of the kernel (35 ms), where perf events cost one each (90 ms), until which the
 * points behind stay probed. Closing those in parallel does not help: the kernel holds one lock
 * throughout, and the programs would be gone long before the breakpoints, so that traps were not
 * counted.
 */
#include "probe/attach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "probe/shield.h"

static int64_t patching_ns;

struct attachment {
	size_t points;
	size_t links;
	struct bpf_link *link[LIMIT_PROBE_POINTS];
};

static const uint64_t cookie_of_role[PROBE_ROLES] = {
	[PROBE_SAMPLE_BIRTH] = WIRE_COOKIE_BIRTH,
	[PROBE_SAMPLE_DEATH] = WIRE_COOKIE_DEATH,
	[PROBE_ALLOC] = WIRE_COOKIE_ALLOC,
	[PROBE_ALLOC_SIZED] = WIRE_COOKIE_ALLOC_SIZED,
	[PROBE_GC_CYCLE_START] = WIRE_COOKIE_GC_CYCLE_START,
	[PROBE_GC_MARK_END] = WIRE_COOKIE_GC_MARK_END,
	[PROBE_GC_TRANSITION] = WIRE_COOKIE_GC_TRANSITION,
	[PROBE_WORLD_STOP] = WIRE_COOKIE_WORLD_STOP,
	[PROBE_WORLD_START] = WIRE_COOKIE_WORLD_START,
	[PROBE_TYPE_ITAB] = WIRE_COOKIE_TYPE_ITAB,
	[PROBE_TYPE_REFLECT] = WIRE_COOKIE_TYPE_REFLECT,
	[PROBE_CACHE_CALL] = WIRE_COOKIE_CACHE_CALL,
	[PROBE_CACHE_LEAF] = WIRE_COOKIE_CACHE_LEAF,
	[PROBE_POOL_GET] = WIRE_COOKIE_POOL_GET,
	[PROBE_POOL_PUT] = WIRE_COOKIE_POOL_PUT,
	[PROBE_POOL_NEW] = WIRE_COOKIE_POOL_NEW,
	[PROBE_MAP_LOAD] = WIRE_COOKIE_MAP_LOAD,
	[PROBE_MAP_STORE] = WIRE_COOKIE_MAP_STORE,
	[PROBE_MAP_OTHER] = WIRE_COOKIE_MAP_OTHER,
};

static uint64_t cookie_of(const struct probe_point *point)
{
	return cookie_of_role[point->role] | (uint64_t)point->index << WIRE_COOKIE_INDEX_SHIFT;
}

static int open_multi(const struct attach_programs *programs, pid_t pid, const char *path,
		      const struct probe_plan *plan, struct attachment *attachment)
{
	unsigned long offsets[LIMIT_PROBE_POINTS];
	__u64 cookies[LIMIT_PROBE_POINTS];
	LIBBPF_OPTS(bpf_uprobe_multi_opts, options, .offsets = offsets, .cookies = cookies);

	for (size_t i = 0; i < plan->count; i++) {
		const struct probe_point *point = &plan->points[i];

		if (!programs->of_role[point->role])
			continue;
		offsets[options.cnt] = point->file_offset;
		cookies[options.cnt] = cookie_of(point);
		options.cnt++;
	}
	attachment->points = options.cnt;
	if (!options.cnt)
		return 0;
	attachment->link[0] =
		bpf_program__attach_uprobe_multi(programs->multi, pid, path, NULL, &options);
	if (!attachment->link[0])
		return -errno;
	attachment->links = 1;
	return 0;
}

static int open_perf(const struct attach_programs *programs, pid_t pid, const char *path,
		     const struct probe_plan *plan, struct attachment *attachment)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct probe_point *point = &plan->points[i];
		struct bpf_program *program = programs->of_role[point->role];
		struct bpf_link *link;

		if (!program)
			continue;
		link = bpf_program__attach_uprobe(program, false, pid, path, point->file_offset);
		if (!link)
			return -errno;
		attachment->link[attachment->links++] = link;
		attachment->points++;
	}
	return 0;
}

static bool has_ended(const char *path)
{
	char buffer[1];

	return readlink(path, buffer, sizeof(buffer)) < 0 && (errno == ENOENT || errno == ESRCH);
}

struct opening {
	enum attach_way way;
	const struct attach_programs *programs;
	pid_t pid;
	const struct probe_plan *plan;
	struct attachment *attachment;
	int err;
};

static void open_shielded(void *argument)
{
	struct opening *opening = argument;
	int64_t begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)opening->pid);
	opening->err = opening->way == ATTACH_MULTI
			       ? open_multi(opening->programs, opening->pid, path, opening->plan,
					    opening->attachment)
			       : open_perf(opening->programs, opening->pid, path, opening->plan,
					   opening->attachment);
	patching_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	if (opening->err < 0 && has_ended(path))
		opening->err = -ESRCH;
}

int attachment_open(enum attach_way way, const struct attach_programs *programs, pid_t pid,
		    const struct probe_plan *plan, struct attachment **ret)
{
	struct attachment *attachment CLEANUP(attachment_cleanup) = calloc(1, sizeof(*attachment));
	struct opening opening = { way, programs, pid, plan, attachment, 0 };
	int err;

	if (!attachment)
		return -ENOMEM;
	err = shield_call(open_shielded, &opening);
	if (err == 0)
		err = opening.err;
	if (err < 0)
		return err;
	*ret = TAKE(attachment);
	return 0;
}

int attachment_fail(int error, enum attach_way way, pid_t pid)
{
	if (error == -EACCES && way == ATTACH_PERF)
		return diag_fail(error,
				 "cannot attach to process %d: this kernel has only perf-event "
				 "uprobes, which need CAP_SYS_ADMIN",
				 (int)pid);
	return diag_fail(error, "cannot attach the probes to process %d", (int)pid);
}

static void close_shielded(void *argument)
{
	struct attachment *attachment = argument;
	int64_t begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	for (size_t i = 0; i < attachment->links; i++)
		bpf_link__destroy(attachment->link[i]);
	attachment->links = 0;
	patching_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
}

void attachment_close(struct attachment *attachment)
{
	if (!attachment)
		return;
	if (attachment->links && shield_call(close_shielded, attachment) < 0)
		close_shielded(attachment);
	free(attachment);
}

size_t attachment_points(const struct attachment *attachment)
{
	return attachment->points;
}

int64_t attach_patching_ns(void)
{
	return patching_ns;
}
