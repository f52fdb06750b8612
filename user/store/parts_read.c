/* Losses, size classes, pauses and GC events from their rows. Nothing in them is believed: what is
 * out of range makes the recording a damaged one (-EBADMSG). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"
#include "store/parts.h"
#include "store/steps.h"

int parts_prepare_read(const struct database *database, struct part_statements *ret)
{
	static const char *const texts[PART_COUNT] = {
		[PART_LOSSES] = "SELECT reason, count FROM losses WHERE interval = ?",
		[PART_CLASSES] = "SELECT class, mallocs, frees, alloc_bytes, free_bytes, spans, "
				 "waste_bytes FROM size_classes WHERE interval = ?",
		[PART_CYCLES] = "SELECT number, sweep_term_unix_ns, mark_unix_ns, "
				"mark_term_unix_ns, end_unix_ns, pause_ns, heap_before_bytes, "
				"heap_after_bytes, heap_live_bytes, goal_bytes, forced "
				"FROM gc_cycles WHERE interval = ? ORDER BY position",
		[PART_STOPS] = "SELECT begin_unix_ns, duration_ns, reason "
			       "FROM gc_stops WHERE interval = ? ORDER BY position",
		[PART_STEPS] = STEPS_SELECT,
		[PART_PAUSES] = "SELECT pause_ns, end_unix_ns "
				"FROM gc_pauses WHERE interval = ? ORDER BY position",
	};
	int error = 0;

	for (int i = 0; i < PART_COUNT && error == 0; i++)
		error = database_prepare(database, texts[i], &ret->statements[i]);
	return error;
}

/* A reason that this version does not know is one more that cannot be shown. */
static int read_loss(sqlite3_stmt *statement, void *context)
{
	const char *reason = (const char *)sqlite3_column_text(statement, 0);
	struct parts_state *state = context;

	for (int loss = 0; loss < LOSS_COUNT && reason; loss++)
		if (!strcmp(reason, loss_key((enum loss)loss)))
			state->losses[loss] = (uint64_t)sqlite3_column_int64(statement, 1);
	return 0;
}

static int64_t column_or(sqlite3_stmt *statement, int at, int64_t expected)
{
	return sqlite3_column_type(statement, at) == SQLITE_NULL
		       ? expected
		       : sqlite3_column_int64(statement, at);
}

static int read_class(sqlite3_stmt *statement, void *context)
{
	int64_t class = sqlite3_column_int64(statement, 0);
	struct parts_state *state = context;
	struct size_class *counts;

	if (class < 0 || class >= SIZE_CLASSES)
		return -EBADMSG;
	counts = &state->classes[class];
	counts->mallocs = column_integer(statement, 1);
	counts->frees = column_integer(statement, 2);
	counts->alloc_bytes = column_or(statement, 3, class_bytes((int)class, counts->mallocs));
	counts->free_bytes = column_or(statement, 4, class_bytes((int)class, counts->frees));
	counts->spans = column_integer(statement, 5);
	counts->waste_bytes = column_or(statement, 6, class_waste((int)class, counts));
	return 0;
}

static int read_pause(sqlite3_stmt *statement, void *context)
{
	pauses_add(context, sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1));
	return 0;
}

static int read_step(sqlite3_stmt *statement, void *context)
{
	struct parts_state *state = context;

	return steps_read(statement, &state->governor);
}

int parts_read(const struct database *database, const struct part_statements *statements,
	       int64_t interval, struct parts_state *state)
{
	sqlite3_stmt *const *of = statements->statements;
	int error = statement_each(database, of[PART_LOSSES], interval, read_loss, state);

	if (error == 0)
		error = statement_each(database, of[PART_CLASSES], interval, read_class, state);
	if (error == 0)
		error = statement_each(database, of[PART_PAUSES], interval, read_pause, state);
	governor_state_next(&state->governor);
	if (error == 0)
		error = statement_each(database, of[PART_STEPS], interval, read_step, state);
	return error;
}

struct cycles {
	struct gc_cycle *items;
	size_t count, capacity;
};

static int read_cycle(sqlite3_stmt *statement, void *context)
{
	struct cycles *cycles = context;
	int error = VEC_RESERVE(cycles, cycles->count + 1, LIMIT_INTERVAL_EVENTS);

	if (error < 0)
		return error;
	cycles->items[cycles->count++] = (struct gc_cycle){
		.number = column_integer(statement, 0),
		.sweep_term_unix_ns = column_integer(statement, 1),
		.mark_unix_ns = column_integer(statement, 2),
		.mark_term_unix_ns = column_integer(statement, 3),
		.end_unix_ns = column_integer(statement, 4),
		.pause_ns = column_integer(statement, 5),
		.heap_before_bytes = column_integer(statement, 6),
		.heap_after_bytes = column_integer(statement, 7),
		.heap_live_bytes = column_integer(statement, 8),
		.goal_bytes = column_integer(statement, 9),
		.forced = sqlite3_column_int(statement, 10) != 0,
	};
	return 0;
}

struct stops {
	struct gc_stop *items;
	size_t count, capacity;
};

static int read_stop(sqlite3_stmt *statement, void *context)
{
	struct stops *stops = context;
	int error = VEC_RESERVE(stops, stops->count + 1, LIMIT_INTERVAL_EVENTS);

	if (error < 0)
		return error;
	stops->items[stops->count++] = (struct gc_stop){
		.begin_unix_ns = column_integer(statement, 0),
		.duration_ns = column_integer(statement, 1),
		.reason = sqlite3_column_int(statement, 2),
	};
	return 0;
}

static int fill_events(const struct database *database, const struct part_statements *statements,
		       int64_t interval, struct gc_events *events)
{
	struct cycles cycles = { 0 };
	struct stops stops = { 0 };
	int error = statement_each(database, statements->statements[PART_CYCLES], interval,
				   read_cycle, &cycles);

	if (error == 0)
		error = statement_each(database, statements->statements[PART_STOPS], interval,
				       read_stop, &stops);
	events->cycles = cycles.items; /* the snapshot's to free, also after a failure */
	events->cycle_count = cycles.count;
	events->stops = stops.items;
	events->stop_count = stops.count;
	return error;
}

static int fill_pauses(const struct parts_state *state, struct memstats *memstats)
{
	uint32_t from = state->pause_count - memstats->pause_count;
	size_t bytes = memstats->pause_count * sizeof(int64_t);

	if (memstats->pause_count > state->pause_count)
		return -EBADMSG;
	memcpy(memstats->pause_ns, state->pause_ns + from, bytes);
	memcpy(memstats->pause_end_unix_ns, state->pause_end_unix_ns + from, bytes);
	return 0;
}

int parts_fill(const struct database *database, const struct part_statements *statements,
	       int64_t interval, const struct parts_state *state, struct snapshot *snapshot)
{
	int error = fill_pauses(state, &snapshot->memstats);

	if (error < 0)
		return error;
	memcpy(snapshot->losses, state->losses, sizeof(snapshot->losses));
	memcpy(snapshot->classes, state->classes, sizeof(snapshot->classes));
	steps_fill(&state->governor, &snapshot->governor);
	return fill_events(database, statements, interval, &snapshot->gc_events);
}
