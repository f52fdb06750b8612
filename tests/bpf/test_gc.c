/* The GC's probes: what they queue against what a process of ours is known to have done. */
#include "harness/test.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "child.h"
#include "go_like.h"
#include "losses.h"
#include "model/unknown.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"

#define ROOMY (64U << 10)

/* What the probes read: of the child, which has it at the same place. */
static uint64_t heap_live = 4001, heap_marked = 4002, last_goal = 4003, pauses[256];
static uint32_t cycles = 258;

DEFINE_CLEANUP(gc_probe_cleanup, struct gc_probe, gc_probe_close)
#define AUTO_PROBE CLEANUP(gc_probe_cleanup)

static struct probe_plan plan_at(enum probe_instruction instruction)
{
	struct probe_plan plan = {
		.gc = { .heap_live = (uint64_t)&heap_live,
			.heap_marked = (uint64_t)&heap_marked,
			.last_goal = (uint64_t)&last_goal,
			.cycles = (uint64_t)&cycles,
			.pauses = (uint64_t)pauses,
			.stop_has_reason = true,
			.start_has_stop = true },
	};

	pauses[1] = 4004; /* the newest of 258 */
	for (int function = LIKE_CYCLE_START; function <= LIKE_WORLD_START; function++)
		like_add_point(&plan, (enum go_like)function, instruction);
	return plan;
}

