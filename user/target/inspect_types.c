/* Types by kind, types, and itabs: what the executable brings along for reflection, interfaces and
 * the collector. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "limits.h"
#include "model/inspection_tally.h"
#include "target/inspect_internal.h"

#define DESCRIPTOR_NOTE "bytes are those of descriptors; names and pointer masks are shared"

static const struct inspection_shape kinds_shape = {
	.key = "kinds",
	.title = "types by kind",
	.name = "kind",
	.measure = 1,
	.columns = { { "types", "types", INSPECTION_COUNT, true, false },
		     { "descriptor_bytes", "bytes", INSPECTION_BYTES, true, false },
		     { "methods", "methods", INSPECTION_COUNT, true, false } },
};

static int read_kinds(struct inspector *inspector, struct inspection_section *section)
{
	const struct static_types *types = inspector_types(inspector, section);
	CLEANUP(cleanup_tally) struct inspection_tally *tally = inspection_tally_new(section);

	if (!types || !tally)
		return tally ? -EBADMSG : -ENOMEM;
	for (size_t i = 0; i < types->types.count; i++) {
		const struct static_type *type = &types->types.items[i];
		struct inspection_row *row =
			inspection_tally_row(tally, inspector_kind_name(type->header.kind));

		if (!row)
			return -ENOMEM;
		row->values[0].number += 1;
		row->values[1].number += type->bytes;
		row->values[2].number += type->methods;
	}
	return 0;
}

const struct inspect_reader inspect_kinds = { &kinds_shape, true, read_kinds };

static const struct inspection_shape types_shape = {
	.key = "types",
	.title = "types",
	.name = "type",
	.measure = 0,
	.columns = { { "descriptor_bytes", "bytes", INSPECTION_BYTES, true, false },
		     { "methods", "methods", INSPECTION_COUNT, true, false },
		     { "object_bytes", "object", INSPECTION_BYTES, false, false },
		     { "kind", "kind", INSPECTION_TEXT, false, false },
		     { "package", "package", INSPECTION_TEXT, false, true } },
};

static int read_types(struct inspector *inspector, struct inspection_section *section)
{
	const struct static_types *types = inspector_types(inspector, section);
	int error = types ? 0 : -EBADMSG;

	for (size_t i = 0; error == 0 && i < types->types.count; i++) {
		const struct static_type *type = &types->types.items[i];
		const char *name = inspector_type_name(inspector, type->header.address);
		struct inspection_row row = {
			.name = name ? name : "?",
			.values = { inspection_number(type->bytes),
				    inspection_number(type->methods),
				    inspection_number((double)type->header.size_bytes),
				    inspection_text(inspector_kind_name(type->header.kind)),
				    inspection_text(inspector_type_package(inspector,
									   type->header.address)) },
		};

		error = inspection_add(section, &row);
	}
	if (error == 0)
		inspection_note(section, DESCRIPTOR_NOTE);
	return error;
}

const struct inspect_reader inspect_types = { &types_shape, true, read_types };

static const struct inspection_shape itabs_shape = {
	.key = "itabs",
	.title = "itabs (interface <- type)",
	.name = "itab",
	.measure = 0,
	.columns = { { "bytes", "bytes", INSPECTION_BYTES, true, false },
		     { "methods", "methods", INSPECTION_COUNT, true, false },
		     { "package", "package", INSPECTION_TEXT, false, true } },
};

static const char *itab_name(struct inspector *inspector, const struct static_itab *itab)
{
	const char *interface = inspector_type_name(inspector, itab->interface);
	const char *type = inspector_type_name(inspector, itab->type);
	AUTO_FREE char *name = NULL;

	if (!interface || !type || asprintf(&name, "%s <- %s", interface, type) < 0)
		return NULL;
	return intern_string(inspector->intern, name);
}

static int read_itabs(struct inspector *inspector, struct inspection_section *section)
{
	const struct static_types *types = inspector_types(inspector, section);
	int error = types ? 0 : -EBADMSG;

	for (size_t i = 0; error == 0 && i < types->itabs.count; i++) {
		const struct static_itab *itab = &types->itabs.items[i];
		const char *name = itab_name(inspector, itab);
		struct inspection_row row = {
			.name = name ? name : "?",
			.values = { inspection_number(itab->bytes),
				    inspection_number(itab->methods),
				    inspection_text(
					    inspector_type_package(inspector, itab->type)) },
		};

		error = inspection_add(section, &row);
	}
	if (error == 0)
		inspection_note(section, "those made at run time are not in the file");
	return error;
}

const struct inspect_reader inspect_itabs = { &itabs_shape, true, read_itabs };
