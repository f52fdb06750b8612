/* What the files of inspect.h share; nobody else includes this. */
#ifndef TARGET_INSPECT_INTERNAL_H
#define TARGET_INSPECT_INTERNAL_H

#include "base/intern.h"
#include "model/inspection.h"
#include "target/buildinfo.h"
#include "target/callsite.h"
#include "target/disassembly.h"
#include "target/go_binary.h"
#include "target/image_memory.h"
#include "target/inspect.h"
#include "target/static_types.h"

struct inspector {
	struct elf_image *owned;
	const struct elf_image *image;
	struct buildinfo *info;
	struct go_binary *binary; /* NULL: `refusal` says why */
	char refusal[256];
	bool has_symbols;
	struct intern *intern;
	struct image_memory *memory;
	struct disassembler *disassembler;
	struct static_types types;
	int types_error; /* 1: not read yet */
	struct {
		struct callsite *items;
		size_t count, capacity;
	} sites;
	int sites_error;  /* 1: not read yet */
	size_t undecoded; /* functions */
};

/* The extension contract: one section. One file and one line in inspect.c's registry. */
struct inspect_reader {
	const struct inspection_shape *shape;
	bool needs_tables; /* more than the build information */
	/* 0, -ENOMEM, or another negative errno after noting why in the section. */
	int (*read)(struct inspector *inspector, struct inspection_section *section);
};

extern const struct inspect_reader inspect_binary, inspect_settings, inspect_modules,
	inspect_generics, inspect_kinds, inspect_types, inspect_itabs, inspect_packages,
	inspect_embeds, inspect_sites, inspect_allocators, inspect_observe, inspect_probes,
	inspect_globals;

/* The types, read once; NULL when they cannot be (noted in the section unless NULL). */
const struct static_types *inspector_types(struct inspector *inspector,
					   struct inspection_section *section);
/* Interned; NULL without memory or where it cannot be read. */
const char *inspector_type_name(struct inspector *inspector, uint64_t address);
/* The same of the type's package; "(none)" for types of no package. */
const char *inspector_type_package(struct inspector *inspector, uint64_t address);

/* "reflect.Kind" as the source writes it: "struct". */
const char *inspector_kind_name(enum type_kind kind);

/* Adds a fact: a text, or a number. */
int inspect_fact(struct inspection_section *section, const char *name,
		 struct inspection_value value);

#endif
