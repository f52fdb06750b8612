/* Where the code allocates, by type and by the allocator's function. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "model/inspection_tally.h"
#include "target/allocation_sites.h"
#include "target/inspect_internal.h"

#define NOT_KNOWN "(type not known)"

enum { SITE_COUNT, SITE_OBJECT, SITE_PACKAGE };

static const struct inspection_shape sites_shape = {
	.key = "sites",
	.title = "allocating call sites by type",
	.name = "type",
	.measure = SITE_COUNT,
	.columns = { { "sites", "sites", INSPECTION_COUNT, true, false },
		     { "object_bytes", "object", INSPECTION_BYTES, false, false },
		     { "package", "package", INSPECTION_TEXT, false, true } },
};

/* ---- the walk, once ---- */

static bool keep_site(void *context, const struct allocation_site *site)
{
	struct inspector *inspector = context;

	if (VEC_RESERVE(&inspector->sites, inspector->sites.count + 1, LIMIT_INSPECTION_ROWS) < 0) {
		inspector->sites_error = -ENOMEM;
		return false;
	}
	inspector->sites.items[inspector->sites.count++] = site->call;
	return true;
}

static int find_sites(struct inspector *inspector, struct inspection_section *section)
{
	if (inspector->sites_error == 1) {
		inspector->sites_error = 0;
		if (allocation_sites_walk(inspector->binary, inspector->disassembler, keep_site,
					  inspector, &inspector->undecoded) < 0)
			inspector->sites_error = -ENOMEM;
	}
	inspection_note(section, "calls in the runtime itself are left out: they pass on what they "
				 "are given");
	if (inspector->undecoded)
		inspection_note(section, "%zu functions could not be decoded to their end",
				inspector->undecoded);
	return inspector->sites_error;
}

/* ---- by type ---- */

struct collection {
	struct inspector *inspector;
	struct inspection_tally *tally;
	const struct static_types *types; /* NULL: no names */
};

static const char *slice_of(struct inspector *inspector, const char *element)
{
	AUTO_FREE char *name = NULL;

	if (!element || asprintf(&name, "[]%s", element) < 0)
		return NULL;
	return intern_string(inspector->intern, name);
}

static const char *site_type(struct collection *collection, const struct callsite *call)
{
	const char *name;

	if (call->shape == CALLSITE_NAMED && call->name)
		return intern_string(collection->inspector->intern, call->name);
	if (!call->type || !collection->types || !static_types_find(collection->types, call->type))
		return intern_string(collection->inspector->intern, NOT_KNOWN);
	name = inspector_type_name(collection->inspector, call->type);
	return call->shape == CALLSITE_ELEMENTS ? slice_of(collection->inspector, name) : name;
}

/* Only `new` says how much one allocation is. */
static double object_bytes(const struct collection *collection, const struct callsite *call)
{
	const struct static_type *type =
		call->shape == CALLSITE_OBJECT && call->type && collection->types
			? static_types_find(collection->types, call->type)
			: NULL;

	return type ? (double)type->header.size_bytes : NAN;
}

/* Types of two packages can have one name: a row is of both. */
static struct inspection_row *row_of(struct collection *collection, const char *type,
				     const char *package)
{
	AUTO_FREE char *both = NULL;
	const char *key;

	if (!type || !package || asprintf(&both, "%s\n%s", type, package) < 0)
		return NULL;
	key = intern_string(collection->inspector->intern, both);
	return key ? inspection_tally_row(collection->tally, key) : NULL;
}

static int add_site(struct collection *collection, const struct callsite *call)
{
	const char *type = site_type(collection, call);
	const char *package = inspector_type_package(collection->inspector, call->type);
	struct inspection_row *row = row_of(collection, type, package);

	if (!row)
		return -ENOMEM;
	row->name = type;
	if (row->values[SITE_COUNT].number++ > 0)
		return 0;
	row->values[SITE_OBJECT].number = object_bytes(collection, call);
	row->values[SITE_PACKAGE] = inspection_text(package);
	return 0;
}

static int read_sites(struct inspector *inspector, struct inspection_section *section)
{
	CLEANUP(cleanup_tally) struct inspection_tally *tally = inspection_tally_new(section);
	struct collection collection = { inspector, tally, inspector_types(inspector, section) };
	int error = tally ? find_sites(inspector, section) : -ENOMEM;

	for (size_t i = 0; error == 0 && i < inspector->sites.count; i++)
		error = add_site(&collection, &inspector->sites.items[i]);
	return error;
}

const struct inspect_reader inspect_sites = { &sites_shape, true, read_sites };

/* ---- by function ---- */

enum { ALLOCATOR_SITES, ALLOCATOR_TYPED };

static const struct inspection_shape allocators_shape = {
	.key = "allocators",
	.title = "allocating call sites by function called",
	.name = "function",
	.measure = ALLOCATOR_SITES,
	.columns = { { "sites", "sites", INSPECTION_COUNT, true, false },
		     { "typed", "type known", INSPECTION_COUNT, true, false } },
};

static int read_allocators(struct inspector *inspector, struct inspection_section *section)
{
	CLEANUP(cleanup_tally) struct inspection_tally *tally = inspection_tally_new(section);
	int error = tally ? find_sites(inspector, section) : -ENOMEM;

	for (size_t i = 0; error == 0 && i < inspector->sites.count; i++) {
		const struct callsite *call = &inspector->sites.items[i];
		const char *name = intern_string(inspector->intern, call->callee);
		struct inspection_row *row = name ? inspection_tally_row(tally, name) : NULL;

		if (!row)
			return -ENOMEM;
		row->values[ALLOCATOR_SITES].number += 1;
		row->values[ALLOCATOR_TYPED].number += call->shape != CALLSITE_UNKNOWN;
	}
	return error;
}

const struct inspect_reader inspect_allocators = { &allocators_shape, true, read_allocators };
