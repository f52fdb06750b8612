/* The cutting of an interval. */
#include "model/window_plan.h"

#include <math.h>

/* Opening and closing take 20 to 70 ms of grace periods (6.18, 2 CPUs, 2026-11), though none of the
 * target's. */
#define SLOT_NS 125000000

/* A slot is so many times as long as opening and closing, so that the window has a place in it. */
#define ROOM_PARTS 2

/* More slots in what is left of an interval tell hardly more, and cost heaptap a look each; but
 * none is longer than a window can be. */
#define SLOTS_ENOUGH 256

/* Of an interval that is too short for opening and closing the window is open for one part in so
 * many. */
#define SHORT_PART 4

/* A program that allocates less than this part of the budget's hits is watched all the time. */
#define WHOLE_SHARE 0.7

static bool fits_whole(const struct window_outlook *outlook)
{
	return outlook->allocs_per_s * (double)outlook->left_ns * 1e-9 <=
	       WHOLE_SHARE * (double)outlook->hits;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* As many slots as are asked for, or as there is room for a window in each; one at least. */
static int64_t with_room(int64_t slots, int64_t left_ns, int64_t edges_ns)
{
	int64_t most = left_ns / (ROOM_PARTS * larger(edges_ns, 1));

	return larger(slots < most ? slots : most, 1);
}

static int64_t slots_left(const struct window_outlook *outlook, int64_t edges_ns)
{
	int64_t by_time = (outlook->left_ns + SLOT_NS / 2) / SLOT_NS;
	int64_t by_hits = (int64_t)(outlook->hits / WINDOW_FEWEST_HITS);
	int64_t slots = by_time < by_hits ? by_time : by_hits;

	if (slots > SLOTS_ENOUGH)
		slots = larger(SLOTS_ENOUGH, outlook->left_ns / WINDOW_MOST_NS);
	return outlook->one_slot ? 1 : with_room(slots, outlook->left_ns, edges_ns);
}

/* One window after the other, of the same length. */
static int64_t whole_slot_ns(int64_t left_ns, int64_t edges_ns)
{
	int64_t slots = 1 + (left_ns - edges_ns - 1) / WINDOW_MOST_NS;

	return left_ns / with_room(slots, left_ns, edges_ns);
}

bool window_plan_next(const struct window_outlook *outlook, double random, struct window_plan *ret)
{
	int64_t edges_ns = outlook->opening_ns + outlook->closing_ns, slots, room_ns;

	if (outlook->left_ns <= 0 || outlook->hits == 0)
		return false;
	if (outlook->left_ns <= edges_ns) {
		*ret = (struct window_plan){ .slot_ns = outlook->left_ns + edges_ns,
					     .open_ns = outlook->left_ns / SHORT_PART,
					     .hits = outlook->hits };
		return outlook->first;
	}
	if (fits_whole(outlook)) {
		int64_t slot_ns = whole_slot_ns(outlook->left_ns, edges_ns);

		*ret = (struct window_plan){ .slot_ns = slot_ns,
					     .open_ns = slot_ns - edges_ns,
					     .hits = outlook->hits };
		return true;
	}
	slots = slots_left(outlook, edges_ns);
	ret->slot_ns = outlook->left_ns / slots;
	room_ns = ret->slot_ns - edges_ns;
	ret->start_ns = (int64_t)(random * (double)room_ns);
	ret->open_ns = room_ns - ret->start_ns;
	ret->hits = outlook->hits / (uint64_t)slots;
	if (ret->hits < 1)
		ret->hits = 1;
	return ret->open_ns > 0;
}
