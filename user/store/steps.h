/* Rows of `steps`: when the budget took one collector for another, and why. */
#ifndef STORE_STEPS_H
#define STORE_STEPS_H

#include "model/governor_state.h"
#include "store/database.h"

#define STEPS_INSERT "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?)"
#define STEPS_SELECT                                                                               \
	"SELECT time_unix_ns, from_mode, to_mode, reason FROM steps WHERE interval = ? "           \
	"ORDER BY position"

/* Those of the interval. Silent, like everything here. */
int steps_write(const struct database *database, sqlite3_stmt *insert, int64_t interval,
		const struct governor_state *governor);
/* Adds a row; -EBADMSG when it names no collector. */
int steps_read(sqlite3_stmt *row, struct governor_state *governor);
/* What was read, to a snapshot's state whose single numbers are there. */
void steps_fill(const struct governor_state *read, struct governor_state *ret);

#endif
