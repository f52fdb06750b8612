/* The ways to group records into rows. One more is a function and a line in the registry. */
#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "model/goname.h"
#include "model/table.h"

/* Longer type arguments than these say less than the room they take; `generic` groups by the
 * function alone. */
#define ARGUMENTS_SHOWN_BYTES 40

#define NO_STACK "(stack not known)"

/* The innermost frame that is not the runtime's: where the program asked for memory. */
static const struct frame *site_frame(const struct record *record)
{
	const struct stack *stack = record->stack;

	if (!stack || stack->count == 0)
		return NULL;
	return &stack->frames[stack_runtime_prefix(stack)];
}

static const struct frame *key_type(const struct record *record, char *name, size_t name_size)
{
	if (record->type)
		goname_short(record->type, 0, name, name_size);
	else
		snprintf(name, name_size, "(type not known)");
	return site_frame(record);
}

static const struct frame *key_site(const struct record *record, char *name, size_t name_size)
{
	const struct frame *frame = site_frame(record);

	if (frame)
		goname_short(frame->function, ARGUMENTS_SHOWN_BYTES, name, name_size);
	else
		snprintf(name, name_size, NO_STACK);
	return frame;
}

static const struct frame *key_package(const struct record *record, char *name, size_t name_size)
{
	const struct frame *frame = site_frame(record);

	if (!frame) {
		snprintf(name, name_size, NO_STACK);
		return NULL;
	}
	goname_package(frame->function, name, name_size);
	if (!name[0])
		snprintf(name, name_size, "(no package)");
	return frame;
}

/*
 * The innermost generic function of the whole stack, not only of its first frame: what a generic
 * cache stores is mostly allocated a few calls further in, in code that is not generic.
 */
static const struct frame *key_generic(const struct record *record, char *name, size_t name_size)
{
	const struct frame *frame = site_frame(record);

	if (!frame) {
		snprintf(name, name_size, NO_STACK);
		return NULL;
	}
	for (const struct frame *end = record->stack->frames + record->stack->count; frame < end;
	     frame++)
		if (goname_generic(frame->function, name, name_size))
			return frame;
	snprintf(name, name_size, "(not generic)");
	return site_frame(record);
}

const struct grouping groupings[] = {
	{ "site", "SITE", "function and line that allocates", true, key_site },
	{ "type", "TYPE", "type that is allocated", false, key_type },
	{ "package", "PACKAGE", "package of the function that allocates", false, key_package },
	{ "generic", "GENERIC FUNCTION", "innermost generic function, all instantiations together",
	  false, key_generic },
};
const size_t grouping_count = sizeof(groupings) / sizeof(groupings[0]);

const struct grouping *grouping_find(const char *name)
{
	for (size_t i = 0; i < grouping_count; i++)
		if (!strcmp(groupings[i].name, name))
			return &groupings[i];
	return NULL;
}
