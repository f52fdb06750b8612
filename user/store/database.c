/* The door to SQLite. */
#include "store/database.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"
#include "model/unknown.h"

/* A page cache of 1 MiB: what is written is written in order, and hardly read again. */
#define CACHE_PAGES "-1024"

int database_open(struct database *database, const char *path, int flags)
{
	int result;

	/* names that SQLite takes for something else, such as ":memory:", are files as well */
	if (asprintf(&database->path, "%s%s", path[0] == '/' ? "" : "./", path) < 0) {
		database->path = NULL;
		return -ENOMEM;
	}
	result = sqlite3_open_v2(database->path, &database->handle, flags, NULL);
	if (result != SQLITE_OK)
		return database_error(database, result);
	sqlite3_extended_result_codes(database->handle, 1);
	sqlite3_busy_timeout(database->handle, 5000);
	return database_run(database, "PRAGMA cache_size = " CACHE_PAGES);
}

void database_close(struct database *database)
{
	sqlite3_close_v2(TAKE(database->handle));
	free(TAKE(database->path));
}

int database_error(const struct database *database, int result)
{
	int system = database->handle ? sqlite3_system_errno(database->handle) : 0;

	switch (result & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CANTOPEN:
		return system ? -system : -ENOENT;
	case SQLITE_IOERR:
		return system ? -system : -EIO;
	case SQLITE_NOTADB:
		return -EMEDIUMTYPE;
	default: /* CORRUPT, and SQL that does not fit the tables that are there */
		return -EBADMSG;
	}
}

/* As the user gave it. */
static const char *shown_path(const struct database *database)
{
	const char *path = database->path ? database->path : "";

	return path[0] == '.' && path[1] == '/' ? path + 2 : path;
}

int database_fail_write(const struct database *database, int error)
{
	return diag_fail(error, "cannot write '%s'", shown_path(database));
}

int database_fail_read(const struct database *database, int error)
{
	if (error == -EMEDIUMTYPE)
		return diag_fail(-EINVAL, "'%s' is not a recording of heaptap",
				 shown_path(database));
	if (error == -ENOENT && database->path && access(database->path, R_OK) == 0) {
		/* SQLite needs an index beside the log, and makes it where there is none */
		diag_fail(0,
			  "cannot read '%s': it was not finished, and its log can only be read in "
			  "a folder that can be written; copy it there, with '%s-wal'",
			  shown_path(database), shown_path(database));
		return error;
	}
	if (error != -EBADMSG)
		return diag_fail(error, "cannot read '%s'", shown_path(database));
	diag_fail(0, "cannot read '%s': the recording is damaged or incomplete",
		  shown_path(database));
	return error;
}

int database_run(const struct database *database, const char *sql)
{
	int result = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);

	return result == SQLITE_OK ? 0 : database_error(database, result);
}

int database_prepare(const struct database *database, const char *sql, sqlite3_stmt **ret)
{
	int result =
		sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);

	return result == SQLITE_OK ? 0 : database_error(database, result);
}

int statement_run(const struct database *database, sqlite3_stmt *statement)
{
	int result = sqlite3_step(statement);
	int error = result == SQLITE_DONE ? 0 : database_error(database, result);

	sqlite3_reset(statement);
	return error;
}

int statement_next(const struct database *database, sqlite3_stmt *statement)
{
	int result = sqlite3_step(statement);
	int error;

	if (result == SQLITE_ROW)
		return 1;
	error = result == SQLITE_DONE ? 0 : database_error(database, result);
	sqlite3_reset(statement);
	return error;
}

int statement_each(const struct database *database, sqlite3_stmt *statement, int64_t key,
		   int (*take)(sqlite3_stmt *row, void *context), void *context)
{
	int result;

	sqlite3_bind_int64(statement, 1, key);
	while ((result = statement_next(database, statement)) == 1) {
		result = take(statement, context);
		if (result < 0)
			break;
	}
	sqlite3_reset(statement);
	return result;
}

int database_integer(const struct database *database, const char *sql, int64_t *ret)
{
	sqlite3_stmt *statement = NULL;
	int result = database_prepare(database, sql, &statement);

	if (result == 0)
		result = statement_next(database, statement);
	if (result == 1)
		*ret = column_integer(statement, 0);
	sqlite3_finalize(statement);
	return result == 0 ? -EBADMSG : result < 0 ? result : 0;
}

void bind_integer(sqlite3_stmt *statement, int at, int64_t value)
{
	if (value == UNKNOWN)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_int64(statement, at, value);
}

void bind_real(sqlite3_stmt *statement, int at, double value)
{
	sqlite3_bind_double(statement, at, value); /* SQLite makes NULL of NAN */
}

void bind_text(sqlite3_stmt *statement, int at, const char *value)
{
	sqlite3_bind_text(statement, at, value, -1, SQLITE_TRANSIENT);
}

int64_t column_integer(sqlite3_stmt *statement, int at)
{
	return sqlite3_column_type(statement, at) == SQLITE_NULL
		       ? UNKNOWN
		       : sqlite3_column_int64(statement, at);
}

double column_real(sqlite3_stmt *statement, int at)
{
	return sqlite3_column_type(statement, at) == SQLITE_NULL
		       ? NAN
		       : sqlite3_column_double(statement, at);
}
