/*
 * Every allocation of a bounded window, counted by type, size and stack.
 *
 * The stack is walked here by frame pointers, as Go keeps them in every function, and not by
 * bpf_get_stack: at a branch of the stack check the kernel takes its caller's frame for its own and
 * drops the immediate caller, at a push older kernels do as well, and under recursion nobody can
 * tell afterwards whether it was dropped. Before the prologue the return address is at a known
 * place, so the walk is exact. Nor is bpf_get_stack safe here: it copies from a buffer of the CPU
 * that a preempting hit of another thread may have overwritten.
 *
 * The window closes itself by count and by time, because detaching takes the loader milliseconds,
 * in which a busy target hits thousands of times; it tells the loader at once.
 */
#include "core.h"

const volatile __u64 alloc_min_bytes = 0;

/* Set by the loader before each window. */
__u64 window_max_hits = 0;
__u64 window_max_ns = 0;
/* The pace: each hit takes so long to be paid off, and no more than this may be owed (0: any). */
__u64 window_step_ns = 0;
__u64 window_credit_ns = 0;
/* Reset by the loader, advanced here. */
__u64 window_hits = 0;
__u64 window_first_ns = 0;
__u64 window_last_ns = 0; /* of a recorded hit */
__u64 window_due_ns = 0;  /* when all hits so far will be paid off */
__u64 window_debt_ns = 0; /* the most that was owed at once */
__u64 window_trap_ns = 0; /* of the last hit of all, recorded or not */
__u32 window_closed = 0;  /* enum wire_closed */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct wire_site);
	__type(value, struct wire_site_count);
} sites SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct wire_stack);
} stacks SEC(".maps");

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
} scratch SEC(".maps");

/* Wakes the loader: one byte at the first hit and one at the end. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} wake SEC(".maps");

/* A full ring holds wake-ups that the loader has not seen yet, so a refused one is no loss. */
static __always_inline void wake_loader(void)
{
	__u64 nothing = 0;

	bpf_ringbuf_output(&wake, &nothing, sizeof(nothing), BPF_RB_FORCE_WAKEUP);
}

static __always_inline void window_end(__u32 reason)
{
	window_closed = reason;
	wake_loader();
}

/*
 * Hits that come faster than they can be paid off are what the target feels. Threads may overwrite
 * each other's hit here, which makes the debt too small by one of some hundred.
 */
static __always_inline void window_pace(__u64 now)
{
	__u64 due = window_due_ns > now ? window_due_ns : now;

	due += window_step_ns;
	window_due_ns = due;
	if (due - now > window_debt_ns)
		window_debt_ns = due - now;
	if (window_credit_ns && due - now + window_step_ns > window_credit_ns)
		window_end(WIRE_CLOSED_BY_PACE);
}

/*
 * Whether the window still takes this hit. Threads may pass the last place together: as many hits
 * too many as there are CPUs, which is harmless.
 */
static __always_inline bool window_takes(void)
{
	__u64 now = bpf_ktime_get_ns();

	window_trap_ns = now;
	if (window_closed) {
		core_count(LOSS_HIT_BUDGET);
		return false;
	}
	if (!window_first_ns) {
		window_first_ns = now;
		wake_loader();
	}
	if (now > window_first_ns && now - window_first_ns >= window_max_ns) {
		core_count(LOSS_HIT_BUDGET);
		window_end(WIRE_CLOSED_BY_TIME);
		return false;
	}
	window_last_ns = now;
	__sync_fetch_and_add(&window_hits, 1);
	if (window_hits >= window_max_hits)
		window_end(WIRE_CLOSED_BY_HITS);
	else
		window_pace(now);
	return true;
}

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

/* mallocgc(size AX, typ BX) and its relatives. */
static __always_inline int allocation(struct pt_regs *ctx, __u64 ignored_bytes)
{
	static const struct wire_site_count zero;
	struct wire_site_count *count;
	struct wire_site site = { .type = REGISTER_B(ctx), .size_bytes = REGISTER_A(ctx) };

	if (!core_accept(ctx) || site.size_bytes <= ignored_bytes || !window_takes())
		return 0;
	site.stack_id = stack_id(ctx);
	count = core_find_or_add(&sites, &site, &zero);
	if (count)
		__sync_fetch_and_add(&count->hits, 1);
	else
		core_count(LOSS_SITE_MAP_FULL);
	return 0;
}

SEC("uprobe")
int exact_alloc(struct pt_regs *ctx)
{
	return allocation(ctx, alloc_min_bytes);
}

SEC("uprobe")
int exact_sized(struct pt_regs *ctx)
{
	return allocation(ctx, 0);
}

SEC("uprobe")
int exact_multi(struct pt_regs *ctx)
{
	return allocation(ctx,
			  bpf_get_attach_cookie(ctx) == WIRE_COOKIE_ALLOC ? alloc_min_bytes : 0);
}

char LICENSE[] SEC("license") = "GPL";
