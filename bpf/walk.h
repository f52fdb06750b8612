/*
 * The stack of a hit, with an id of our own.
 *
 * The stack is walked by frame pointers, as Go keeps them in every function, and not by
 * bpf_get_stack: at a branch of the stack check the kernel takes its caller's frame for its own and
 * drops the immediate caller, at a push older kernels do as well, and under recursion nobody can
 * tell afterwards whether it was dropped. Before the prologue the return address is at a known
 * place, so the walk is exact. Nor is bpf_get_stack safe here: it copies from a buffer of the CPU
 * that a preempting hit of another thread may have overwritten.
 */
#ifndef HEAPTAP_WALK_H
#define HEAPTAP_WALK_H

#include "core.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct wire_stack);
} stacks __weak SEC(".maps");

/* Frames are near each other: one read of the target's stack serves several (512 bytes cost 54 ns,
 * 16 bytes 35). */
#define CHUNK_WORDS 64

struct walker {
	struct wire_stack stack;
	__u64 chunk_address;
	__u64 chunk[CHUNK_WORDS];
};

/* Where a thread puts its stack together. Not per CPU: a hit can be preempted by another's. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct walker);
} scratch __weak SEC(".maps");

static __always_inline bool return_address(struct pt_regs *ctx, __u64 *ret)
{
#if defined(__TARGET_ARCH_x86)
	return bpf_probe_read_user(ret, sizeof(*ret), (void *)ctx->rsp) == 0;
#else
	*ret = ctx->regs[30];
	return true;
#endif
}

/* One step of a multiply and fold hash. Two different stacks of a full map of 65,536 share an id
 * with a probability of 1 in 10^10; they would then be shown as one. */
static __always_inline __u64 mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ (hash >> 29);
}

/* What a call leaves in memory: the caller's frame pointer, and above it the return address. */
struct frame_record {
	__u64 next, pc;
};

/* Reads from `address` up; near the end of a mapping no more than the record itself. */
static __always_inline bool load_chunk(struct walker *walker, __u64 address)
{
	walker->chunk_address = address;
	if (!bpf_probe_read_user(walker->chunk, sizeof(walker->chunk), (void *)address))
		return true;
	walker->chunk_address = 0;
	return !bpf_probe_read_user(walker->chunk, sizeof(struct frame_record), (void *)address);
}

static __always_inline bool load_record(struct walker *walker, __u64 address,
					struct frame_record *record)
{
	__u64 index = (address - walker->chunk_address) / sizeof(__u64);

	if (!address || address % sizeof(__u64))
		return false;
	barrier_var(index); /* the bound must be checked on the very register that is used */
	if (index >= CHUNK_WORDS - 1) {
		if (!load_chunk(walker, address))
			return false;
		index = 0;
	}
	record->next = walker->chunk[index];
	record->pc = walker->chunk[index + 1];
	return record->pc != 0;
}

/*
 * Walks the stack into walker->stack, gives its hash, or 0 when not even the caller can be read. A
 * record that cannot be read ends the walk: C code below a callback keeps no frame pointers. So
 * does a cut at LIMIT_EXACT_FRAMES: the leaf's side is what is asked for.
 */
static __always_inline __u64 walk(struct pt_regs *ctx, struct walker *walker)
{
	struct wire_stack *stack = &walker->stack;
	struct frame_record record = { REGISTER_FRAME(ctx), 0 };
	__u64 hash;
	__u32 count;

	if (!return_address(ctx, &stack->pcs[0]))
		return 0;
	walker->chunk_address = 0;
	hash = mix(0, stack->pcs[0]);
	for (count = 1; count < LIMIT_EXACT_FRAMES; count++) {
		if (!load_record(walker, record.next, &record))
			break;
		stack->pcs[count] = record.pc;
		hash = mix(hash, record.pc);
	}
	stack->count = count;
	return hash ? hash : 1;
}

/* The id of the current stack, stored if it is new; 0 when it could not be read. An id that is not
 * in `stacks` was counted as lost. */
static __always_inline __u64 stack_id(struct pt_regs *ctx)
{
	static const struct walker zero;
	__u32 thread = (__u32)bpf_get_current_pid_tgid();
	struct walker *walker = core_find_or_add(&scratch, &thread, &zero);
	__u64 id;

	if (!walker) {
		core_count(LOSS_STACK_MAP_FULL);
		return 0;
	}
	id = walk(ctx, walker);
	if (!id)
		core_count(LOSS_STACK_UNREADABLE);
	else if (!core_find_or_add(&stacks, &id, &walker->stack))
		core_count(LOSS_STACK_MAP_FULL);
	return id;
}

#endif
