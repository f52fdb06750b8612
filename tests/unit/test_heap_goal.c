/* The heap goal in a made-up runtime.gcController. */
#include <string.h>

#include "harness/test.h"
#include "target/heap_goal.h"

static uint8_t controller[512];
static struct layout layout;

static void put(int32_t offset, uint64_t value)
{
	memcpy(controller + offset, &value, sizeof(value));
}

static void begin(int minor)
{
	const struct go_version version = { .major = 1, .minor = minor };

	memset(controller, 0, sizeof(controller));
	CHECK_INT(layout_from_table(&version, &layout), 0);
}

static uint64_t goal(uint64_t percent_goal, uint64_t limit, uint64_t ready, uint64_t heap_free)
{
	put(layout.gc_percent_heap_goal, percent_goal);
	put(layout.gc_memory_limit, limit);
	put(layout.gc_mapped_ready, ready);
	put(layout.gc_heap_free, heap_free);
	return heap_goal_bytes((struct span){ controller, sizeof(controller) }, &layout);
}

#define MIB (1ULL << 20)

TEST("without a memory limit the goal is GOGC's, pushed up by sweeping and by a late trigger")
{
	begin(27);
	layout.goal_headroom_percent = 3;
	put(layout.gc_triggered, UINT64_MAX);
	CHECK_INT(goal(8 * MIB, INT64_MAX, 20 * MIB, 0), 8 * MIB);
	put(layout.gc_sweep_trigger, 9 * MIB);
	CHECK_INT(goal(8 * MIB, INT64_MAX, 20 * MIB, 0), 9 * MIB);
	put(layout.gc_triggered, 10 * MIB);
	CHECK_INT(goal(8 * MIB, INT64_MAX, 20 * MIB, 0), 10 * MIB + 65536);
}

static void begin_limited(int minor, int32_t headroom_percent)
{
	begin(minor);
	layout.goal_headroom_percent = headroom_percent;
	put(layout.gc_triggered, UINT64_MAX);
	put(layout.gc_total_alloc, 500 * MIB);
	put(layout.gc_total_free, 430 * MIB);
	put(layout.gc_heap_marked, 30 * MIB);
	/* never used in this regime */
	put(layout.gc_sweep_trigger, 900 * MIB);
}

TEST("a memory limit leaves the heap what others do not use, less a headroom")
{
	/* 90 MiB mapped: 70 of objects, 10 free, so 10 of others; 100 - 10 = 90 for the heap */
	begin_limited(27, 3);
	CHECK_INT(goal(200 * MIB, 100 * MIB, 90 * MIB, 10 * MIB), 90 * MIB - 90 * MIB / 100 * 3);
	begin_limited(19, 0);
	CHECK_INT(goal(200 * MIB, 100 * MIB, 90 * MIB, 10 * MIB), 89 * MIB);
	/* over the limit by 20 MiB */
	begin_limited(19, 0);
	CHECK_INT(goal(200 * MIB, 70 * MIB, 90 * MIB, 10 * MIB), (70 - 10 - 20 - 1) * MIB);
	/* never below what is alive */
	CHECK_INT(goal(200 * MIB, 50 * MIB, 90 * MIB, 10 * MIB), 30 * MIB);
	/* a copy with more heap than memory: nothing is left for others */
	CHECK_INT(goal(200 * MIB, 100 * MIB, 79 * MIB, 10 * MIB), 99 * MIB);
}
