/*
 * How much of what a program allocates is due to types being worked with at run time: reflection,
 * values put into interfaces, itabs.
 *
 * A record counts when one of the functions below stands between the allocator and the first frame
 * of the program. A function of the program that reflection calls stands below reflection in the
 * stack, and what it allocates is its own.
 */
#ifndef MODEL_METADATA_H
#define MODEL_METADATA_H

#include <stdbool.h>

#include "model/snapshot.h"

/* The functions that count, by how their names begin. */
struct metadata_rule {
	const char *prefix;
	const char *reason; /* one line: why what it allocates is for types */
};
extern const struct metadata_rule metadata_rules[]; /* ends with a NULL prefix */

/* Whether a function is one of those, NULL when not. */
const struct metadata_rule *metadata_rule_of(const char *function);
/* Whether a stack is of a record that counts; false for NULL. */
bool metadata_has(const struct stack *stack);
/* The first frame that is neither the runtime's nor one of those: who causes it. NULL without. */
const struct frame *metadata_cause(const struct stack *stack);

/*
 * Fills the shares of the snapshot's type_group, and types.metadata_share, from its records: of
 * what was allocated since the observation began. NAN when that is nothing, or there are no
 * records to tell it from.
 */
void metadata_fill(struct snapshot *snapshot);

#endif
