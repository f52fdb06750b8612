/* Steps of the budget, written and read back. */
#include "store/steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/ladder.h"

int steps_write(const struct database *database, sqlite3_stmt *insert, int64_t interval,
		const struct governor_state *governor)
{
	int error = 0;

	for (size_t i = 0; i < governor->step_count && error == 0; i++) {
		const struct governor_step *step = &governor->interval_steps[i];

		sqlite3_bind_int64(insert, 1, interval);
		sqlite3_bind_int64(insert, 2, (int64_t)i);
		sqlite3_bind_int64(insert, 3, step->time_unix_ns);
		bind_text(insert, 4, step->from);
		bind_text(insert, 5, step->to);
		bind_text(insert, 6, step->reason);
		error = statement_run(database, insert);
	}
	return error;
}

static const char *read_rung(sqlite3_stmt *row, int at)
{
	const char *text = (const char *)sqlite3_column_text(row, at);
	enum rung rung = text ? rung_find(text) : RUNG_COUNT;

	return rung == RUNG_COUNT ? NULL : rung_name(rung);
}

int steps_read(sqlite3_stmt *row, struct governor_state *governor)
{
	struct governor_step step = {
		.time_unix_ns = sqlite3_column_int64(row, 0),
		.from = read_rung(row, 1),
		.to = read_rung(row, 2),
	};
	const char *reason = (const char *)sqlite3_column_text(row, 3);

	if (!step.from || !step.to || !reason)
		return -EBADMSG;
	snprintf(step.reason, sizeof(step.reason), "%s", reason);
	governor_state_add_step(governor, &step);
	return 0;
}

void steps_fill(const struct governor_state *read, struct governor_state *ret)
{
	memcpy(ret->interval_steps, read->interval_steps, sizeof(ret->interval_steps));
	ret->step_count = read->step_count;
	ret->last = read->last;
}
