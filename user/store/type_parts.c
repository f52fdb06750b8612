/* Rows are counts per interval, itabs what was appended to the table: both are sums over time. */
#include "store/type_parts.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "base/vec.h"
#include "limits.h"

struct read_type {
	UT_hash_handle hh;
	int64_t id;	 /* type_row.id */
	int64_t changed; /* the newest interval with a row of it */
	struct type_row row;
};

/* More than the probes keep at once, which may be away for a time and begin anew. */
#define ROWS_MOST (16U * LIMIT_TYPE_EVENTS)

int type_parts_prepare_write(const struct database *database, struct type_statements *ret)
{
	int error = database_prepare(
		database, "INSERT INTO type_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", &ret->events);

	return error < 0 ? error
			 : database_prepare(database, "INSERT INTO itabs VALUES (?, ?, ?, ?, ?, ?)",
					    &ret->itabs);
}

int type_parts_prepare_read(const struct database *database, struct type_statements *ret)
{
	int error;

	error = database_prepare(database,
				 "SELECT row, event, interface, type, failed, stack, count "
				 "FROM type_events WHERE interval = ?",
				 &ret->events);
	return error < 0 ? error
			 : database_prepare(database,
					    "SELECT position, interface, type, failed, fixed "
					    "FROM itabs WHERE interval = ? ORDER BY position",
					    &ret->itabs);
}

void type_parts_finalize(struct type_statements *statements)
{
	sqlite3_finalize(TAKE(statements->events));
	sqlite3_finalize(TAKE(statements->itabs));
}

/* ---- writing ---- */

static int write_row(const struct database *database, sqlite3_stmt *to, struct names_writer *names,
		     int64_t interval, const struct type_row *row)
{
	int64_t interface, type, stack = UNKNOWN;
	int error = names_string(names, row->interface, &interface);

	if (error == 0)
		error = names_string(names, row->type, &type);
	if (error == 0 && row->stack)
		error = names_stack(names, row->stack, &stack);
	if (error < 0)
		return error;
	sqlite3_bind_int64(to, 1, interval);
	sqlite3_bind_int64(to, 2, (int64_t)row->id);
	sqlite3_bind_text(to, 3, type_event_name(row->event), -1, SQLITE_STATIC);
	bind_integer(to, 4, interface);
	bind_integer(to, 5, type);
	sqlite3_bind_int(to, 6, row->failed);
	bind_integer(to, 7, stack);
	sqlite3_bind_int64(to, 8, (int64_t)row->interval);
	return statement_run(database, to);
}

static int write_itab(const struct database *database, sqlite3_stmt *to, struct names_writer *names,
		      int64_t interval, size_t position, const struct itab_entry *itab)
{
	int64_t interface, type;
	int error = names_string(names, itab->interface, &interface);

	if (error == 0)
		error = names_string(names, itab->type, &type);
	if (error < 0)
		return error;
	sqlite3_bind_int64(to, 1, interval);
	sqlite3_bind_int64(to, 2, (int64_t)position);
	bind_integer(to, 3, interface);
	bind_integer(to, 4, type);
	sqlite3_bind_int(to, 5, itab->failed);
	sqlite3_bind_int(to, 6, itab->fixed);
	return statement_run(database, to);
}

int type_parts_write(const struct database *database, const struct type_statements *statements,
		     struct names_writer *names, int64_t interval, const struct type_group *group,
		     size_t *itabs_written)
{
	int error = 0;

	for (size_t i = 0; i < group->count && error == 0; i++)
		if (group->rows[i].interval)
			error = write_row(database, statements->events, names, interval,
					  &group->rows[i]);
	while (*itabs_written < group->itab_count && error == 0) {
		error = write_itab(database, statements->itabs, names, interval, *itabs_written,
				   &group->itabs[*itabs_written]);
		++*itabs_written;
	}
	return error;
}

/* ---- reading ---- */

void type_state_clear(struct type_state *state)
{
	struct read_type *read, *next;

	HASH_ITER (hh, state->rows, read, next) {
		HASH_DEL(state->rows, read);
		free(read);
	}
	free(state->itabs.items);
	*state = (struct type_state){ 0 };
}

static int read_event(const char *name, enum type_event *ret)
{
	for (int event = 0; name && event < TYPE_EVENT_COUNT; event++) {
		if (strcmp(name, type_event_name((enum type_event)event)))
			continue;
		*ret = (enum type_event)event;
		return 0;
	}
	return -EBADMSG;
}

