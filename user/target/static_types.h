/*
 * The type descriptors and itabs that an executable brings along, all of them, with or without
 * symbols. moduledata says where the itabs are and lists the types that reflection looks up
 * (typelinks; since Go 1.27 they lie back to back instead). The other types are found as what
 * satisfies every invariant of a descriptor at once; the listed ones, and all that they and the
 * itabs refer to, must be among them.
 */
#ifndef TARGET_STATIC_TYPES_H
#define TARGET_STATIC_TYPES_H

#include "target/go_binary.h"
#include "target/type_reader.h"

struct static_type {
	struct type_header header;
	uint32_t bytes; /* of the descriptor with its fields and methods, without names and masks */
	uint32_t methods; /* in it; of an interface, those that it asks for */
};

struct static_itab {
	uint64_t address, interface, type; /* of the descriptors */
	uint32_t bytes, methods;
};

struct static_types {
	const struct elf_image *image;
	struct type_reader reader; /* the file's, at link-time addresses */
	int minor;
	bool swiss_maps;
	struct {
		struct static_type *items; /* by address */
		size_t count, capacity;
	} types;
	struct {
		struct static_itab *items;
		size_t count, capacity;
	} itabs;
};

/*
 * `memory` is that of the file (image_memory.h). 0; -EBADMSG when what was found contradicts
 * moduledata: nothing is guessed then; -ENOMEM. Silent. `ret` is to be cleared in any case.
 */
int static_types_read(const struct go_binary *binary, struct memory *memory,
		      struct static_types *ret);
void static_types_clear(struct static_types *types);

/* By address; NULL when there is none. */
const struct static_type *static_types_find(const struct static_types *types, uint64_t address);

/* Import path of the package that a type belongs to: its own, or for "[]*T" that of T. "" for
 * types of no package. 0 or a negative errno, silent. */
int static_type_package(const struct static_types *types, uint64_t address, char *text,
			size_t size);

/* The whole descriptor at an address, if there is one: 0, -EBADMSG or -EFAULT. Silent. */
int static_type_check(const struct static_types *types, uint64_t address, struct static_type *ret);

#endif
