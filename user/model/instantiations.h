/*
 * The instantiations of a generic function: the compiler makes it anew for each shape of its type
 * arguments ("main.F[go.shape.int]"), so one function in the source can be hundreds in the program.
 */
#ifndef MODEL_INSTANTIATIONS_H
#define MODEL_INSTANTIATIONS_H

#include "model/table.h"

/* One that allocated. */
struct instantiation {
	const char *function; /* with its arguments; Go 1.19 says "[...]" of all */
	uint64_t entry;	      /* of its code; 0 where the name says enough, or it is not known */
	double value;	      /* of the table's, summed over the row's records */
	size_t record_count;
};

struct instantiations {
	size_t count; /* distinct ones, the heaviest first */
	struct instantiation *items;
	bool partial; /* Go 1.19 without the addresses of functions: those are one here, or more */
};

/* Of a row by generic function. Those that are not generic have none. 0 or -ENOMEM, silent. */
int instantiations_of(const struct row *row, enum value value, struct instantiations *ret);
void instantiations_clear(struct instantiations *instantiations);
#define AUTO_INSTANTIATIONS __attribute__((cleanup(instantiations_clear)))

/* A generic function as the binary has it, whether it was seen to allocate or not. */
struct generic_function {
	const char *name; /* "main.(*Cache[...]).Store", as rows by generic function are called */
	size_t shapes;	  /* instantiations in the binary */
	size_t types;	  /* lists of real type arguments that the binary names; 0: none named */
	const char *const *type_names; /* those, sorted; borrowed like the rest */
};

struct generics {
	size_t count;
	const struct generic_function *items; /* sorted by name */
};

/* NULL when the binary has none of that name, or `generics` is NULL. */
const struct generic_function *generics_find(const struct generics *generics, const char *name);

#endif
