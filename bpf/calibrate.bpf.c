/*
 * What the loader learns about itself before it touches a target: the depth of its own PID
 * namespace. Nothing in /proc tells that from inside a container, the kernel's own struct does.
 *
 * The program is never attached: the loader runs it by BPF_PROG_TEST_RUN (5.10), in its own
 * context. The cost of a trap needs no program of its own, it is measured with the sampler's.
 */
#include "core.h"

SEC("raw_tp")
int pid_level(void *ctx)
{
	(void)ctx;
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, group_leader, thread_pid, level);
}

char LICENSE[] SEC("license") = "GPL";
