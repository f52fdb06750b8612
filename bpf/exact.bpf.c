/*
 * Every allocation of a bounded window, counted by type, size and stack (walk.h).
 *
 * The window closes itself by count and by time, because detaching takes the loader milliseconds,
 * in which a busy target hits thousands of times; it tells the loader at once.
 */
#include "allocation.h"
#include "walk.h"

/* Set by the loader before each window. */
__u64 window_max_hits = 0;
__u64 window_max_ns = 0;
/* The pace: each hit takes so long to be paid off, and no more than this may be owed (0: any). */
__u64 window_step_ns = 0;
__u64 window_credit_ns = 0;
/* Of a hit the time that it is expected to be in here, and how long a nanosecond more takes to be
 * paid off. */
__u64 window_work_ns = 0;
__u64 window_payoff = 0;
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

/* Who is in here for longer was off its CPU meanwhile. */
#define LONGEST_WORK_NS 100000

/*
 * A stack deeper than most, or one that is new, takes longer than was expected: that is owed too.
 * What is added here is seen by the next hit, as what threads overwrite is.
 */
static __always_inline void window_worked(__u64 begin)
{
	__u64 now = bpf_ktime_get_ns(), work = now - begin, due = window_due_ns;

	if (work <= window_work_ns || work > LONGEST_WORK_NS || !due)
		return;
	due = (due > now ? due : now) + (work - window_work_ns) * window_payoff;
	window_due_ns = due;
	if (due - now > window_debt_ns)
		window_debt_ns = due - now;
}

/*
 * When the window takes this hit, and 0 when it does not any more. Threads may pass the last place
 * together: as many hits too many as there are CPUs, which is harmless.
 */
static __always_inline __u64 window_takes(void)
{
	__u64 now = bpf_ktime_get_ns();

	window_trap_ns = now;
	if (window_closed) {
		core_count(LOSS_HIT_BUDGET);
		return 0;
	}
	if (!window_first_ns) {
		window_first_ns = now;
		wake_loader();
	}
	if (now > window_first_ns && now - window_first_ns >= window_max_ns) {
		core_count(LOSS_HIT_BUDGET);
		window_end(WIRE_CLOSED_BY_TIME);
		return 0;
	}
	window_last_ns = now;
	__sync_fetch_and_add(&window_hits, 1);
	if (window_hits >= window_max_hits)
		window_end(WIRE_CLOSED_BY_HITS);
	else
		window_pace(now);
	return now;
}

/* mallocgc(size AX, typ BX) and its relatives. */
static __always_inline int allocation(struct pt_regs *ctx, __u64 ignored_bytes)
{
	static const struct wire_site_count zero;
	struct wire_site_count *count;
	struct wire_site site = { .type = REGISTER_B(ctx), .size_bytes = REGISTER_A(ctx) };
	__u64 begin;

	if (!core_accept(ctx) || site.size_bytes <= ignored_bytes)
		return 0;
	begin = window_takes();
	if (!begin)
		return 0;
	site.stack = stack_id(ctx);
	count = core_find_or_add(&sites, &site, &zero);
	if (count)
		__sync_fetch_and_add(&count->hits, 1);
	else
		core_count(LOSS_SITE_MAP_FULL);
	window_worked(begin);
	return 0;
}

ALLOCATION_PROGRAMS(exact, allocation)

char LICENSE[] SEC("license") = "GPL";
