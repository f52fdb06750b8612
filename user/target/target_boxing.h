/* What a call that boxes says of the value and the interface. Part of target/target_types.c. */
#ifndef TARGET_TARGET_BOXING_H
#define TARGET_TARGET_BOXING_H

#include "target/callsite.h"
#include "target/target.h"

struct boxed_value {
	const char *type;      /* of the value */
	const char *interface; /* that it is put into: "interface {}", "error", ... */
};

/* Both NULL when the call does not box, or the interface's type word is not a constant (generic
 * code takes it from the dictionary). Interned. */
struct boxed_value target_boxed_value(struct target *target, const struct callsite *call);

/* The stack of a bucket, with the frame of the function that boxes if the runtime left it out. */
const struct stack *target_boxing_stack(struct target *target, const struct callsite *call,
					const uint64_t *pcs, size_t count);

#endif
