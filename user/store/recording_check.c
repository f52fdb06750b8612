/*
 * A file may come from anywhere, and SQLite runs what a schema says: views, triggers and virtual
 * tables of a stranger. Only the very tables that this program makes are read; of `intervals`,
 * which has a column for every metric, the names of the columns may differ.
 */
#include "store/recording_check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "store/schema.h"

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

/* Tables that files of an older version lack. */
static const struct {
	const char *name;
	int since_version;
} later_tables[] = {
	{ "type_events", 2 }, { "itabs", 2 },	   { "cache_functions", 2 }, { "steps", 2 },
	{ "cache_pools", 2 }, { "cache_maps", 2 }, { "cache_notes", 2 },
};

static bool is_later(const char *name, int64_t version)
{
	for (size_t i = 0; i < sizeof(later_tables) / sizeof(*later_tables); i++)
		if (!strcmp(name, later_tables[i].name))
			return version < later_tables[i].since_version;
	return false;
}

/* A table that an older file lacks stands empty beside it, so that readers need not know. */
static int stand_in(const struct database *file, const char *sql)
{
	static const char create[] = "CREATE TABLE";
	AUTO_FREE char *text = NULL;

	if (strncmp(sql, create, strlen(create)) != 0)
		return -EBADMSG;
	if (asprintf(&text, "CREATE TEMP TABLE%s", sql + strlen(create)) < 0)
		return -ENOMEM;
	return database_run(file, text);
}

/* Whether the file has the table that the model's row is about, and it is the very same. */
static int has_table(const struct database *file, int64_t version, sqlite3_stmt *find,
		     sqlite3_stmt *wanted)
{
	const char *name = (const char *)sqlite3_column_text(wanted, 0), *text;
	int result;

	sqlite3_bind_text(find, 1, name, -1, SQLITE_TRANSIENT);
	result = statement_next(file, find);
	if (result == 0)
		return is_later(name, version)
			       ? stand_in(file, (const char *)sqlite3_column_text(wanted, 1))
			       : -EBADMSG;
	if (result < 0)
		return result;
	text = (const char *)sqlite3_column_text(find, 0);
	if (!text)
		result = -EBADMSG;
	else if (!strcmp(name, "intervals"))
		result = strncmp(text, INTERVALS, strlen(INTERVALS)) ? -EBADMSG : 0;
	else
		result = strcmp(text, (const char *)sqlite3_column_text(wanted, 1)) ? -EBADMSG : 0;
	sqlite3_reset(find);
	return result;
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
