/* The sites of a recording, interval by interval. */
#ifndef STORE_SITES_READER_H
#define STORE_SITES_READER_H

#include "model/snapshot.h"
#include "store/database.h"
#include "store/names_reader.h"
#include "store/site_rule.h"

struct sites_reader;

/* The sites of one process, in the order in which they were first seen. */
struct read_site;
struct site_list {
	struct read_site **items;
	size_t count, capacity;
};

/* Database and names are borrowed. Silent, like everything here. */
int sites_reader_new(const struct database *database, struct names_reader *names,
		     struct sites_reader **ret);
void sites_reader_free(struct sites_reader *reader);
/* Back to the beginning: forgets every site. The caller empties its lists. */
void sites_reader_reset(struct sites_reader *reader);

/* Takes the rows of an interval of `process`, whose list is given. */
int sites_read(struct sites_reader *reader, int64_t process, int64_t interval,
	       const struct site_rule *rule, struct site_list *list);
/* The records as of that interval, which was read last. */
int sites_fill(struct sites_reader *reader, int64_t interval, const struct site_rule *rule,
	       struct site_list *list, struct snapshot *snapshot);

/* From now on what each interval allocated is summed up. */
void sites_begin_window(struct site_list *list);
/* Puts the sums in the place of `begun` and `interval` of the records that sites_fill made; what a
 * record was before its type became known counts for it. 0 or -ENOMEM. */
int sites_fill_window(struct site_list *list, const struct site_rule *rule,
		      struct snapshot *snapshot);

#endif
