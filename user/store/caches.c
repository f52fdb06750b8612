/* Each table as a list of columns with the members they stand for, from which both statements and
 * both ways of moving a row are made. */
#include "store/caches.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"

enum column_type { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_REAL, COLUMN_FLAG };

struct column {
	const char *name;
	enum column_type type;
	size_t offset;
};

struct table {
	const char *name;
	size_t row_bytes;
	const struct column *columns; /* ends with a NULL name */
};

#define COLUMN(row, name, type, member)                                                            \
	{                                                                                          \
#name, COLUMN_##type, offsetof(struct row, member)                                 \
	}
#define AMOUNT(row, name, member)                                                                  \
	COLUMN(row, name, REAL, member.objects),                                                   \
		COLUMN(row, name##_variance, REAL, member.objects_variance)
#define CALLS(row, member)                                                                         \
	AMOUNT(row, member##_begun, member.begun), AMOUNT(row, member##_interval, member.interval)

static const struct column function_columns[] = {
	COLUMN(cache_function, function, TEXT, function),
	COLUMN(cache_function, glob, TEXT, glob),
	COLUMN(cache_function, note, TEXT, note),
	COLUMN(cache_function, id, NUMBER, id),
	COLUMN(cache_function, entry, NUMBER, entry),
	{ "\"end\"", COLUMN_NUMBER, offsetof(struct cache_function, end) },
	COLUMN(cache_function, estimated, FLAG, estimated),
	CALLS(cache_function, calls),
	COLUMN(cache_function, allocated_samples, NUMBER, allocated.samples),
	AMOUNT(cache_function, allocated_objects, allocated),
	COLUMN(cache_function, allocated_bytes, REAL, allocated.bytes),
	COLUMN(cache_function, allocated_bytes_variance, REAL, allocated.bytes_variance),
	AMOUNT(cache_function, allocated_calls, allocated_calls),
	{ 0 },
};

static const struct column pool_columns[] = {
	COLUMN(cache_pool, address, NUMBER, address),
	COLUMN(cache_pool, name, TEXT, name),
	COLUMN(cache_pool, made_by, TEXT, made_by),
	COLUMN(cache_pool, estimated, FLAG, estimated),
	CALLS(cache_pool, gets),
	CALLS(cache_pool, puts),
	CALLS(cache_pool, misses),
	{ 0 },
};

static const struct column map_columns[] = {
	COLUMN(cache_map, address, NUMBER, address),
	COLUMN(cache_map, name, TEXT, name),
	COLUMN(cache_map, estimated, FLAG, estimated),
	CALLS(cache_map, loads),
	CALLS(cache_map, stores),
	CALLS(cache_map, others),
	{ 0 },
};

static const struct column note_columns[] = {
	COLUMN(cache_group, note, TEXT, note),
	{ 0 },
};

static const struct table tables[CACHE_TABLES] = {
	[CACHE_FUNCTIONS] = { "cache_functions", sizeof(struct cache_function), function_columns },
	[CACHE_POOLS] = { "cache_pools", sizeof(struct cache_pool), pool_columns },
	[CACHE_MAPS] = { "cache_maps", sizeof(struct cache_map), map_columns },
	[CACHE_NOTES] = { "cache_notes", sizeof(struct cache_group), note_columns },
};

static int prepare_write(const struct database *database, const struct table *table,
			 sqlite3_stmt **ret)
{
	char text[1024];
	size_t length =
		(size_t)snprintf(text, sizeof(text), "INSERT INTO %s VALUES (?, ?", table->name);

	for (const struct column *column = table->columns; column->name; column++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, ", ?");
	snprintf(text + length, sizeof(text) - length, ")");
	return database_prepare(database, text, ret);
}

static int prepare_read(const struct database *database, const struct table *table,
			sqlite3_stmt **ret)
{
	char text[1024];
	size_t length = (size_t)snprintf(text, sizeof(text), "SELECT ");

	for (const struct column *column = table->columns; column->name; column++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
					   column == table->columns ? "" : ", ", column->name);
	snprintf(text + length, sizeof(text) - length,
		 " FROM %s WHERE interval = ? ORDER BY position", table->name);
	return database_prepare(database, text, ret);
}

int caches_prepare_write(const struct database *database, struct cache_statements *ret)
{
	int error = 0;

	for (int i = 0; i < CACHE_TABLES && error == 0; i++)
		error = prepare_write(database, &tables[i], &ret->statements[i]);
	return error;
}

int caches_prepare_read(const struct database *database, struct cache_statements *ret)
{
	int error = 0;

	for (int i = 0; i < CACHE_TABLES && error == 0; i++)
		error = prepare_read(database, &tables[i], &ret->statements[i]);
	return error;
}

void caches_finalize(struct cache_statements *statements)
{
	for (int i = 0; i < CACHE_TABLES; i++)
		sqlite3_finalize(statements->statements[i]);
	memset(statements, 0, sizeof(*statements));
}

/* NULL and "" are told apart: a pool without a name has one that is empty. */
static int bind_column(sqlite3_stmt *statement, int at, const struct column *column,
		       const void *row, struct names_writer *names)
{
	const void *member = (const char *)row + column->offset;
	int64_t id;
	int error;

	switch (column->type) {
	case COLUMN_NUMBER:
		sqlite3_bind_int64(statement, at, (int64_t) * (const uint64_t *)member);
		return 0;
	case COLUMN_REAL:
		bind_real(statement, at, *(const double *)member);
		return 0;
	case COLUMN_FLAG:
		sqlite3_bind_int(statement, at, *(const bool *)member);
		return 0;
	default:
		error = names_string(names, *(const char *const *)member, &id);
		bind_integer(statement, at, id);
		return error;
	}
}

static int write_rows(const struct database *database, sqlite3_stmt *statement,
		      const struct table *table, struct names_writer *names, int64_t interval,
		      const void *rows, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		const void *row = (const char *)rows + i * table->row_bytes;
		int at = 1;

		sqlite3_bind_int64(statement, at++, interval);
		sqlite3_bind_int64(statement, at++, (int64_t)i);
		for (const struct column *column = table->columns; column->name && error == 0;
		     column++)
			error = bind_column(statement, at++, column, row, names);
		if (error == 0)
			error = statement_run(database, statement);
	}
	return error;
}

int caches_write(const struct database *database, const struct cache_statements *statements,
		 struct names_writer *names, int64_t interval, const struct cache_group *group)
{
	const void *rows[CACHE_TABLES] = { group->functions, group->pools, group->maps, group };
	const size_t counts[CACHE_TABLES] = { group->function_count, group->pool_count,
					      group->map_count, group->note != NULL };
	int error = 0;

	for (int i = 0; i < CACHE_TABLES && error == 0; i++)
		error = write_rows(database, statements->statements[i], &tables[i], names, interval,
				   rows[i], counts[i]);
	return error;
}

static int read_column(sqlite3_stmt *statement, int at, const struct column *column, void *row,
		       struct names_reader *names)
{
	void *member = (char *)row + column->offset;

	switch (column->type) {
	case COLUMN_NUMBER:
		*(uint64_t *)member = (uint64_t)sqlite3_column_int64(statement, at);
		return 0;
	case COLUMN_REAL:
		*(double *)member = column_real(statement, at);
		return 0;
	case COLUMN_FLAG:
		*(bool *)member = sqlite3_column_int(statement, at) != 0;
		return 0;
	default:
		return names_read_string(names, column_integer(statement, at),
					 (const char **)member);
	}
}

static int read_row(sqlite3_stmt *statement, const struct table *table, void *row,
		    struct names_reader *names)
{
	int error = 0, at = 0;

	memset(row, 0, table->row_bytes);
	for (const struct column *column = table->columns; column->name && error == 0; column++)
		error = read_column(statement, at++, column, row, names);
	return error;
}

/* What only a damaged file lacks: names that are shown. */
static bool is_sound(const struct cache_group *group)
{
	for (size_t i = 0; i < group->function_count; i++)
		if (!group->functions[i].function || !group->functions[i].glob)
			return false;
	for (size_t i = 0; i < group->pool_count; i++)
		if (!group->pools[i].name)
			return false;
	for (size_t i = 0; i < group->map_count; i++)
		if (!group->maps[i].name)
			return false;
	return true;
}

/* Rows of a table on their way into the array of a group. */
struct reading {
	const struct table *table;
	struct names_reader *names;
	void **rows;
	size_t *count, capacity;
};

static int take_row(sqlite3_stmt *row, void *context)
{
	struct reading *to = context;
	size_t bytes = to->table->row_bytes;
	int error = vec_reserve(to->rows, &to->capacity, *to->count + 1, bytes, LIMIT_CACHE_ROWS);

	if (error == 0)
		error = read_row(row, to->table, (char *)*to->rows + *to->count * bytes, to->names);
	if (error == 0)
		++*to->count;
	return error == -E2BIG ? -EBADMSG : error;
}

struct note_reading {
	struct names_reader *names;
	const char **note;
};

static int take_note(sqlite3_stmt *row, void *context)
{
	const struct note_reading *to = context;

	return names_read_string(to->names, column_integer(row, 0), to->note);
}

int caches_fill(const struct database *database, const struct cache_statements *statements,
		struct names_reader *names, int64_t interval, struct cache_group *group)
{
	void **rows[] = { (void **)&group->functions, (void **)&group->pools,
			  (void **)&group->maps };
	size_t *counts[] = { &group->function_count, &group->pool_count, &group->map_count };
	struct note_reading note = { names, &group->note };
	int error = 0;

	for (int i = 0; i < CACHE_NOTES && error == 0; i++) {
		struct reading reading = { &tables[i], names, rows[i], counts[i], 0 };

		error = statement_each(database, statements->statements[i], interval, take_row,
				       &reading);
	}
	if (error == 0)
		error = statement_each(database, statements->statements[CACHE_NOTES], interval,
				       take_note, &note);
	return error < 0 ? error : is_sound(group) ? 0 : -EBADMSG;
}
