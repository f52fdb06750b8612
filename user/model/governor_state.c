/* The budget's part of a snapshot. */
#include "model/governor_state.h"

#include <math.h>
#include <string.h>

#include "model/unknown.h"

void governor_state_init(struct governor_state *state)
{
	*state = (struct governor_state){
		.budget_percent = NAN,
		.spent_percent = NAN,
		.predicted_percent = NAN,
		.wanted_percent = NAN,
		.since_s = NAN,
		.steps = UNKNOWN,
		.last.time_unix_ns = UNKNOWN,
	};
}

void governor_state_add_step(struct governor_state *state, const struct governor_step *step)
{
	if (state->step_count == GOVERNOR_STEPS) {
		state->step_count--;
		memmove(&state->interval_steps[0], &state->interval_steps[1],
			state->step_count * sizeof(*step));
	}
	state->interval_steps[state->step_count++] = *step;
	state->last = *step;
	state->steps = state->steps == UNKNOWN ? 1 : state->steps + 1;
}

void governor_state_next(struct governor_state *state)
{
	state->step_count = 0;
}
