/*
 * Whether anything can be probed at all, answered before work is done and in words that name what
 * is missing. The kernel's own answer is mostly a bare "not permitted".
 */
#include "probe/probe.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "probe/features.h"

/* Newer than some C libraries' headers. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF	    39
#endif

/* Effective capabilities, all of them when /proc does not say. */
static uint64_t capabilities(void)
{
	FILE *status AUTO_FCLOSE = fopen("/proc/self/status", "re");
	unsigned long long value;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &value) == 1)
			return value;
	return ~0ULL;
}

static bool may(uint64_t held, unsigned int capability)
{
	return held & (1ULL << capability);
}

/* Until 5.11 maps are charged to RLIMIT_MEMLOCK, usually 64 KiB. */
static void raise_memlock(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &all); /* where it matters, making a map fails */
}

static int explain_refused_load(int error, uint64_t held)
{
	bool admin = may(held, CAP_SYS_ADMIN);

	if (error == -ENOSYS)
		return diag_fail(-EINVAL, "this kernel is built without BPF");
	if (error != -EPERM)
		return diag_fail(error, "the kernel refuses to load BPF programs");
	if (!admin && !may(held, CAP_BPF))
		return diag_fail(error, "CAP_BPF is missing (run as root, or with CAP_BPF, "
					"CAP_PERFMON and CAP_SYS_PTRACE)");
	if (!admin && !may(held, CAP_PERFMON))
		return diag_fail(error, "CAP_PERFMON is missing");
	if (!may(held, CAP_SYS_RESOURCE))
		return diag_fail(error,
				 "the kernel refuses BPF memory: it charges it to the limit on "
				 "locked memory; CAP_SYS_RESOURCE or `ulimit -l unlimited` "
				 "is missing");
	return diag_fail(error, "the kernel refuses to load BPF programs (lockdown or seccomp?)");
}

static int check_uprobes(uint64_t held)
{
	if (feature_uprobe_multi())
		return 0;
	if (!feature_uprobe_perf())
		return diag_fail(-EINVAL, "this kernel has no uprobes (CONFIG_UPROBE_EVENTS)");
	if (!may(held, CAP_SYS_ADMIN))
		return diag_fail(-EPERM,
				 "CAP_SYS_ADMIN is missing: this kernel has no uprobe_multi, "
				 "and perf-event uprobes need it");
	return 0;
}

int probe_check(void)
{
	uint64_t held = capabilities();
	int err;

	raise_memlock();
	err = feature_load_program();
	if (err == 0)
		err = feature_make_map();
	if (err < 0)
		return explain_refused_load(err, held);
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
		return diag_fail(-EINVAL,
				 "this kernel describes no types in /sys/kernel/btf/vmlinux "
				 "(CONFIG_DEBUG_INFO_BTF), or it is not mounted here");
	return check_uprobes(held);
}
