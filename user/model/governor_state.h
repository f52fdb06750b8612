/* What a snapshot says of the budget: who spends it, what was chosen, and why. */
#ifndef MODEL_GOVERNOR_STATE_H
#define MODEL_GOVERNOR_STATE_H

#include <stddef.h>
#include <stdint.h>

#define GOVERNOR_GROUPS	      9	 /* the collector, and each watch */
#define GOVERNOR_STEPS	      16 /* of one interval: the newest are kept, all are counted */
#define GOVERNOR_REASON_BYTES 240

/* A part of the budget. */
struct governor_group {
	const char *name;
	double allowed_percent; /* of one CPU */
	double percent;		/* taken in the interval, NAN in the first */
};

struct governor_step {
	int64_t time_unix_ns;
	const char *from, *to;
	char reason[GOVERNOR_REASON_BYTES];
};

struct governor_state {
	const char *now;    /* the collector and how it goes: a name of --mode or "list"; NULL: not
			       known, as in a recording */
	const char *wanted; /* what would be taken if it cost nothing */
	double budget_percent;	  /* of one CPU */
	double spent_percent;	  /* of one CPU, by all groups, in the interval */
	double predicted_percent; /* what `now` should take, from the rate of allocations */
	double wanted_percent;	  /* the same for `wanted` */
	double since_s;		  /* elapsed_s from when on the records' `begun` counts */
	int64_t steps;		  /* since the observation began */
	size_t group_count;
	struct governor_group groups[GOVERNOR_GROUPS];
	size_t step_count; /* of the interval, the oldest first */
	struct governor_step interval_steps[GOVERNOR_STEPS];
	struct governor_step last; /* from NULL: there was none */
};

/* Nothing is known. */
void governor_state_init(struct governor_state *state);
void governor_state_add_step(struct governor_state *state, const struct governor_step *step);
/* What was of the interval that ended. */
void governor_state_next(struct governor_state *state);

#endif
