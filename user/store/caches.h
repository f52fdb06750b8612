/* The caches of a snapshot as rows: of each interval in which they were watched. */
#ifndef STORE_CACHES_H
#define STORE_CACHES_H

#include "model/snapshot.h"
#include "store/database.h"
#include "store/names_reader.h"
#include "store/names_writer.h"

enum cache_table { CACHE_FUNCTIONS, CACHE_POOLS, CACHE_MAPS, CACHE_NOTES, CACHE_TABLES };
struct cache_statements {
	sqlite3_stmt *statements[CACHE_TABLES];
};

/* Silent, like everything here; caches_finalize in every case. A file without the tables (of
 * version 1) has no caches. */
int caches_prepare_write(const struct database *database, struct cache_statements *ret);
int caches_prepare_read(const struct database *database, struct cache_statements *ret);
void caches_finalize(struct cache_statements *statements);

int caches_write(const struct database *database, const struct cache_statements *statements,
		 struct names_writer *names, int64_t interval, const struct cache_group *group);
/* Whether they were watched, and how often pools were emptied, is in the interval's own row. */
int caches_fill(const struct database *database, const struct cache_statements *statements,
		struct names_reader *names, int64_t interval, struct cache_group *group);

#endif
