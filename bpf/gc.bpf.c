/*
 * The garbage collector's cycles and every stop of the world, a few hits per cycle.
 *
 * Times are the runtime's own, which it passes in a register, so that they are those of MemStats
 * and of GODEBUG=gctrace to the nanosecond:
 *
 *	startCycle	   now = tSweepTerm, and whether the cycle was asked for; once per cycle
 *			   (gcStart is also hit when no cycle follows)
 *	finishGCTransition now = tMark, when the program runs again, and the second time now = tEnd.
 *			   No other function has tMark as an argument: startTheWorldWithSema gives
 *it as its result, and there is no return probe in a Go program. endCycle	   now = tMarkTerm.
 *gcMarkDone is hit two or three times per cycle, and gcMarkTermination, which follows at once, has
 *no argument in 1.19 and 1.21. startTheWorld...   ends every stop, the GC's and others; knows why
 *and since when from 1.22 on stopTheWorld...	   for 1.19 and 1.21, where the former does not
 *
 * What is not passed is read from gcController and memstats while the world is stopped, so that it
 * is of that very cycle. All these functions run under the runtime's worldsema: hits do not
 *overlap, and the ring has them in the order in which they happened.
 */
#include "core.h"

/* From the probe plan: addresses in the target, and whether registers have the stop. */
const volatile __u64 gc_heap_live = 0;
const volatile __u64 gc_heap_marked = 0;
const volatile __u64 gc_last_goal = 0;
const volatile __u64 gc_cycles = 0;
const volatile __u64 gc_pauses = 0;
const volatile bool gc_stop_has_reason = false;
const volatile bool gc_start_has_stop = false;

#define TRIGGER_CYCLE 2	  /* gcTriggerCycle, runtime/mgc.go: what makes a cycle a forced one */
#define PAUSES	      256 /* len(memstats.pause_ns) */

/* Sized by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} gc_events SEC(".maps");

/* The loader looks when it makes a snapshot, and is not to be woken. */
static __always_inline int submit(const struct wire_gc_event *event)
{
	if (bpf_ringbuf_output(&gc_events, (void *)event, sizeof(*event), BPF_RB_NO_WAKEUP))
		core_count(LOSS_GC_RING_FULL);
	return 0;
}

static __always_inline __u64 read_word(__u64 address)
{
	__u64 value;

	if (!bpf_probe_read_user(&value, sizeof(value), (void *)address))
		return value;
	core_count(LOSS_TARGET_UNREADABLE);
	return WIRE_UNKNOWN;
}

/* startCycle(c AX, markStartTime BX, procs CX, trigger.kind DI) */
static __always_inline int cycle_start(struct pt_regs *ctx)
{
	struct wire_gc_event event = {
		.kind = WIRE_COOKIE_GC_CYCLE_START,
		.time_ns = bpf_ktime_get_ns(),
		.runtime_ns = REGISTER_B(ctx),
		.forced = REGISTER_D(ctx) == TRIGGER_CYCLE,
	};

	if (!core_accept(ctx))
		return 0;
	event.heap_bytes = read_word(gc_heap_live);
	return submit(&event);
}

/* endCycle(c AX, now BX) */
static __always_inline int mark_end(struct pt_regs *ctx)
{
	struct wire_gc_event event = {
		.kind = WIRE_COOKIE_GC_MARK_END,
		.time_ns = bpf_ktime_get_ns(),
		.runtime_ns = REGISTER_B(ctx),
	};

	if (!core_accept(ctx))
		return 0;
	event.heap_bytes = read_word(gc_heap_live);
	return submit(&event);
}

/* finishGCTransition(l AX, now BX). The second one of a cycle comes when memstats has the cycle. */
static __always_inline int transition(struct pt_regs *ctx)
{
	struct wire_gc_event event = {
		.kind = WIRE_COOKIE_GC_TRANSITION,
		.time_ns = bpf_ktime_get_ns(),
		.runtime_ns = REGISTER_B(ctx),
	};
	__u32 newest;

	if (!core_accept(ctx))
		return 0;
	event.heap_bytes = read_word(gc_heap_marked);
	event.goal_bytes = read_word(gc_last_goal);
	if (bpf_probe_read_user(&event.cycles, sizeof(event.cycles), (void *)gc_cycles)) {
		core_count(LOSS_TARGET_UNREADABLE);
		event.cycles = (__u32)WIRE_UNKNOWN;
		event.pause_ns = WIRE_UNKNOWN;
		return submit(&event);
	}
	newest = (event.cycles + PAUSES - 1) % PAUSES;
	event.pause_ns = read_word(gc_pauses + 8 * newest);
	return submit(&event);
}

/* stopTheWorldWithSema(reason AX) */
static __always_inline int stop(struct pt_regs *ctx)
{
	struct wire_gc_event event = {
		.kind = WIRE_COOKIE_WORLD_STOP,
		.time_ns = bpf_ktime_get_ns(),
		.reason = gc_stop_has_reason ? (__u8)REGISTER_A(ctx) : 0,
	};

	if (!core_accept(ctx))
		return 0;
	return submit(&event);
}

/* startTheWorldWithSema(now AX, w.reason BX, w.start CX); now 0: the runtime takes the time itself
 */
static __always_inline int start(struct pt_regs *ctx)
{
	struct wire_gc_event event = {
		.kind = WIRE_COOKIE_WORLD_START,
		.time_ns = bpf_ktime_get_ns(),
	};

	if (!core_accept(ctx))
		return 0;
	if (gc_start_has_stop) {
		event.runtime_ns = REGISTER_A(ctx);
		event.reason = (__u8)REGISTER_B(ctx);
		event.stop_ns = REGISTER_C(ctx);
	}
	return submit(&event);
}

SEC("uprobe")
int gc_cycle_start(struct pt_regs *ctx)
{
	return cycle_start(ctx);
}

SEC("uprobe")
int gc_mark_end(struct pt_regs *ctx)
{
	return mark_end(ctx);
}

SEC("uprobe")
int gc_transition(struct pt_regs *ctx)
{
	return transition(ctx);
}

SEC("uprobe")
int world_stop(struct pt_regs *ctx)
{
	return stop(ctx);
}

SEC("uprobe")
int world_start(struct pt_regs *ctx)
{
	return start(ctx);
}

/* All of them for one uprobe_multi link. */
SEC("uprobe")
int gc_multi(struct pt_regs *ctx)
{
	switch (bpf_get_attach_cookie(ctx)) {
	case WIRE_COOKIE_GC_CYCLE_START:
		return cycle_start(ctx);
	case WIRE_COOKIE_GC_MARK_END:
		return mark_end(ctx);
	case WIRE_COOKIE_GC_TRANSITION:
		return transition(ctx);
	case WIRE_COOKIE_WORLD_STOP:
		return stop(ctx);
	default:
		return start(ctx);
	}
}

char LICENSE[] SEC("license") = "GPL";
