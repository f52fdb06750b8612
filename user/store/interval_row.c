/* Columns by name: those of the list below, and one for each metric. */
#include "store/interval_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/metric.h"

enum field_type { FIELD_INTEGER, FIELD_REAL, FIELD_FLAG, FIELD_COUNT32, FIELD_COUNT64 };

/* X(column, member of struct snapshot, type) */
#define FIELDS(X)                                                                                  \
	X(time_unix_ns, time_unix_ns, INTEGER)                                                     \
	X(interval_s, interval_s, REAL)                                                            \
	X(elapsed_s, elapsed_s, REAL)                                                              \
	X(has_total, has_total, FLAG)                                                              \
	X(has_live, has_live, FLAG)                                                                \
	X(gc_probed, gc_events.probed, FLAG)                                                       \
	X(gc_cycles_unseen, gc_events.cycles_unseen, COUNT64)                                      \
	X(types_probed, type_group.probed, FLAG)                                                   \
	X(cache_watched, cache_group.wanted, FLAG)                                                 \
	X(pools_emptied, cache_group.pools_emptied, COUNT64)                                       \
	X(pools_emptied_interval, cache_group.pools_emptied_interval, COUNT64)                     \
	X(rss_named, rss.named, FLAG)                                                              \
	X(rss_heap_bytes, rss.heap_bytes, INTEGER)                                                 \
	X(rss_stacks_bytes, rss.stacks_bytes, INTEGER)                                             \
	X(rss_runtime_bytes, rss.runtime_bytes, INTEGER)                                           \
	X(rss_file_bytes, rss.file_bytes, INTEGER)                                                 \
	X(rss_other_bytes, rss.other_bytes, INTEGER)                                               \
	X(governor_budget_percent, governor.budget_percent, REAL)                                  \
	X(governor_spent_percent, governor.spent_percent, REAL)                                    \
	X(governor_predicted_percent, governor.predicted_percent, REAL)                            \
	X(governor_since_s, governor.since_s, REAL)                                                \
	X(governor_steps, governor.steps, INTEGER)                                                 \
	X(memstats_gc_cpu_fraction, memstats.gc_cpu_fraction, REAL)                                \
	X(memstats_pause_count, memstats.pause_count, COUNT32)

static const struct field {
	const char *name;
	enum field_type type;
	size_t offset;
} fields[] = {
#define FIELD(column, member, type) { #column, FIELD_##type, offsetof(struct snapshot, member) },
	FIELDS(FIELD)
#undef FIELD
};
#define FIELD_COUNT (sizeof(fields) / sizeof(*fields))

/* The columns that are no numbers of the snapshot. */
#define KEYS_COLUMNS "id, process, mode, note, gc_note, types_note"
#define KEY_COUNT    6

static char *insert_text(void)
{
	char *text = NULL;
	size_t size, count = KEY_COUNT + FIELD_COUNT + metric_count();
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("INSERT INTO intervals (" KEYS_COLUMNS, out);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		fprintf(out, ", %s", fields[i].name);
	for (size_t i = 0; i < metric_count(); i++)
		fprintf(out, ", %s", metrics[i].name);
	fputs(") VALUES (", out);
	for (size_t i = 0; i < count; i++)
		fputs(i ? ", ?" : "?", out);
	fputs(")", out);
	if (fclose(out) == EOF)
		free(TAKE(text));
	return text;
}

int interval_prepare_write(const struct database *database, sqlite3_stmt **ret)
{
	AUTO_FREE char *text = insert_text();

	return text ? database_prepare(database, text, ret) : -ENOMEM;
}

static void bind_field(sqlite3_stmt *statement, int at, const struct field *field,
		       const struct snapshot *snapshot)
{
	const void *member = (const char *)snapshot + field->offset;

	switch (field->type) {
	case FIELD_INTEGER:
		bind_integer(statement, at, *(const int64_t *)member);
		break;
	case FIELD_REAL:
		bind_real(statement, at, *(const double *)member);
		break;
	case FIELD_FLAG:
		sqlite3_bind_int(statement, at, *(const bool *)member);
		break;
	case FIELD_COUNT32:
		sqlite3_bind_int64(statement, at, *(const uint32_t *)member);
		break;
	case FIELD_COUNT64:
		sqlite3_bind_int64(statement, at, (int64_t) * (const uint64_t *)member);
		break;
	}
}

int interval_write(const struct database *database, sqlite3_stmt *statement,
		   const struct interval_keys *keys, const struct snapshot *snapshot)
{
	int at = KEY_COUNT + 1;

	sqlite3_bind_int64(statement, 1, keys->id);
	sqlite3_bind_int64(statement, 2, keys->process);
	sqlite3_bind_text(statement, 3, mode_name(snapshot->mode), -1, SQLITE_STATIC);
	bind_integer(statement, 4, keys->note);
	bind_integer(statement, 5, keys->gc_note);
	bind_integer(statement, 6, keys->types_note);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		bind_field(statement, at++, &fields[i], snapshot);
	for (size_t i = 0; i < metric_count(); i++, at++) {
		if (metrics[i].real)
			bind_real(statement, at, metric_value(&metrics[i], snapshot));
		else
			bind_integer(statement, at, metric_integer(&metrics[i], snapshot));
	}
	return statement_run(database, statement);
}

