/* Opening, the registry of sections, and what several of them need. */
#include "target/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"
#include "target/inspect_internal.h"
#include "target/type_text.h"

/* In the order in which they are shown. */
static const struct inspect_reader *const readers[] = {
	&inspect_binary,     &inspect_settings, &inspect_modules,
	&inspect_packages,   &inspect_generics, &inspect_kinds,
	&inspect_types,	     &inspect_itabs,	&inspect_embeds,
	&inspect_allocators, &inspect_sites,	&inspect_observe,
	&inspect_probes,     &inspect_globals,	NULL,
};

DEFINE_CLEANUP(cleanup_inspector, struct inspector, inspector_free)

void inspector_free(struct inspector *inspector)
{
	if (!inspector)
		return;
	static_types_clear(&inspector->types);
	free(inspector->sites.items);
	disassembler_free(inspector->disassembler);
	image_memory_free(inspector->memory);
	intern_free(inspector->intern);
	go_binary_free(inspector->binary);
	buildinfo_free(inspector->info);
	elf_image_free(inspector->owned);
	free(inspector);
}

/* An executable that go_binary_open refuses but that has build information is shown as far as that
 * goes. */
static int open_binary(struct inspector *inspector)
{
	int error;

	diag_capture(inspector->refusal, sizeof(inspector->refusal));
	error = go_binary_open(inspector->image, &inspector->binary);
	diag_release();
	if (error == -ENOMEM)
		return diag_fail(error, "cannot read '%s'", elf_image_label(inspector->image));
	if (error == 0 || buildinfo_find(inspector->image, &inspector->info) == 0)
		return error == 0 ? buildinfo_find(inspector->image, &inspector->info) : 0;
	diag_fail(-EINVAL, "%s", inspector->refusal);
	return error;
}

static int open_parts(struct inspector *inspector)
{
	int error = open_binary(inspector);

	if (error < 0)
		return error;
	inspector->types_error = inspector->sites_error = 1;
	inspector->has_symbols = elf_image_section(inspector->image, ".symtab", NULL).length > 0;
	error = intern_new(&inspector->intern);
	if (error == 0)
		error = image_memory_new(inspector->image, &inspector->memory);
	if (error < 0)
		return diag_fail(error, "cannot read '%s'", elf_image_label(inspector->image));
	return disassembler_new(&inspector->disassembler);
}

int inspector_of_image(const struct elf_image *image, struct inspector **ret)
{
	CLEANUP(cleanup_inspector) struct inspector *inspector = calloc(1, sizeof(*inspector));
	int error;

	if (!inspector)
		return diag_fail(-ENOMEM, "cannot read '%s'", elf_image_label(image));
	inspector->image = image;
	error = open_parts(inspector);
	if (error == 0)
		*ret = TAKE(inspector);
	return error;
}

int inspector_open(int fd, const char *label, struct inspector **ret)
{
	struct elf_image *image;
	int error = elf_image_open(fd, label, &image);

	if (error < 0)
		return error;
	error = inspector_of_image(image, ret);
	if (error == 0)
		(*ret)->owned = image;
	else
		elf_image_free(image);
	return error;
}

const struct inspection_shape *inspector_shape(size_t index)
{
	return readers[index] ? readers[index]->shape : NULL;
}

int inspector_read(struct inspector *inspector, size_t index, struct inspection_section *ret)
{
	const struct inspect_reader *reader = readers[index];
	int error = 0;

	*ret = (struct inspection_section){ .shape = reader->shape };
	if (reader->needs_tables && !inspector->binary) {
		ret->absent = true;
		inspection_note(ret, "%s", inspector->refusal);
		return 0;
	}
	error = reader->read(inspector, ret);
	if (error < 0) {
		ret->absent = true;
		inspection_section_clear(ret);
	}
	inspection_sort(ret);
	elf_image_release_pages(inspector->image);
	return error == -ENOMEM ? error : 0;
}

const struct static_types *inspector_types(struct inspector *inspector,
					   struct inspection_section *section)
{
	if (inspector->types_error == 1)
		inspector->types_error =
			static_types_read(inspector->binary, image_memory_reader(inspector->memory),
					  &inspector->types);
	if (inspector->types_error == 0)
		return &inspector->types;
	if (section)
		inspection_note(section,
				"the type descriptors found contradict what the Go runtime is told "
				"about them, so none are shown");
	return NULL;
}

const char *inspector_type_name(struct inspector *inspector, uint64_t address)
{
	char text[LIMIT_NAME_BYTES];

	if (type_name_of(&inspector->types.reader, address, 0, text, sizeof(text)) < 0)
		return NULL;
	return intern_string(inspector->intern, text);
}

const char *inspector_type_package(struct inspector *inspector, uint64_t address)
{
	char text[LIMIT_NAME_BYTES];

	if (static_type_package(&inspector->types, address, text, sizeof(text)) < 0 || !text[0])
		return intern_string(inspector->intern, "(none)");
	return intern_string(inspector->intern, text);
}

const char *inspector_kind_name(enum type_kind kind)
{
	static const char *const names[] = {
		"?",	     "bool",	   "int",
		"int8",	     "int16",	   "int32",
		"int64",     "uint",	   "uint8",
		"uint16",    "uint32",	   "uint64",
		"uintptr",   "float32",	   "float64",
		"complex64", "complex128", "array",
		"chan",	     "func",	   "interface",
		"map",	     "ptr",	   "slice",
		"string",    "struct",	   "unsafe.Pointer",
	};

	return names[kind <= KIND_UNSAFE_POINTER ? kind : 0];
}

int inspect_fact(struct inspection_section *section, const char *name,
		 struct inspection_value value)
{
	struct inspection_row row = { .name = name, .values = { value } };

	return inspection_add(section, &row);
}
