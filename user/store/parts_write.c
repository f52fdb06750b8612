/* Rows of losses, size classes, pauses and GC events. */
#include <errno.h>
#include <string.h>

#include "store/parts.h"
#include "store/steps.h"

int parts_prepare_write(const struct database *database, struct part_statements *ret)
{
	static const char *const texts[PART_COUNT] = {
		[PART_LOSSES] = "INSERT INTO losses VALUES (?, ?, ?)",
		[PART_CLASSES] = "INSERT INTO size_classes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		[PART_CYCLES] = "INSERT INTO gc_cycles VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
		[PART_STOPS] = "INSERT INTO gc_stops VALUES (?, ?, ?, ?, ?)",
		[PART_STEPS] = STEPS_INSERT,
		[PART_PAUSES] = "INSERT INTO gc_pauses VALUES (?, ?, ?, ?)",
	};
	int error = 0;

	for (int i = 0; i < PART_COUNT && error == 0; i++)
		error = database_prepare(database, texts[i], &ret->statements[i]);
	return error;
}

static int write_losses(const struct database *database, sqlite3_stmt *statement, int64_t interval,
			const struct snapshot *snapshot, struct parts_state *state)
{
	int error = 0;

	for (int loss = 0; loss < LOSS_COUNT && error == 0; loss++) {
		if (snapshot->losses[loss] == state->losses[loss])
			continue;
		sqlite3_bind_int64(statement, 1, interval);
		sqlite3_bind_text(statement, 2, loss_key((enum loss)loss), -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 3, (int64_t)snapshot->losses[loss]);
		error = statement_run(database, statement);
		state->losses[loss] = snapshot->losses[loss];
	}
	return error;
}

/* NULL when it is what the reader would work out, else itself, -1 for UNKNOWN. */
static void bind_unless(sqlite3_stmt *statement, int at, int64_t value, int64_t expected)
{
	if (value == expected)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_int64(statement, at, value);
}

static int write_class(const struct database *database, sqlite3_stmt *statement, int64_t interval,
		       int class, const struct size_class *counts)
{
	sqlite3_bind_int64(statement, 1, interval);
	sqlite3_bind_int(statement, 2, class);
	bind_integer(statement, 3, counts->mallocs);
	bind_integer(statement, 4, counts->frees);
	bind_unless(statement, 5, counts->alloc_bytes, class_bytes(class, counts->mallocs));
	bind_unless(statement, 6, counts->free_bytes, class_bytes(class, counts->frees));
	bind_integer(statement, 7, counts->spans);
	bind_unless(statement, 8, counts->waste_bytes, class_waste(class, counts));
	return statement_run(database, statement);
}

static int write_classes(const struct database *database, sqlite3_stmt *statement, int64_t interval,
			 const struct snapshot *snapshot, struct parts_state *state)
{
	int error = 0;

	for (int class = 0; class < SIZE_CLASSES && error == 0; class ++) {
		const struct size_class *counts = &snapshot->classes[class];

		if (!memcmp(counts, &state->classes[class], sizeof(*counts)))
			continue;
		error = write_class(database, statement, interval, class, counts);
		state->classes[class] = *counts;
	}
	return error;
}

static int write_cycles(const struct database *database, sqlite3_stmt *statement, int64_t interval,
			const struct gc_events *events)
{
	int error = 0;

	for (size_t i = 0; i < events->cycle_count && error == 0; i++) {
		const struct gc_cycle *cycle = &events->cycles[i];

		sqlite3_bind_int64(statement, 1, interval);
		sqlite3_bind_int64(statement, 2, (int64_t)i);
		bind_integer(statement, 3, cycle->number);
		bind_integer(statement, 4, cycle->sweep_term_unix_ns);
		bind_integer(statement, 5, cycle->mark_unix_ns);
		bind_integer(statement, 6, cycle->mark_term_unix_ns);
		bind_integer(statement, 7, cycle->end_unix_ns);
		bind_integer(statement, 8, cycle->pause_ns);
		bind_integer(statement, 9, cycle->heap_before_bytes);
		bind_integer(statement, 10, cycle->heap_after_bytes);
		bind_integer(statement, 11, cycle->heap_live_bytes);
		bind_integer(statement, 12, cycle->goal_bytes);
		sqlite3_bind_int(statement, 13, cycle->forced);
		error = statement_run(database, statement);
	}
	return error;
}

static int write_stops(const struct database *database, sqlite3_stmt *statement, int64_t interval,
		       const struct gc_events *events)
{
	int error = 0;

	for (size_t i = 0; i < events->stop_count && error == 0; i++) {
		sqlite3_bind_int64(statement, 1, interval);
		sqlite3_bind_int64(statement, 2, (int64_t)i);
		bind_integer(statement, 3, events->stops[i].begin_unix_ns);
		bind_integer(statement, 4, events->stops[i].duration_ns);
		sqlite3_bind_int(statement, 5, events->stops[i].reason);
		error = statement_run(database, statement);
	}
	return error;
}

static int write_pauses(const struct database *database, sqlite3_stmt *statement, int64_t interval,
			const struct memstats *memstats, struct parts_state *state)
{
	uint32_t fresh = pauses_new(state, memstats);
	int error = 0;

	for (uint32_t i = memstats->pause_count - fresh; i < memstats->pause_count && error == 0;
	     i++) {
		sqlite3_bind_int64(statement, 1, interval);
		sqlite3_bind_int64(statement, 2, i - (memstats->pause_count - fresh));
		sqlite3_bind_int64(statement, 3, memstats->pause_ns[i]);
		sqlite3_bind_int64(statement, 4, memstats->pause_end_unix_ns[i]);
		error = statement_run(database, statement);
		pauses_add(state, memstats->pause_ns[i], memstats->pause_end_unix_ns[i]);
	}
	return error;
}

int parts_write(const struct database *database, const struct part_statements *statements,
		int64_t interval, const struct snapshot *snapshot, struct parts_state *state)
{
	sqlite3_stmt *const *of = statements->statements;
	int error = write_losses(database, of[PART_LOSSES], interval, snapshot, state);

	if (error == 0)
		error = write_classes(database, of[PART_CLASSES], interval, snapshot, state);
	if (error == 0)
		error = write_cycles(database, of[PART_CYCLES], interval, &snapshot->gc_events);
	if (error == 0)
		error = write_stops(database, of[PART_STOPS], interval, &snapshot->gc_events);
	if (error == 0)
		error = steps_write(database, of[PART_STEPS], interval, &snapshot->governor);
	if (error == 0)
		error = write_pauses(database, of[PART_PAUSES], interval, &snapshot->memstats,
				     state);
	return error;
}