static struct gc_probe *observe_plan(const struct child *child, enum attach_way way,
				     const struct probe_plan *plan, size_t ring_bytes)
{
	struct gc_probe_options options = { ring_bytes };
	struct gc_probe *probe;

	if (way == ATTACH_MULTI && !feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	attach_way_force(way);
	CHECK_INT(gc_probe_open(child->pid, plan, &options, &probe), 0);
	return probe;
}

static struct gc_probe *observe(const struct child *child, enum attach_way way,
				enum probe_instruction instruction, size_t ring_bytes)
{
	struct probe_plan plan = plan_at(instruction);

	return observe_plan(child, way, &plan, ring_bytes);
}

/* What an ordinary run uses here. */
static enum attach_way best_way(void)
{
	return feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF;
}

struct seen {
	const struct gc_hit *hits;
	size_t count;
	struct probe_statistics statistics;
};

static struct seen look(struct gc_probe *probe)
{
	struct seen seen;

	CHECK_INT(gc_probe_read(probe, &seen.hits, &seen.count, &seen.statistics), 0);
	return seen;
}

/* A cycle as Go 1.23 makes one, and a stop for another reason within; the times are the numbers 101
 * to 106. */
static void one_cycle(struct child_shared *shared)
{
	(void)shared;
	pauses[1] = 4004;
	like_call(LIKE_CYCLE_START, &(struct call){ .b = 101, .d = 2, .retries = 1 });
	like_call(LIKE_WORLD_START, &(struct call){ .b = 2, .c = 100 });
	like_call(LIKE_TRANSITION, &(struct call){ .b = 102 });
	like_call(LIKE_WORLD_STOP, &(struct call){ .a = 7 });
	like_call(LIKE_WORLD_START, &(struct call){ .b = 0xffffff07, .c = 103 });
	like_call(LIKE_MARK_END, &(struct call){ .b = 105 });
	like_call(LIKE_TRANSITION, &(struct call){ .b = 106 });
	like_call(LIKE_WORLD_START, &(struct call){ .a = 106, .b = 1, .c = 104, .retries = 2 });
}

static void expect_hit(const struct gc_hit *hit, const struct gc_hit *expected)
{
	CHECK_INT(hit->kind, expected->kind);
	CHECK_INT(hit->reason, expected->reason);
	CHECK_INT(hit->forced, expected->forced);
	CHECK_INT(hit->runtime_ns, expected->runtime_ns);
	CHECK_INT(hit->stop_ns, expected->stop_ns);
	CHECK_INT(hit->heap_bytes, expected->heap_bytes);
	CHECK_INT(hit->goal_bytes, expected->goal_bytes);
	CHECK_INT(hit->pause_ns, expected->pause_ns);
	CHECK_INT(hit->cycles, expected->cycles);
}

static void check_cycle(enum attach_way way, enum probe_instruction instruction)
{
	static const struct gc_hit expected[] = {
		{ .kind = GC_HIT_CYCLE_START,
		  .forced = true,
		  .runtime_ns = 101,
		  .heap_bytes = 4001 },
		{ .kind = GC_HIT_WORLD_START, .reason = 2, .stop_ns = 100 },
		{ GC_HIT_TRANSITION, 0, false, 0, 102, 0, 4002, 4003, 4004, 258 },
		{ .kind = GC_HIT_WORLD_STOP, .reason = 7 },
		{ .kind = GC_HIT_WORLD_START, .reason = 7, .stop_ns = 103 },
		{ .kind = GC_HIT_MARK_END, .runtime_ns = 105, .heap_bytes = 4001 },
		{ GC_HIT_TRANSITION, 0, false, 0, 106, 0, 4002, 4003, 4004, 258 },
		{ .kind = GC_HIT_WORLD_START, .reason = 1, .runtime_ns = 106, .stop_ns = 104 },
	};
	const size_t count = sizeof(expected) / sizeof(expected[0]);
	CHILD(child, one_cycle);
	AUTO_PROBE struct gc_probe *probe = observe(&child, way, instruction, ROOMY);
	int64_t before_ns = clock_ns(CLOCK_MONOTONIC);
	struct seen seen;

	child_do(&child);
	seen = look(probe);
	CHECK_INT(seen.count, count);
	for (size_t i = 0; i < count; i++) {
		expect_hit(&seen.hits[i], &expected[i]);
		CHECK(seen.hits[i].time_ns >= before_ns);
		before_ns = seen.hits[i].time_ns;
	}
	CHECK(clock_ns(CLOCK_MONOTONIC) >= before_ns);
	CHECK_INT(seen.statistics.hits, count + (instruction == PROBE_AT_BRANCH ? 3 : 0));
	CHECK_INT(seen.statistics.foreign, 0);
	CHECK_INT(seen.statistics.points, 5);
	CHECK_INT(seen.statistics.multi, way == ATTACH_MULTI);
	CHECK_INT(all_losses(&seen.statistics), 0);
	CHECK_INT(look(probe).count, 0);
}

TEST("a cycle's hits come in their order with what the registers had, one link, at the push")
{
	check_cycle(ATTACH_MULTI, PROBE_AT_PUSH);
}

TEST("a cycle's hits come in their order with what the registers had, one link, at the branch")
{
	check_cycle(ATTACH_MULTI, PROBE_AT_BRANCH);
}

TEST("a cycle's hits come in their order with what the registers had, perf events, at the push")
{
	check_cycle(ATTACH_PERF, PROBE_AT_PUSH);
}

TEST("a cycle's hits come in their order with what the registers had, perf events, at the branch")
{
	check_cycle(ATTACH_PERF, PROBE_AT_BRANCH);
}

TEST("what a Go version does not pass is not taken from the registers")
{
	CHILD(child, one_cycle);
	struct probe_plan plan = plan_at(PROBE_AT_BRANCH);
	AUTO_PROBE struct gc_probe *probe = NULL;
	struct seen seen;

	plan.gc.stop_has_reason = plan.gc.start_has_stop = false;
	probe = observe_plan(&child, best_way(), &plan, ROOMY);
	child_do(&child);
	seen = look(probe);
	CHECK_INT(seen.count, 8);
	expect_hit(&seen.hits[3], &(struct gc_hit){ .kind = GC_HIT_WORLD_STOP });
	expect_hit(&seen.hits[7], &(struct gc_hit){ .kind = GC_HIT_WORLD_START });
}

#define STOPS 1000

static void many_stops(struct child_shared *shared)
{
	(void)shared;
	for (uint64_t i = 1; i <= STOPS; i++)
		like_call(LIKE_WORLD_START, &(struct call){ .b = 7, .c = i });
}

TEST("hits beyond the ring are counted as lost, and those that it has are the first")
{
	CHILD(child, many_stops);
	AUTO_PROBE struct gc_probe *probe = observe(&child, best_way(), PROBE_AT_PUSH, 4096);
	struct seen seen;

	child_do(&child);
	seen = look(probe);
	CHECK_INT(seen.statistics.hits, STOPS);
	CHECK(seen.count >= 50 && seen.count <= 57); /* 72 bytes each */
	CHECK_INT(seen.statistics.losses[LOSS_GC_RING_FULL], STOPS - seen.count);
	CHECK_INT(all_losses(&seen.statistics), STOPS - seen.count);
	for (size_t i = 0; i < seen.count; i++)
		CHECK_INT(seen.hits[i].stop_ns, i + 1);
	CHECK_INT(look(probe).count, 0);
}

TEST("a ring that is emptied in time loses nothing")
{
	CHILD(child, one_cycle);
	AUTO_PROBE struct gc_probe *probe = observe(&child, best_way(), PROBE_AT_PUSH, 4096);
	struct seen seen = { 0 };
	size_t count = 0;

	for (int i = 0; i < 40; i++) {
		child_do(&child);
		seen = look(probe);
		count += seen.count;
	}
	CHECK_INT(count, 8 * 40);
	CHECK_INT(all_losses(&seen.statistics), 0);
}

TEST("what cannot be read is not known, and counted")
{
	CHILD(child, one_cycle);
	struct probe_plan plan = plan_at(PROBE_AT_PUSH);
	AUTO_PROBE struct gc_probe *probe = NULL;
	struct seen seen;

	plan.gc.heap_live = plan.gc.cycles = 16;
	probe = observe_plan(&child, best_way(), &plan, ROOMY);
	child_do(&child);
	seen = look(probe);
	CHECK_INT(seen.count, 8);
	CHECK_INT(seen.hits[0].heap_bytes, UNKNOWN);
	CHECK_INT(seen.hits[2].heap_bytes, 4002);
	CHECK_INT(seen.hits[2].pause_ns, UNKNOWN);
	CHECK_INT(seen.hits[2].cycles, UNKNOWN);
	CHECK_INT(seen.statistics.losses[LOSS_TARGET_UNREADABLE], 4);
}

static void vfork_stops(struct child_shared *shared)
{
	pid_t pid = vfork();

	(void)shared;
	if (pid == 0) {
		for (uint64_t i = 0; i < 20; i++)
			like_call(LIKE_WORLD_STOP, &(struct call){ .a = 7 });
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	like_call(LIKE_WORLD_STOP, &(struct call){ .a = 7 });
}

TEST("stops of a vfork child's are not the target's")
{
	CHILD(child, vfork_stops);
	AUTO_PROBE struct gc_probe *probe = observe(&child, ATTACH_PERF, PROBE_AT_PUSH, ROOMY);
	struct seen seen;

	child_do(&child);
	seen = look(probe);
	CHECK_INT(seen.count, 1);
	CHECK_INT(seen.statistics.foreign, 20);
	CHECK_INT(seen.statistics.hits, 1);
}

TEST("the GC of another process of the same file is left alone")
{
	CHILD(child, one_cycle);
	CHILD(other, one_cycle);
	AUTO_PROBE struct gc_probe *probe = observe(&child, best_way(), PROBE_AT_PUSH, ROOMY);
	struct seen seen;

	child_do(&other);
	seen = look(probe);
	CHECK_INT(seen.count, 0);
	CHECK_INT(seen.statistics.hits + seen.statistics.foreign, 0);
}

static void report_text(struct child_shared *shared)
{
	for (int i = 0; i < 5; i++)
		shared->numbers[i] =
			*like_site((enum go_like)(LIKE_CYCLE_START + i), PROBE_AT_PUSH);
}

static void check_text(enum attach_way way)
{
	CHILD(child, report_text);
	AUTO_PROBE struct gc_probe *probe = observe(&child, way, PROBE_AT_PUSH, ROOMY);

	child_do(&child);
	for (int i = 0; i < 5; i++)
		CHECK_INT(child.shared->numbers[i], 0xcc);
	gc_probe_close(TAKE(probe));
	child_do(&child);
	for (int i = 0; i < 5; i++)
		CHECK_INT(child.shared->numbers[i], 0x55);
}

TEST("closing the GC's probes gives the target its text back, one link")
{
	check_text(ATTACH_MULTI);
}

TEST("closing the GC's probes gives the target its text back, perf events")
{
	check_text(ATTACH_PERF);
}
