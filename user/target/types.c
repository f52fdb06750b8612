/* The cache over type names: a descriptor is read once. Descriptors never change, and those made by
 * reflection are never freed. */
#include "target/types.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "limits.h"
#include "target/type_text.h"

struct known_type {
	UT_hash_handle hh;
	uint64_t address;
	uint64_t size_bytes; /* 0: not known */
	bool pointers;
	const char *name; /* NULL: cannot be named */
};

struct types {
	struct type_reader reader;
	bool before_1_23;
	struct intern *intern;
	struct known_type *known;
	char text[LIMIT_NAME_BYTES];
};

int types_new(struct memory *memory, const struct go_binary *binary, uint64_t bias,
	      struct intern *intern, struct types **ret)
{
	const struct go_module *module = go_binary_module(binary);
	struct types *types = calloc(1, sizeof(*types));

	if (!types)
		return -ENOMEM;
	types->reader = (struct type_reader){ memory, module->types + bias, module->etypes + bias };
	types->before_1_23 = go_binary_version(binary)->minor < 23;
	types->intern = intern;
	*ret = types;
	return 0;
}

void types_free(struct types *types)
{
	struct known_type *known, *next;

	if (!types)
		return;
	HASH_ITER (hh, types->known, known, next) {
		HASH_DEL(types->known, known);
		free(known);
	}
	free(types);
}

static int read_name(struct types *types, uint64_t address)
{
	return types->before_1_23
		       ? type_name_before_1_23(&types->reader, address, types->text,
					       sizeof(types->text))
		       : type_name_of(&types->reader, address, 0, types->text, sizeof(types->text));
}

static void describe(struct types *types, struct known_type *known)
{
	struct type_header header;

	if (type_read(&types->reader, known->address, &header) < 0)
		return;
	known->size_bytes = header.size_bytes;
	known->pointers = header.pointer_bytes > 0;
	if (read_name(types, known->address) == 0)
		known->name = intern_string(types->intern, types->text);
}

/* NULL without memory. What cannot be read is remembered too: it is not asked for again at each
 * hit. */
static const struct known_type *look_up(struct types *types, uint64_t address)
{
	struct known_type *known;

	HASH_FIND(hh, types->known, &address, sizeof(address), known);
	if (known)
		return known;
	known = calloc(1, sizeof(*known));
	if (!known)
		return NULL;
	known->address = address;
	describe(types, known);
	HASH_ADD(hh, types->known, address, sizeof(known->address), known);
	if (!known->hh.tbl) { /* uthash could not grow */
		free(known);
		return NULL;
	}
	return known;
}

const char *types_name(struct types *types, uint64_t address)
{
	const struct known_type *known = look_up(types, address);

	return known ? known->name : NULL;
}

uint64_t types_size(struct types *types, uint64_t address)
{
	const struct known_type *known = look_up(types, address);

	return known ? known->size_bytes : 0;
}

bool types_has_pointers(struct types *types, uint64_t address)
{
	const struct known_type *known = look_up(types, address);

	return known && known->pointers;
}
