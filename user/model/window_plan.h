/*
 * Where in an interval to look, and how much: the interval is cut in slots, and in each slot one
 * window stands at a random place. That is denser than windows at times drawn one by one, which
 * leave gaps, and unlike evenly spaced ones it cannot be in step with the program.
 */
#ifndef MODEL_WINDOW_PLAN_H
#define MODEL_WINDOW_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* No window is open for longer: whoever watches one does nothing else meanwhile. */
#define WINDOW_MOST_NS 2000000000LL

/* Fewer hits are not worth a window's opening and closing. */
#define WINDOW_FEWEST_HITS 20

/* Of the interval, what is left. */
struct window_outlook {
	int64_t left_ns;
	uint64_t hits;			/* that the budget has left */
	double allocs_per_s;		/* NAN: not known */
	int64_t opening_ns, closing_ns; /* that a window takes besides being open, mostly */
	bool first;    /* of the interval: there is always room for it, though it may end late */
	bool one_slot; /* closing is so dear that there is to be one window */
};

struct window_plan {
	int64_t slot_ns;
	int64_t start_ns; /* of the opening, after the slot's begin */
	int64_t open_ns;  /* at most */
	uint64_t hits;	  /* at most */
};

/* The next slot. `random`: uniform in [0, 1). False: there is no room for another window. */
bool window_plan_next(const struct window_outlook *outlook, double random, struct window_plan *ret);

#endif
