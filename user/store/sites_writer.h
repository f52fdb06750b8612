/* The sites of one process on their way into a recording: what changed since its interval before.
 */
#ifndef STORE_SITES_WRITER_H
#define STORE_SITES_WRITER_H

#include "model/snapshot.h"
#include "store/database.h"
#include "store/names_writer.h"
#include "store/site_rule.h"

/* Shared by all processes of a recording. */
struct site_statements {
	const struct database *database;
	struct names_writer *names;
	sqlite3_stmt *insert_site, *insert_samples, *insert_amount;
	int64_t site_count;
};
/* Silent; site_statements_finalize in every case. */
int site_statements_prepare(const struct database *database, struct names_writer *names,
			    struct site_statements *ret);
void site_statements_finalize(struct site_statements *statements);

struct known_sites;
int known_sites_new(struct known_sites **ret);
void known_sites_free(struct known_sites *known);

/* Within the transaction of the moment. Silent; -E2BIG beyond LIMIT_RECORDED_SITES. */
int sites_write(struct site_statements *statements, struct known_sites *known, int64_t process,
		int64_t interval, const struct snapshot *snapshot, const struct site_rule *rule);

#endif
