/* Packages and generic functions: the code, by name of the function it belongs to. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "limits.h"
#include "model/goname.h"
#include "model/inspection_tally.h"
#include "target/inspect_internal.h"

/* ---- packages ---- */

enum { PACKAGE_BYTES, PACKAGE_FUNCTIONS, PACKAGE_DATA, PACKAGE_TYPES, PACKAGE_TYPE_BYTES };

static const struct inspection_shape packages_shape = {
	.key = "packages",
	.title = "packages",
	.name = "package",
	.measure = PACKAGE_BYTES,
	.columns = { { "code_bytes", "code", INSPECTION_BYTES, true, false },
		     { "functions", "funcs", INSPECTION_COUNT, true, false },
		     { "data_bytes", "data", INSPECTION_BYTES, true, false },
		     { "types", "types", INSPECTION_COUNT, true, false },
		     { "type_bytes", "metadata", INSPECTION_BYTES, true, false } },
};

static const char *package_of(struct inspector *inspector, const char *function)
{
	char text[LIMIT_NAME_BYTES];

	goname_package(function, text, sizeof(text));
	return intern_string(inspector->intern, text[0] ? text : "(none)");
}

static int add_code(struct inspector *inspector, struct inspection_tally *tally)
{
	for (size_t i = 0; i < go_binary_function_count(inspector->binary); i++) {
		struct go_function function;
		const char *package;
		struct inspection_row *row;

		if (go_binary_function(inspector->binary, i, &function) < 0)
			continue;
		package = package_of(inspector, function.name);
		row = package ? inspection_tally_row(tally, package) : NULL;
		if (!row)
			return -ENOMEM;
		row->values[PACKAGE_BYTES].number +=
			(double)go_binary_code_bytes(inspector->binary, &function);
		row->values[PACKAGE_FUNCTIONS].number += 1;
	}
	return 0;
}

static bool in_data(const struct elf_image *image, uint64_t address)
{
	struct elf_segment segment;

	for (size_t i = 0; elf_image_segment(image, i, &segment); i++)
		if (segment.writable && address - segment.address < segment.memory_bytes)
			return true;
	return false;
}

static int add_data(struct inspector *inspector, struct inspection_tally *tally)
{
	struct elf_symbols symbols = elf_image_symbols(inspector->image);
	const struct go_module *module = go_binary_module(inspector->binary);
	struct elf_symbol symbol;

	while (elf_symbols_next(&symbols, &symbol)) {
		struct inspection_row *row;
		const char *package;

		if (symbol.function || symbol.address < module->noptrdata ||
		    symbol.address >= module->end || !in_data(inspector->image, symbol.address))
			continue;
		package = package_of(inspector, symbol.name);
		row = package ? inspection_tally_row(tally, package) : NULL;
		if (!row)
			return -ENOMEM;
		row->values[PACKAGE_DATA].number += (double)symbol.bytes;
	}
	return 0;
}

static int add_metadata(struct inspector *inspector, struct inspection_tally *tally,
			uint64_t address, uint32_t bytes, int count)
{
	const char *package = inspector_type_package(inspector, address);
	struct inspection_row *row = package ? inspection_tally_row(tally, package) : NULL;

	if (!row)
		return -ENOMEM;
	row->values[PACKAGE_TYPES].number += count;
	row->values[PACKAGE_TYPE_BYTES].number += bytes;
	return 0;
}

static int add_types(struct inspector *inspector, struct inspection_tally *tally,
		     const struct static_types *types)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < types->types.count; i++)
		error = add_metadata(inspector, tally, types->types.items[i].header.address,
				     types->types.items[i].bytes, 1);
	for (size_t i = 0; error == 0 && i < types->itabs.count; i++)
		error = add_metadata(inspector, tally, types->itabs.items[i].type,
				     types->itabs.items[i].bytes, 0);
	return error;
}

static void forget_column(struct inspection_section *section, size_t column)
{
	for (size_t i = 0; i < section->count; i++)
		section->items[i].values[column] = inspection_number(NAN);
}

static int read_packages(struct inspector *inspector, struct inspection_section *section)
{
	CLEANUP(cleanup_tally) struct inspection_tally *tally = inspection_tally_new(section);
	const struct static_types *types = inspector_types(inspector, NULL);
	int error = tally ? add_code(inspector, tally) : -ENOMEM;

	if (error == 0)
		error = add_data(inspector, tally);
	if (error == 0 && types)
		error = add_types(inspector, tally, types);
	if (error < 0)
		return error;
	inspection_note(section, "code without the padding between functions; metadata: type "
				 "descriptors and itabs, by the package of the type");
	if (!inspector->has_symbols) {
		forget_column(section, PACKAGE_DATA);
		inspection_note(section, "data needs symbols: this file is stripped");
	}
	if (!types) {
		forget_column(section, PACKAGE_TYPES);
		forget_column(section, PACKAGE_TYPE_BYTES);
	}
	return 0;
}

