/* What was registered of types in an interval, and the itabs that are new in it: written, and added
 * up again. */
#ifndef STORE_TYPE_PARTS_H
#define STORE_TYPE_PARTS_H

#include "model/snapshot.h"
#include "store/database.h"
#include "store/names_reader.h"
#include "store/names_writer.h"

struct type_statements {
	sqlite3_stmt *events, *itabs;
};
/* Silent, like everything here; type_parts_finalize in every case. */
int type_parts_prepare_write(const struct database *database, struct type_statements *ret);
int type_parts_prepare_read(const struct database *database, struct type_statements *ret);
void type_parts_finalize(struct type_statements *statements);

/* *itabs_written: of the process so far; 0 at first. */
int type_parts_write(const struct database *database, const struct type_statements *statements,
		     struct names_writer *names, int64_t interval, const struct type_group *group,
		     size_t *itabs_written);

/* What a process's rows add up to. Zero-initialised is nothing. */
struct read_type;
struct type_state {
	struct read_type *rows; /* by their numbers */
	size_t row_count;
	struct {
		struct itab_entry *items;
		size_t count, capacity;
	} itabs;
};
void type_state_clear(struct type_state *state);

/* Takes an interval's rows into the state. -EBADMSG for those that cannot be. */
int type_parts_read(const struct database *database, const struct type_statements *statements,
		    struct names_reader *names, int64_t interval, struct type_state *state);
/* The group's rows and itabs as of the interval that was read last. */
int type_parts_fill(const struct type_state *state, int64_t interval, struct type_group *group);

#endif
