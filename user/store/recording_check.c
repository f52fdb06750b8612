/*
 * A file may come from anywhere, and SQLite runs what a schema says: views, triggers and virtual
 * tables of a stranger. Only the very tables that this program makes, or an older one made, are
 * read; of `intervals`, which has a column for every metric, the names of the columns may differ.
 * What an older file lacks stands in as empty beside it, so that readers need not know.
 */
#include "store/recording_check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "store/schema.h"
#include "store/table_text.h"

#define INTERVALS "CREATE TABLE intervals ("

static int check_version(const struct database *database, const char *path)
{
	int64_t application, version;
	int error = database_integer(database, "PRAGMA application_id", &application);

	if (error == 0)
		error = database_integer(database, "PRAGMA user_version", &version);
	if (error < 0)
		return database_fail_read(database, error);
	if (application != SCHEMA_APPLICATION_ID)
		return database_fail_read(database, -EMEDIUMTYPE);
	if (version > SCHEMA_VERSION || version < 1)
		return diag_fail(-EINVAL,
				 "'%s' was recorded by another version of heaptap: its tables are "
				 "version %lld, and %d is what heaptap %s reads",
				 path, (long long)version, SCHEMA_VERSION, HEAPTAP_VERSION);
	return 0;
}

/* Tables, and last columns of tables, that files up to a version may lack. */
static const struct later {
	const char *table;
	const char *column; /* NULL: the whole table */
	int lacking_version;
} later[] = {
	{ "type_events", NULL, 1 },
	{ "itabs", NULL, 1 },
	{ "steps", NULL, 1 },
	{ "cache_functions", NULL, 1 },
	{ "cache_pools", NULL, 1 },
	{ "cache_maps", NULL, 1 },
	{ "cache_notes", NULL, 1 },
	{ "generic_functions", NULL, 2 },
	{ "generic_arguments", NULL, 2 },
	{ "processes", "generics", 2 },
	{ "frames", "entry", 2 },
	{ "sites", "interface", 2 },
};

static const struct later *find_later(const char *table, int64_t version)
{
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		if (!strcmp(table, later[i].table) && version <= later[i].lacking_version)
			return &later[i];
	return NULL;
}

static int stand_in_table(const struct database *file, const char *sql)
{
	static const char create[] = "CREATE TABLE";
	AUTO_FREE char *text = NULL;

	if (strncmp(sql, create, strlen(create)) != 0)
		return -EBADMSG;
	if (asprintf(&text, "CREATE TEMP TABLE%s", sql + strlen(create)) < 0)
		return -ENOMEM;
	return database_run(file, text);
}

static int stand_in_column(const struct database *file, const struct later *column)
{
	AUTO_FREE char *text = NULL;

	if (asprintf(&text, "CREATE TEMP VIEW %s AS SELECT *, NULL AS %s FROM main.%s",
		     column->table, column->column, column->table) < 0)
		return -ENOMEM;
	return database_run(file, text);
}

/* The file's table against the model's: the very same, or all of it but its last column. */
static int compare_texts(const struct database *file, const char *sql, const char *wanted_sql,
			 const struct later *later_part)
{
	AUTO_FREE char *text = table_text_bare(sql), *wanted = table_text_bare(wanted_sql);

	if (!text || !wanted)
		return -ENOMEM;
	if (!strcmp(text, wanted))
		return 0;
	if (!later_part || !later_part->column)
		return -EBADMSG;
	table_text_drop_last(wanted);
	return strcmp(text, wanted) ? -EBADMSG : stand_in_column(file, later_part);
}

/* Whether the file has the table that the model's row is about. */
static int has_table(const struct database *file, int64_t version, sqlite3_stmt *find,
		     sqlite3_stmt *wanted)
{
	const char *name = (const char *)sqlite3_column_text(wanted, 0);
	const char *wanted_sql = (const char *)sqlite3_column_text(wanted, 1), *sql;
	const struct later *later_part = find_later(name, version);
	AUTO_FREE char *kept = NULL;
	int result;

	sqlite3_bind_text(find, 1, name, -1, SQLITE_TRANSIENT);
	result = statement_next(file, find);
	if (result == 0)
		return later_part && !later_part->column ? stand_in_table(file, wanted_sql)
							 : -EBADMSG;
	if (result < 0)
		return result;
	sql = (const char *)sqlite3_column_text(find, 0);
	kept = sql ? strdup(sql) : NULL;
	sqlite3_reset(find); /* before the schema changes */
	if (!kept)
		return -EBADMSG;
	if (!strcmp(name, "intervals"))
		return strncmp(kept, INTERVALS, strlen(INTERVALS)) ? -EBADMSG : 0;
	return compare_texts(file, kept, wanted_sql, later_part);
}

/* `model`: an empty database in memory. */
static int compare_tables(const struct database *file, const struct database *model)
{
	AUTO_FREE char *schema = schema_text();
	sqlite3_stmt *find = NULL, *wanted = NULL;
	int64_t version = 0;
	int result = schema ? database_run(model, schema) : -ENOMEM;

	if (result == 0)
		result = database_integer(file, "PRAGMA user_version", &version);
	if (result == 0)
		result = database_prepare(
			model, "SELECT name, sql FROM sqlite_schema WHERE type = 'table'", &wanted);
	if (result == 0)
		result = database_prepare(
			file, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?",
			&find);
	while (result == 0 && (result = statement_next(model, wanted)) == 1)
		result = has_table(file, version, find, wanted);
	sqlite3_finalize(find);
	sqlite3_finalize(wanted);
	return result;
}

static int check_tables(const struct database *database)
{
	struct database model = { 0 };
	int error;

	if (sqlite3_open_v2(":memory:", &model.handle,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		error = -ENOMEM;
	else
		error = compare_tables(database, &model);
	database_close(&model);
	return error;
}

int recording_check(const struct database *database, const char *path)
{
	int error = check_version(database, path);

	if (error < 0)
		return error;
	error = check_tables(database);
	return error < 0 ? database_fail_read(database, error) : 0;
}