const struct inspect_reader inspect_packages = { &packages_shape, true, read_packages };

/* ---- generics ---- */

enum { GENERIC_BYTES, GENERIC_INSTANTIATIONS, GENERIC_DICTIONARIES, GENERIC_DICTIONARY_BYTES };

static const struct inspection_shape generics_shape = {
	.key = "generics",
	.title = "generic functions",
	.name = "function",
	.measure = GENERIC_BYTES,
	.columns = { { "code_bytes", "code", INSPECTION_BYTES, true, false },
		     { "instantiations", "instances", INSPECTION_COUNT, true, false },
		     { "dictionaries", "dicts", INSPECTION_COUNT, true, false },
		     { "dictionary_bytes", "dict bytes", INSPECTION_BYTES, true, false } },
};

/* NULL without memory; *ret_generic false, and no row, when the name is none of a generic. */
static struct inspection_row *generic_row(struct inspector *inspector,
					  struct inspection_tally *tally, const char *name,
					  bool *ret_generic)
{
	char text[LIMIT_NAME_BYTES];
	const char *generic;

	*ret_generic = strchr(name, '[') && goname_generic(name, text, sizeof(text));
	if (!*ret_generic)
		return NULL;
	generic = intern_string(inspector->intern, text);
	return generic ? inspection_tally_row(tally, generic) : NULL;
}

static int add_instantiations(struct inspector *inspector, struct inspection_tally *tally)
{
	for (size_t i = 0; i < go_binary_function_count(inspector->binary); i++) {
		struct inspection_row *row;
		struct go_function function;
		bool generic;

		if (go_binary_function(inspector->binary, i, &function) < 0)
			continue;
		row = generic_row(inspector, tally, function.name, &generic);
		if (!generic)
			continue;
		if (!row)
			return -ENOMEM;
		row->values[GENERIC_BYTES].number +=
			(double)go_binary_code_bytes(inspector->binary, &function);
		row->values[GENERIC_INSTANTIATIONS].number += 1;
	}
	return 0;
}

/* "pkg..dict.F[int]" is of "pkg.F[...]" (cmd/compile/internal/noder/reader.go dictNameSuffix);
 * false when the symbol is no dictionary. */
static bool dictionary_owner(const char *symbol, char *ret, size_t size)
{
	const char *mark = strstr(symbol, "..dict.");
	int length = mark ? snprintf(ret, size, "%.*s.%s", (int)(mark - symbol), symbol,
				     mark + strlen("..dict."))
			  : 0;

	return length > 0 && (size_t)length < size;
}

static int add_dictionaries(struct inspector *inspector, struct inspection_tally *tally)
{
	struct elf_symbols symbols = elf_image_symbols(inspector->image);
	struct elf_symbol symbol;
	char owner[LIMIT_NAME_BYTES];

	while (elf_symbols_next(&symbols, &symbol)) {
		struct inspection_row *row;
		bool generic;

		if (symbol.function || !dictionary_owner(symbol.name, owner, sizeof(owner)))
			continue;
		row = generic_row(inspector, tally, owner, &generic);
		if (!generic)
			continue;
		if (!row)
			return -ENOMEM;
		row->values[GENERIC_DICTIONARIES].number += 1;
		row->values[GENERIC_DICTIONARY_BYTES].number += (double)symbol.bytes;
	}
	return 0;
}

static int read_generics(struct inspector *inspector, struct inspection_section *section)
{
	CLEANUP(cleanup_tally) struct inspection_tally *tally = inspection_tally_new(section);
	int error = tally ? add_instantiations(inspector, tally) : -ENOMEM;

	if (error == 0)
		error = add_dictionaries(inspector, tally);
	if (error < 0)
		return error;
	if (!inspector->has_symbols) {
		forget_column(section, GENERIC_DICTIONARIES);
		forget_column(section, GENERIC_DICTIONARY_BYTES);
		inspection_note(section, "dictionaries need symbols: this file is stripped");
	}
	return 0;
}

const struct inspect_reader inspect_generics = { &generics_shape, true, read_generics };
