/* Names of Go types from their descriptors in the target's memory (internal/abi/type.go),
 * reflect-made ones included. */
#ifndef TARGET_TYPES_H
#define TARGET_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "target/go_binary.h"
#include "target/memory.h"

struct types;

/* Everything borrowed. `bias` is added to the module's link-time addresses. */
int types_new(struct memory *memory, const struct go_binary *binary, uint64_t bias,
	      struct intern *intern, struct types **ret);
void types_free(struct types *types);

/*
 * The type's name as Go's %T prints it ("main.Node", "[]*http.Request", "map[string]int"), interned
 * and cached. NULL when the descriptor cannot be read or fails its invariants (size, kind, name
 * inside the types section).
 */
const char *types_name(struct types *types, uint64_t address);
/* Its size in bytes; 0 when not known. */
uint64_t types_size(struct types *types, uint64_t address);
/* false as well when it cannot be read. */
bool types_has_pointers(struct types *types, uint64_t address);

#endif
