/*
 * The runtime computes its heap goal anew whenever it is asked (runtime/mgcpacer.go,
 * heapGoalInternal and memoryLimitHeapGoal): from GOGC, pushed up by what sweeping needs, or from
 * the memory limit when that is less. Go 1.19-1.27 differ in one constant only.
 */
#include "target/heap_goal.h"

#define RUNWAY_BYTES   (64U << 10)
#define HEADROOM_BYTES (1U << 20)
#define NOT_TRIGGERED  UINT64_MAX /* outside of a cycle */

static uint64_t word(struct span gc, int32_t offset)
{
	uint64_t value = 0;

	(void)span_u64(gc, (uint64_t)offset, &value);
	return value;
}

/* A share of the limit's goal; Go 1.19 has no share and keeps the least only. */
static uint64_t headroom_bytes(uint64_t goal, const struct layout *layout)
{
	uint64_t share = goal / 100 * (uint64_t)layout->goal_headroom_percent;

	return share < HEADROOM_BYTES ? HEADROOM_BYTES : share;
}

/* What the limit leaves to the heap. */
static uint64_t limit_goal(struct span gc, const struct layout *layout)
{
	uint64_t limit = word(gc, layout->gc_memory_limit);
	uint64_t marked = word(gc, layout->gc_heap_marked);
	uint64_t ready = word(gc, layout->gc_mapped_ready);
	uint64_t heap = word(gc, layout->gc_heap_free) + word(gc, layout->gc_total_alloc) -
			word(gc, layout->gc_total_free);
	/* a copy taken while the program maps memory may have more heap than memory */
	uint64_t other = ready > heap ? ready - heap : 0;
	uint64_t overage = ready > limit ? ready - limit : 0, goal, headroom;

	if (other + overage >= limit)
		return marked;
	goal = limit - (other + overage);
	headroom = headroom_bytes(goal, layout);
	goal = goal < headroom || goal - headroom < headroom ? headroom : goal - headroom;
	return goal < marked ? marked : goal;
}

uint64_t heap_goal_bytes(struct span gc, const struct layout *layout)
{
	uint64_t goal = word(gc, layout->gc_percent_heap_goal), limited = limit_goal(gc, layout);
	uint64_t sweep = word(gc, layout->gc_sweep_trigger);
	uint64_t triggered = word(gc, layout->gc_triggered);

	if (limited < goal)
		return limited;
	if (goal < sweep)
		goal = sweep;
	if (triggered != NOT_TRIGGERED && goal < triggered + RUNWAY_BYTES)
		goal = triggered + RUNWAY_BYTES;
	return goal;
}
