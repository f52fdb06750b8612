/* One row of `intervals`: the snapshot's single numbers and everything said once about it. */
#ifndef STORE_INTERVAL_ROW_H
#define STORE_INTERVAL_ROW_H

#include "model/snapshot.h"
#include "store/database.h"
#include "store/site_rule.h"

struct interval_keys {
	int64_t id, process;
	int64_t note, gc_note, types_note; /* strings; UNKNOWN: none */
	struct site_rule rule;
};

/* Silent. */
int interval_prepare_write(const struct database *database, sqlite3_stmt **ret);
int interval_write(const struct database *database, sqlite3_stmt *statement,
		   const struct interval_keys *keys, const struct snapshot *snapshot);

/* `SELECT * FROM intervals` with this condition, which may have parameters. The columns are found
 * by name: those that are missing are not known. */
struct interval_reader;
int interval_reader_new(const struct database *database, const char *condition,
			struct interval_reader **ret);
void interval_reader_free(struct interval_reader *reader);
sqlite3_stmt *interval_statement(struct interval_reader *reader);
/* The statement stands on a row. The snapshot has been initialised. -EBADMSG, silent, for values
 * that cannot be. */
int interval_read(struct interval_reader *reader, struct interval_keys *keys,
		  struct snapshot *snapshot);

#endif
