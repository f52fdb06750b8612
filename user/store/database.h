/* SQLite in this program's terms: errnos, sentences, statements that free themselves. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/cleanup.h"

struct database {
	sqlite3 *handle;
	char *path;
};

/* `flags` of sqlite3_open_v2. Silent; database_close in every case. */
int database_open(struct database *database, const char *path, int flags);
void database_close(struct database *database);

/* The errno of the last SQLite call that failed with `result`. */
int database_error(const struct database *database, int result);
/* Report "cannot write|read 'PATH': ..." and return the errno. */
int database_fail_write(const struct database *database, int error);
int database_fail_read(const struct database *database, int error);

/* Silent. */
int database_run(const struct database *database, const char *sql);
int database_prepare(const struct database *database, const char *sql, sqlite3_stmt **ret);
/* The one integer that a query gives. Silent. */
int database_integer(const struct database *database, const char *sql, int64_t *ret);

/* Runs a statement that gives no rows, and makes it ready for the next values. Silent. */
int statement_run(const struct database *database, sqlite3_stmt *statement);
/* 1 with a row, 0 at the end (then reset), a negative errno (silent, reset). */
int statement_next(const struct database *database, sqlite3_stmt *statement);

/* Gives `take` each row that the statement has for `key`, its first parameter, until it returns a
 * negative errno, which is passed on. Silent. */
int statement_each(const struct database *database, sqlite3_stmt *statement, int64_t key,
		   int (*take)(sqlite3_stmt *row, void *context), void *context);

/* UNKNOWN and NAN become NULL, and back. */
void bind_integer(sqlite3_stmt *statement, int at, int64_t value);
void bind_real(sqlite3_stmt *statement, int at, double value);
void bind_text(sqlite3_stmt *statement, int at, const char *value);
int64_t column_integer(sqlite3_stmt *statement, int at);
double column_real(sqlite3_stmt *statement, int at);

#endif
