/*
 * Boxing: what is allocated only because a value was put into an interface. A pure look at a
 * record's stack.
 *
 * Where a value has to move to the heap for an interface, the compiler calls one of runtime.convT*
 * and nothing else (cmd/compile/internal/walk/convert.go dataWord, read in Go
 * 1.23 and 1.27); where it finds a way around that (pointers, empty and single-byte values,
 * constants, zero values from 1.25 on, values that do not escape and have at most 1 KiB), nothing
 * is allocated. What reflection boxes is reflect.packEface (reflect/value.go).
 *
 * Not to be told: a variable that was moved to the heap because its address is in an interface (a
 * method on *T, &T{} as an error). That is an allocation for the pointer, and would be one without
 * the interface wherever the pointer escapes in another way.
 */
#ifndef MODEL_BOXING_H
#define MODEL_BOXING_H

#include "model/share.h"
#include "model/snapshot.h"

/* Whether `function` puts values into interfaces, "runtime.convT64" or the like. */
bool boxing_function(const char *function);

/* Whether an allocation by this stack exists because of an interface; NULL: not known, so false. */
bool boxing_stack(const struct stack *stack);

/* Of what was allocated since the observation began, how much was boxed. NAN without records. */
struct boxing_shares {
	struct share bytes, objects;
};
struct boxing_shares boxing_shares_of(const struct snapshot *snapshot);

#endif
