/*
 * The stack of a hit: of an allocation for the exact probes, of a registration for the types'.
 *
 * It is walked here by frame pointers, as Go keeps them in every function, and not by
 * bpf_get_stack: at a branch of the stack check the kernel takes its caller's frame for its own and
 * drops the immediate caller, at a push older kernels do as well, and under recursion nobody can
 * tell afterwards whether it was dropped. Before the prologue the return address is at a known
 * place, so the walk is exact. Nor is bpf_get_stack safe here: it copies from a buffer of the CPU
 * that a preempting hit of another thread may have overwritten.
 */
#ifndef HEAPTAP_WALK_H
#define HEAPTAP_WALK_H

#include "core.h"

/* Text of the Go runtime, and perhaps some of what lies between (probe_plan.h); 0 bytes: none. */
const volatile __u64 runtime_start[LIMIT_RUNTIME_RANGES] __weak = {};
const volatile __u64 runtime_bytes[LIMIT_RUNTIME_RANGES] __weak = {};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct wire_stack_id);
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

/* NULL when there are more threads than room. */
static __always_inline struct walker *walker_of_thread(void)
{
	static const struct walker zero;
	__u32 thread = (__u32)bpf_get_current_pid_tgid();

	return core_find_or_add(&scratch, &thread, &zero);
}

/* All bits but for a test that wants to see what one half of the id is worth. */
const volatile __u64 stack_hash_mask __weak = ~0ULL;
const volatile __u64 stack_check_mask __weak = ~0ULL;

/*
 * One step of two independent multiply and fold hashes. Each can be undone, so stacks that differ
 * in one frame only share neither. Of others a full map of 65,536 has two that share one with a
 * probability of 1 in 10^10, both with 1 in 10^29. Both are the key, so that a stack whose first
 * hash is taken has its own entry all the same, the same one in each window; a next place to try
 * would depend on who came first, and there could be none. The second costs 1 to 2 percent of an
 * empty hit, and no less as a value that is compared (2026-11).
 */
static __always_inline void mix(struct wire_stack_id *id, __u64 word)
{
	id->hash = (id->hash ^ word) * 0x9e3779b97f4a7c15ULL;
	id->hash ^= id->hash >> 29;
	id->check = (id->check + word) * 0xd6e8feb86659fd93ULL;
	id->check ^= id->check >> 32;
}

static __always_inline struct wire_stack_id finish(const struct wire_stack_id *id)
{
	return (struct wire_stack_id){
		.hash = (id->hash & stack_hash_mask) | 1,
		.check = id->check & stack_check_mask,
	};
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

static __always_inline bool in_runtime(__u64 pc)
{
	for (int i = 0; i < LIMIT_RUNTIME_RANGES; i++)
		if (pc - runtime_start[i] < runtime_bytes[i])
			return true;
	return false;
}

/*
 * Walks the stack into walker->stack, gives its id, hash 0 when not even the caller can be read. A
 * record that cannot be read ends the walk: C code below a callback keeps no frame pointers. So
 * does a cut at `frames`, at most LIMIT_EXACT_FRAMES: the leaf's side is what is asked for.
 * `to_site`: no further than the first frame outside of the runtime.
 */
static __always_inline struct wire_stack_id walk(struct pt_regs *ctx, struct walker *walker,
						 __u32 frames, bool to_site)
{
	struct wire_stack *stack = &walker->stack;
	struct frame_record record = { REGISTER_FRAME(ctx), 0 };
	struct wire_stack_id id = { 0, 0 };
	__u32 count;

	if (!core_return_address(ctx, &record.pc))
		return id;
	walker->chunk_address = 0;
	stack->pcs[0] = record.pc;
	mix(&id, record.pc);
	for (count = 1; count < frames; count++) {
		if (to_site && !in_runtime(record.pc))
			break;
		if (!load_record(walker, record.next, &record))
			break;
		stack->pcs[count] = record.pc;
		mix(&id, record.pc);
	}
	stack->count = count;
	return finish(&id);
}

/* The id of the current stack, stored if it is new; hash 0 when it could not be read. An id that is
 * not in `stacks` was counted as lost. */
static __always_inline struct wire_stack_id stack_id(struct pt_regs *ctx)
{
	struct walker *walker = walker_of_thread();
	struct wire_stack_id id = { 0, 0 };

	if (!walker) {
		core_count(LOSS_STACK_MAP_FULL);
		return id;
	}
	id = walk(ctx, walker, LIMIT_EXACT_FRAMES, false);
	if (!id.hash)
		core_count(LOSS_STACK_UNREADABLE);
	else if (!core_find_or_add(&stacks, &id, &walker->stack))
		core_count(LOSS_STACK_MAP_FULL);
	return id;
}

/*
 * The return address and, when the caller's frame is as small as those of newobject and makeslice,
 * the frame record above it, in one read: constant places, as 5.10 lets nothing else be read from a
 * program's own stack.
 */
#define NEAR_WORDS 8
static __always_inline bool first_frames(struct pt_regs *ctx, __u64 *ret_pc,
					 struct frame_record *ret_next)
{
#if defined(__TARGET_ARCH_x86)
	__u64 words[NEAR_WORDS], distance = REGISTER_FRAME(ctx) - ctx->rsp;

	if (!bpf_probe_read_user(words, sizeof(words), (void *)ctx->rsp)) {
		*ret_pc = words[0];
		for (int i = 1; i < NEAR_WORDS - 1; i++)
			if (distance == i * sizeof(__u64))
				*ret_next = (struct frame_record){ words[i], words[i + 1] };
		return true;
	}
#endif
	return core_return_address(ctx, ret_pc);
}

static __always_inline bool read_record(__u64 address, struct frame_record *record)
{
	return address && address % sizeof(__u64) == 0 &&
	       !bpf_probe_read_user(record, sizeof(*record), (void *)address) && record->pc;
}

/* The id of walk(to_site) alone: nothing is kept, so that no scratch space is looked up, and of
 * the one or two frames of most allocations no more is read than they have. */
static __always_inline struct wire_stack_id hash_to_site(struct pt_regs *ctx)
{
	struct frame_record record = { 0, 0 };
	struct wire_stack_id id = { 0, 0 };
	__u64 pc;

	if (!first_frames(ctx, &pc, &record))
		return id;
	mix(&id, pc);
	if (!in_runtime(pc) || (!record.pc && !read_record(REGISTER_FRAME(ctx), &record)))
		return finish(&id);
	mix(&id, record.pc);
	for (int count = 2; count < LIMIT_SITE_FRAMES && in_runtime(record.pc); count++) {
		if (!read_record(record.next, &record))
			break;
		mix(&id, record.pc);
	}
	return finish(&id);
}

#endif
