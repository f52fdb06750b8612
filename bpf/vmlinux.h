/*
 * The few kernel structs that the programs look into, written by hand so that a build needs no BTF
 * of the machine it runs on. Only names and types matter: offsets and sizes are relocated against
 * the running kernel when the programs are loaded (CO-RE). Stable since 4.19 (include/linux/pid.h).
 */
#ifndef HEAPTAP_VMLINUX_H
#define HEAPTAP_VMLINUX_H

#include <stdbool.h>

#include <linux/types.h>
#include <linux/bpf.h>
#include <asm/ptrace.h>

#if defined(__aarch64__) || defined(__TARGET_ARCH_arm64)
#define pt_regs user_pt_regs /* the part of the kernel's that programs may read */
#endif

#define KERNEL_STRUCT __attribute__((preserve_access_index))

struct upid {
	int nr;
} KERNEL_STRUCT;

struct pid {
	unsigned int level;	/* depth of the PID namespace it lives in */
	struct upid numbers[1]; /* one for each level, 0 to `level` */
} KERNEL_STRUCT;

struct task_struct {
	struct task_struct *group_leader;
	struct pid *thread_pid;
} KERNEL_STRUCT;

#endif
