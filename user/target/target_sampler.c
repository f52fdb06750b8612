/*
 * The runtime's sampler: its rate, and the one thing that heaptap ever writes into a process, on
 * request: that rate.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/diag.h"
#include "target/target.h"
#include "target/target_internal.h"

/* Go 1.26 and later make room for profstackdepth + 2 frames, and the bucket's constructor throws
 * above 1024 (runtime/mprof.go newBucket, "bad profile stack count"): the program would end. */
#define DEPTH_THAT_CRASHES 1023

static int read_rate(struct target *target, uint64_t *ret)
{
	if (!target->globals.mem_profile_rate)
		return -ENOENT;
	return memory_read_u64(&target->memory, target->globals.mem_profile_rate, ret);
}

enum sampler_state target_sampler(struct target *target, double *ret_rate_bytes)
{
	uint64_t rate;

	*ret_rate_bytes = 0;
	if (!target->bucket_reader)
		return SAMPLER_HIDDEN;
	/* what it was still holds for the samples already there when the process ends now */
	if (read_rate(target, &rate) == 0)
		target->rate_bytes = (int64_t)rate > 0 ? (double)rate : 0; /* an int; < 0 is off */
	*ret_rate_bytes = target->rate_bytes;
	return target->rate_bytes > 0 ? SAMPLER_ON : SAMPLER_OFF;
}

/* The profstackdepth in force, or a negative errno where the version has one that cannot be read.
 * It is a GODEBUG setting since 1.23; before that, the depth is fixed. */
static int read_depth(struct target *target, uint32_t *ret)
{
	if (target->layout.debug_profstackdepth == LAYOUT_ABSENT) {
		*ret = 32;
		return 0;
	}
	if (!target->globals.debug)
		return -ENOENT;
	return memory_read_u32(
		&target->memory,
		target->globals.debug + (uint64_t)target->layout.debug_profstackdepth, ret);
}

static int check_depth(struct target *target)
{
	bool can_crash = go_binary_version(target->binary)->minor >= 26;
	int pid = process_pid(target->process);
	uint32_t depth;

	if (read_depth(target, &depth) < 0) {
		if (!can_crash)
			return 0;
		return diag_fail(-ENOTSUP,
				 "process %d: sampling stays as it is: debug.profstackdepth cannot "
				 "be read, and a large one would crash the program",
				 pid);
	}
	if (can_crash && depth >= DEPTH_THAT_CRASHES)
		return diag_fail(-ENOTSUP,
				 "process %d: sampling stays as it is: with GODEBUG "
				 "profstackdepth=%" PRIu32 " it would crash the program",
				 pid, depth);
	if (depth == 0)
		return diag_fail(-ENOTSUP,
				 "process %d: sampling stays as it is: with GODEBUG "
				 "profstackdepth=0 the runtime records no samples",
				 pid);
	return 0;
}

int target_set_sampling_rate(struct target *target, uint64_t bytes, uint64_t *ret_old)
{
	int pid = process_pid(target->process), error;
	uint64_t old;

	if (bytes > INT64_MAX)
		return diag_fail(-EINVAL, "a sampling rate of %" PRIu64 " bytes is no int", bytes);
	error = read_rate(target, &old);
	if (error < 0)
		return diag_fail(error, "process %d: runtime.MemProfileRate cannot be read", pid);
	if (bytes != 0) {
		error = check_depth(target);
		if (error < 0)
			return error;
	}
	if (process_state(target->process) != PROCESS_RUNNING)
		return diag_fail(-ESRCH, "process %d: the sampling rate was not changed", pid);
	error = memory_write_u64(process_pid(target->process), target->globals.mem_profile_rate,
				 bytes);
	if (error < 0)
		return diag_fail(error, "process %d: runtime.MemProfileRate cannot be written",
				 pid);
	*ret_old = old;
	return 0;
}
