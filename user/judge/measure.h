/*
 * One number over the time of a recording, and whether it is another one in a second recording.
 *
 * Intervals that follow each other are alike: a heap that is large now is large in the next second.
 * A test that takes them for independent finds differences between two windows of the same program.
 * So they are first put together to batches that are: as many intervals as the lag-1
 * autocorrelation says that one independent observation takes, (1 + r) / (1 - r) (Bayley &
 * Hammersley 1946), then twice as many until the batches' own autocorrelation is no more than
 * chance. What is left of them are the n that are shown.
 *
 * A number that moves so slowly that fewer than MEASURE_FEWEST batches are left, such as the RSS of
 * a short recording, is judged as one observation of each side: by how far apart they are against
 * how much each moved between the quarters of its own window.
 */
#ifndef JUDGE_MEASURE_H
#define JUDGE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/amount.h"

/* An interval's amount and what it is to be divided by: seconds, calls, 1 for events. A state has
 * its value times the seconds that it lasted. Items of no weight go with their neighbours. */
struct measure_item {
	double amount, weight;
};

struct measure {
	bool state; /* that lasts, not something that happens: when it never changed it was seen
		       once */
	struct measure_item *items;
	size_t count, capacity;
};

/* NAN amounts are left out. 0, -ENOMEM or -E2BIG (LIMIT_COMPARED_ITEMS), silent. */
int measure_add(struct measure *measure, double amount, double weight);
void measure_clear(struct measure *measure);

#define MEASURE_FEWEST 6   /* batches of a side that ranks can tell apart; intervals of a side */
#define MEASURE_MOST   200 /* more would cost time and memory and say no more */

enum measure_centre {
	CENTRE_MEDIAN, /* of the batches */
	CENTRE_MEAN    /* the sum over the sum of weights: of what is mostly 0 */
};

struct measure_side {
	double value; /* NAN: nothing is known */
	struct interval bounds;
	double variance; /* of a mean, as the batches have it; NAN: not known */
	size_t n;	 /* independent observations */
};

struct measure_test {
	struct measure_side before, after;
	double shift; /* after - before, with its 95 % interval; NAN when not known */
	struct interval bounds;
	double p;     /* that there is no difference beyond the floor; NAN: too little to tell */
	double floor; /* as it was given */
	bool within_floor; /* there is a difference, and it is no more than the floor: however sure
			      it is, it does not count */
	bool slow;	   /* judged by levels */
};

/*
 * `floor`: a share of the larger side. A steady program is so steady that differences without any
 * meaning are no chance; what is tested is whether the difference is larger than this. 0 or
 * -ENOMEM, silent.
 */
int measure_compare(const struct measure *before, const struct measure *after,
		    enum measure_centre centre, double floor, struct measure_test *ret);

/*
 * What all of a side was divided by is an estimate itself, with a standard error of so large a
 * share of it (0: exact): both sides, their difference and p are that much less certain, however
 * many batches there are.
 */
void measure_blur(struct measure_test *test, double before_share, double after_share);

#endif
