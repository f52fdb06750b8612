/* Lines of the program, and how much each of them is the cause of. */
#ifndef JUDGE_CAUSES_H
#define JUDGE_CAUSES_H

#include "judge/finding.h"

#define CAUSES_MOST 256 /* told apart; more would be no causes but all of the program */

struct cause {
	const struct frame *frame;
	double value;
};

/* Zero-initialised is empty. */
struct causes {
	size_t count;
	struct cause items[CAUSES_MOST];
};

/* NULL is no cause. */
void causes_add(struct causes *causes, const struct frame *frame, double value);
/* The largest become places of the finding; their share is of `whole` (NAN: none). `unit`: of the
 * values. */
void causes_to_places(struct causes *causes, const char *unit, double whole,
		      struct finding *finding);

#endif
