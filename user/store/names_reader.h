/* Strings and stacks of a recording, by their numbers; each is made once. */
#ifndef STORE_NAMES_READER_H
#define STORE_NAMES_READER_H

#include "model/stack.h"
#include "store/database.h"

struct names_reader;

/* The database is borrowed. Silent, like everything here. */
int names_reader_new(const struct database *database, struct names_reader **ret);
void names_reader_free(struct names_reader *names);

/* The one copy of a text; NULL stays NULL. */
int names_keep(struct names_reader *names, const char *text, const char **ret);
/* NULL for UNKNOWN. -EBADMSG when there is no such string. */
int names_read_string(struct names_reader *names, int64_t id, const char **ret);
int names_read_stack(struct names_reader *names, int64_t id, const struct stack **ret);

#endif
