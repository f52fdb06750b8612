/*
 * What every probe shares: which hits are the target's, the registers of a Go call, and counting.
 *
 * A program runs preemptibly here (uprobe_multi takes no lock and disables nothing but migration),
 * so per-CPU memory is not private to a hit: counters are added to atomically, and scratch space is
 * keyed by thread. Atomics whose old value is used need 5.12, so none is.
 *
 * Definitions are weak because each .bpf.c brings its own copy; the linker keeps one.
 */
#ifndef HEAPTAP_CORE_H
#define HEAPTAP_CORE_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "wire.h"

/* The observed process: its number in the PID namespace of the loader, and how deep that is. */
const volatile __u32 target_pid __weak = 0;
const volatile __u32 target_level __weak = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WIRE_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters __weak SEC(".maps");

/*
 * Go's register arguments (ABIInternal), the caller's frame pointer and the flags of the stack
 * check: "not above" is what makes the check's branch go to morestack.
 */
#if defined(__TARGET_ARCH_x86)
#define REGISTER_A(ctx)	      ((ctx)->rax)
#define REGISTER_B(ctx)	      ((ctx)->rbx)
#define REGISTER_C(ctx)	      ((ctx)->rcx)
#define REGISTER_D(ctx)	      ((ctx)->rdi)
#define REGISTER_CLOSURE(ctx) ((ctx)->rdx)
#define REGISTER_FRAME(ctx)   ((ctx)->rbp)
#define FLAGS_CARRY_ZERO      0x41 /* CF, ZF */
#define REGISTER_PC(ctx)      ((ctx)->rip)
#define NOT_ABOVE(ctx)	      ((ctx)->eflags & FLAGS_CARRY_ZERO)
#elif defined(__TARGET_ARCH_arm64)
#define REGISTER_A(ctx)	      ((ctx)->regs[0])
#define REGISTER_B(ctx)	      ((ctx)->regs[1])
#define REGISTER_C(ctx)	      ((ctx)->regs[2])
#define REGISTER_D(ctx)	      ((ctx)->regs[3])
#define REGISTER_CLOSURE(ctx) ((ctx)->regs[26])
#define REGISTER_FRAME(ctx)   ((ctx)->regs[29])
#define REGISTER_PC(ctx)      ((ctx)->pc)
#define FLAGS_ZERO	      (1ULL << 30)
#define FLAGS_CARRY	      (1ULL << 29)
#define NOT_ABOVE(ctx)	      (((ctx)->pstate & (FLAGS_ZERO | FLAGS_CARRY)) != FLAGS_CARRY)
#else
#error "no register map for this architecture"
#endif

static __always_inline void core_count(__u32 counter)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &counter);

	if (value)
		__sync_fetch_and_add(value, 1);
}

/* Before the prologue it is where the call has put it. */
static __always_inline bool core_return_address(struct pt_regs *ctx, __u64 *ret)
{
#if defined(__TARGET_ARCH_x86)
	return bpf_probe_read_user(ret, sizeof(*ret), (void *)ctx->rsp) == 0;
#else
	*ret = ctx->regs[30];
	return true;
#endif
}

/* The process number of the current task at the loader's level; 0 when it has none there. */
static __always_inline __u32 core_nested_pid(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u32 number = 0;

	if (BPF_CORE_READ(pid, level) < target_level)
		return 0;
	/* the array's stride is the kernel's, not that of our short struct */
	bpf_core_read(&number, sizeof(number),
		      (void *)&pid->numbers[0].nr + target_level * bpf_core_type_size(struct upid));
	return number;
}

static __always_inline bool core_is_target(void)
{
	if (target_level == 0)
		return bpf_get_current_pid_tgid() >> 32 == target_pid;
	return core_nested_pid() == target_pid;
}

/*
 * Whether this hit is the target's, counted either way. The pid filter of the attachment is not
 * enough: it compares address spaces, which a vfork child shares.
 */
static __always_inline bool core_accept_any(void)
{
	if (!core_is_target()) {
		core_count(WIRE_FOREIGN);
		return false;
	}
	core_count(WIRE_HITS);
	return true;
}

/*
 * Whether it is a call of the probed function too: hits that are about to go to morestack come
 * again afterwards and must not count twice.
 */
static __always_inline bool core_accept(struct pt_regs *ctx)
{
	if (!core_accept_any())
		return false;
	if (NOT_ABOVE(ctx)) {
		core_count(WIRE_RETRIES);
		return false;
	}
	return true;
}

/*
 * Updates of a hash map fail when it is full, and, since 6.15, when its lock is not had in time:
 * a virtual CPU that holds it may be off for longer than that. One more attempt tells the two
 * apart.
 */
static __always_inline long core_update(void *map, const void *key, const void *value, __u64 flags)
{
	long err = bpf_map_update_elem(map, key, value, flags);

	return err ? bpf_map_update_elem(map, key, value, flags) : 0;
}

/*
 * The value under `key`, which starts as *zero when it is new; NULL when the map is full. Two
 * threads may race to insert: the loser finds the winner's.
 */
static __always_inline void *core_find_or_add(void *map, const void *key, const void *zero)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (value)
		return value;
	core_update(map, key, zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, key);
}

#endif