struct interval_reader {
	sqlite3_stmt *statement;
	int keys[KEY_COUNT]; /* -1: there is no such column */
	int scale_objects, scale_bytes;
	int fields[FIELD_COUNT];
	int metrics[]; /* metric_count() of them */
};

static int find_column(sqlite3_stmt *statement, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(statement); i++)
		if (!strcmp(sqlite3_column_name(statement, i), name))
			return i;
	return -1;
}

static void find_columns(struct interval_reader *reader)
{
	static const char *const names[KEY_COUNT] = { "id",   "process", "mode",
						      "note", "gc_note", "types_note" };

	for (int i = 0; i < KEY_COUNT; i++)
		reader->keys[i] = find_column(reader->statement, names[i]);
	reader->scale_objects = find_column(reader->statement, "scale_objects");
	reader->scale_bytes = find_column(reader->statement, "scale_bytes");
	for (size_t i = 0; i < FIELD_COUNT; i++)
		reader->fields[i] = find_column(reader->statement, fields[i].name);
	for (size_t i = 0; i < metric_count(); i++)
		reader->metrics[i] = find_column(reader->statement, metrics[i].name);
}

void interval_reader_free(struct interval_reader *reader)
{
	if (!reader)
		return;
	sqlite3_finalize(reader->statement);
	free(reader);
}
DEFINE_CLEANUP(cleanup_reader, struct interval_reader, interval_reader_free)

int interval_reader_new(const struct database *database, const char *condition,
			struct interval_reader **ret)
{
	CLEANUP(cleanup_reader)
	struct interval_reader *reader =
		calloc(1, sizeof(*reader) + metric_count() * sizeof(*reader->metrics));
	AUTO_FREE char *text = NULL;
	int error;

	if (!reader || asprintf(&text, "SELECT * FROM intervals %s", condition) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	error = database_prepare(database, text, &reader->statement);
	if (error < 0)
		return error;
	find_columns(reader);
	*ret = TAKE(reader);
	return 0;
}

sqlite3_stmt *interval_statement(struct interval_reader *reader)
{
	return reader->statement;
}

static int read_mode(const char *text, enum mode *ret)
{
	for (int mode = 0; text && mode < MODE_COUNT; mode++) {
		if (!strcmp(text, mode_name((enum mode)mode))) {
			*ret = (enum mode)mode;
			return 0;
		}
	}
	return -EBADMSG;
}

static int read_field(sqlite3_stmt *statement, int at, const struct field *field,
		      struct snapshot *snapshot)
{
	void *member = (char *)snapshot + field->offset;
	int64_t integer = sqlite3_column_int64(statement, at);

	switch (field->type) {
	case FIELD_INTEGER:
		*(int64_t *)member = column_integer(statement, at);
		break;
	case FIELD_REAL:
		*(double *)member = column_real(statement, at);
		break;
	case FIELD_FLAG:
		*(bool *)member = integer != 0;
		break;
	case FIELD_COUNT32:
		if (integer < 0 || integer > MEMSTATS_PAUSES)
			return -EBADMSG;
		*(uint32_t *)member = (uint32_t)integer;
		break;
	case FIELD_COUNT64:
		*(uint64_t *)member = (uint64_t)integer;
		break;
	}
	return 0;
}

static void read_metrics(struct interval_reader *reader, struct snapshot *snapshot)
{
	for (size_t i = 0; i < metric_count(); i++) {
		int at = reader->metrics[i];

		if (at >= 0 && metrics[i].real)
			metric_set_real(&metrics[i], snapshot, column_real(reader->statement, at));
		else if (at >= 0)
			metric_set_integer(&metrics[i], snapshot,
					   column_integer(reader->statement, at));
	}
}

/* Files of version 1 have them. */
static void read_old_scales(struct interval_reader *reader, struct site_rule *rule)
{
	sqlite3_stmt *row = reader->statement;

	if (reader->scale_objects >= 0 && reader->scale_bytes >= 0) {
		rule->scale_objects = column_real(row, reader->scale_objects);
		rule->scale_bytes = column_real(row, reader->scale_bytes);
	}
}

int interval_read(struct interval_reader *reader, struct interval_keys *keys,
		  struct snapshot *snapshot)
{
	sqlite3_stmt *row = reader->statement;
	const int *key = reader->keys;
	int error = read_mode((const char *)sqlite3_column_text(row, key[2]), &snapshot->mode);

	for (size_t i = 0; i < FIELD_COUNT && error == 0; i++)
		if (reader->fields[i] >= 0)
			error = read_field(row, reader->fields[i], &fields[i], snapshot);
	if (error < 0)
		return error;
	read_metrics(reader, snapshot);
	*keys = (struct interval_keys){
		.id = sqlite3_column_int64(row, key[0]),
		.process = sqlite3_column_int64(row, key[1]),
		.note = column_integer(row, key[3]),
		.gc_note = column_integer(row, key[4]),
		.types_note = key[5] < 0 ? UNKNOWN : column_integer(row, key[5]),
	};
	site_rule_of(snapshot, &keys->rule);
	read_old_scales(reader, &keys->rule);
	return 0;
}
