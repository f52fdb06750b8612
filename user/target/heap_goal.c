/*
 * The runtime computes its heap goal anew whenever it is asked (runtime/mgcpacer.go,
 * heapGoalInternal and memoryLimitHeapGoal): from GOGC, pushed up by what sweeping needs, or from
 * the memory limit when that is less. Go 1.19-1.27 differ in one constant only.
 */
#include "target/heap_goal.h"

/* Neighbours of fields that the layout has; in one order in Go 1.19-1.27. */
#define SWEEP_DIST_MIN_TRIGGER_AFTER_PERCENT_HEAP_GOAL 8
#define TRIGGERED_AFTER_PERCENT_HEAP_GOAL	       16
#define HEAP_MARKED_AFTER_HEAP_LIVE		       48

#define RUNWAY_BYTES	   (64U << 10)
#define HEADROOM_BYTES	   (1U << 20)
#define HEADROOM_PERCENT   3	      /* of the limit's goal, at least HEADROOM_BYTES */
#define NOT_TRIGGERED	   UINT64_MAX /* outside of a cycle */
#define PERCENT_GOAL_AT_19 104	      /* Go 1.19: the headroom is HEADROOM_BYTES, without a share */

static uint64_t word(struct span gc, int32_t offset)
{
	uint64_t value = 0;

	(void)span_u64(gc, (uint64_t)offset, &value);
	return value;
}

static uint64_t headroom_bytes(uint64_t goal, const struct layout *layout)
{
	uint64_t share = goal / 100 * HEADROOM_PERCENT;

	return share < HEADROOM_BYTES || layout->gc_percent_heap_goal == PERCENT_GOAL_AT_19
		       ? HEADROOM_BYTES
		       : share;
}

/* What the limit leaves to the heap. */
static uint64_t limit_goal(struct span gc, const struct layout *layout)
{
	uint64_t limit = word(gc, layout->gc_memory_limit);
	uint64_t marked = word(gc, layout->gc_heap_live + HEAP_MARKED_AFTER_HEAP_LIVE);
	uint64_t ready = word(gc, layout->gc_mapped_ready);
	uint64_t other = ready - word(gc, layout->gc_heap_free) -
			 (word(gc, layout->gc_total_alloc) - word(gc, layout->gc_total_free));
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
	int32_t at = layout->gc_percent_heap_goal;
	uint64_t goal = word(gc, at), limited = limit_goal(gc, layout);
	uint64_t sweep = word(gc, at + SWEEP_DIST_MIN_TRIGGER_AFTER_PERCENT_HEAP_GOAL);
	uint64_t triggered = word(gc, at + TRIGGERED_AFTER_PERCENT_HEAP_GOAL);

	if (limited < goal)
		return limited;
	if (goal < sweep)
		goal = sweep;
	if (triggered != NOT_TRIGGERED && goal < triggered + RUNWAY_BYTES)
		goal = triggered + RUNWAY_BYTES;
	return goal;
}