/* From the row that the statement stands on. */
static int make_row(sqlite3_stmt *from, struct names_reader *names, struct type_row *ret)
{
	int64_t stack = column_integer(from, 5);
	int error = read_event((const char *)sqlite3_column_text(from, 1), &ret->event);

	ret->id = (uint64_t)sqlite3_column_int64(from, 0);
	ret->failed = sqlite3_column_int(from, 4) != 0;
	if (error == 0)
		error = names_read_string(names, column_integer(from, 2), &ret->interface);
	if (error == 0)
		error = names_read_string(names, column_integer(from, 3), &ret->type);
	if (error == 0 && stack != UNKNOWN)
		error = names_read_stack(names, stack, &ret->stack);
	return error;
}

static int add_row(struct type_state *state, sqlite3_stmt *from, struct names_reader *names,
		   struct read_type **ret)
{
	AUTO_FREE struct read_type *read = calloc(1, sizeof(*read));
	int error;

	if (!read)
		return -ENOMEM;
	if (state->row_count == ROWS_MOST)
		return -EBADMSG;
	read->id = sqlite3_column_int64(from, 0);
	error = make_row(from, names, &read->row);
	if (error < 0)
		return error;
	HASH_ADD(hh, state->rows, id, sizeof(read->id), read);
	if (!read->hh.tbl) /* uthash could not grow */
		return -ENOMEM;
	state->row_count++;
	*ret = TAKE(read);
	return 0;
}

/* An interval that is being read. */
struct reading {
	struct type_state *state;
	struct names_reader *names;
	int64_t interval;
};

static int take_event(sqlite3_stmt *from, void *context)
{
	const struct reading *reading = context;
	struct type_state *state = reading->state;
	int64_t id = sqlite3_column_int64(from, 0), count = sqlite3_column_int64(from, 6);
	struct read_type *read;
	int error = 0;

	if (count < 0)
		return -EBADMSG;
	HASH_FIND(hh, state->rows, &id, sizeof(id), read);
	if (!read)
		error = add_row(state, from, reading->names, &read);
	if (error < 0)
		return error;
	read->changed = reading->interval;
	read->row.begun += (uint64_t)count;
	read->row.interval = (uint64_t)count;
	return 0;
}

static int take_itab(sqlite3_stmt *from, void *context)
{
	const struct reading *reading = context;
	struct type_state *state = reading->state;
	struct names_reader *names = reading->names;
	struct itab_entry itab = {
		.failed = sqlite3_column_int(from, 3) != 0,
		.fixed = sqlite3_column_int(from, 4) != 0,
	};
	int error = names_read_string(names, column_integer(from, 1), &itab.interface);

	if (error == 0)
		error = names_read_string(names, column_integer(from, 2), &itab.type);
	if (error == 0 && sqlite3_column_int64(from, 0) != (int64_t)state->itabs.count)
		error = -EBADMSG;
	if (error == 0)
		error = VEC_RESERVE(&state->itabs, state->itabs.count + 1, LIMIT_ITABS);
	if (error == 0)
		state->itabs.items[state->itabs.count++] = itab;
	return error == -E2BIG ? -EBADMSG : error;
}

int type_parts_read(const struct database *database, const struct type_statements *statements,
		    struct names_reader *names, int64_t interval, struct type_state *state)
{
	struct reading reading = { state, names, interval };
	int error = statement_each(database, statements->events, interval, take_event, &reading);

	return error < 0
		       ? error
		       : statement_each(database, statements->itabs, interval, take_itab, &reading);
}

int type_parts_fill(const struct type_state *state, int64_t interval, struct type_group *group)
{
	const struct read_type *read;

	group->rows = calloc(state->row_count + 1, sizeof(*group->rows));
	group->itabs = vec_copy(state->itabs.items, state->itabs.count, sizeof(*group->itabs));
	if (!group->rows || !group->itabs)
		return -ENOMEM; /* the snapshot frees what there is */
	group->itab_count = state->itabs.count;
	for (read = state->rows; read; read = read->hh.next) {
		struct type_row *row = &group->rows[group->count++];

		*row = read->row;
		if (read->changed != interval)
			row->interval = 0;
	}
	type_group_sort(group);
	return 0;
}
