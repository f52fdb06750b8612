/*
 * The generic functions that a binary has: how often the compiler made each of them anew (shapes),
 * and for which type arguments (dictionaries). Static.
 *
 * Shapes are in the linker's table of function names, of inlined ones too ("main.F[go.shape.int]",
 * cmd/link/internal/ld/pcln.go generateFuncnametab); Go 1.19 writes "main.F[...]" there, so that
 * its functions are counted instead. Type arguments are in the names of dictionaries
 * ("main..dict.F[int]"), which only a symbol table has, and of wrappers ("main.(*T[int]).M").
 */
#ifndef TARGET_GENERICS_H
#define TARGET_GENERICS_H

#include "base/intern.h"
#include "model/instantiations.h"
#include "target/go_binary.h"

struct generics_table;

/* Strings are interned in `intern`. 0, -ENOMEM or -E2BIG, silent. Gives the pages it touched back.
 */
int generics_table_new(const struct go_binary *binary, struct intern *intern,
		       struct generics_table **ret);
void generics_table_free(struct generics_table *table);
const struct generics *generics_table_list(const struct generics_table *table);

#endif
