/* Strings, frames and stacks: each written once, known by number from then on. */
#ifndef STORE_NAMES_WRITER_H
#define STORE_NAMES_WRITER_H

#include "model/stack.h"
#include "store/database.h"

struct names_writer;

/* The database is borrowed. Silent, like everything here. */
int names_writer_new(const struct database *database, struct names_writer **ret);
void names_writer_free(struct names_writer *names);

/* Writes what is new within the transaction of the moment. UNKNOWN for NULL. */
int names_string(struct names_writer *names, const char *text, int64_t *ret_id);
/* NULL is a stack without frames. */
int names_stack(struct names_writer *names, const struct stack *stack, int64_t *ret_id);
/* The number of a list of numbers, of which there is one at least; nothing is written. Lists of
 * several kinds differ in their first. *ret_new: when it was not known. */
int names_list(struct names_writer *names, const int64_t *numbers, size_t count, int64_t *ret_id,
	       bool *ret_new);

#endif
