/* The ways to group records into rows. One more is a function and a line in the registry. */
#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "model/boxing.h"
#include "model/goname.h"
#include "model/table.h"

/* Longer type arguments than these say less than the room they take; `generic` groups by the
 * function alone. */
#define ARGUMENTS_SHOWN_BYTES 40

#define NO_STACK  "(stack not known)"
#define NOT_BOXED "(not boxed)"

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
const struct frame *record_generic_frame(const struct record *record)
{
	const struct frame *frame = site_frame(record), *end;

	if (!frame)
		return NULL;
	for (end = record->stack->frames + record->stack->count; frame < end; frame++)
		if (goname_is_generic(frame->function))
			return frame;
	return NULL;
}

static const struct frame *key_generic(const struct record *record, char *name, size_t name_size)
{
	const struct frame *frame = record_generic_frame(record);

	if (frame) {
		goname_generic(frame->function, name, name_size);
		return frame;
	}
	frame = site_frame(record);
	snprintf(name, name_size, frame ? "(not generic)" : NO_STACK);
	return frame;
}

int record_size_class(const struct record *record)
{
	for (int i = 1; i < SIZE_CLASSES; i++)
		if (size_class_bytes[i] >= record->object_bytes)
			return i;
	return 0;
}

static const struct frame *key_class(const struct record *record, char *name, size_t name_size)
{
	int class = record_size_class(record);

	if (class)
		snprintf(name, name_size, "%u B", size_class_bytes[class]);
	else
		snprintf(name, name_size, "> 32 KiB");
	return site_frame(record);
}

/* What was boxed and where; everything else is one row, so that shares have their whole. */
static const struct frame *key_boxing(const struct record *record, char *name, size_t name_size)
{
	const struct frame *frame = site_frame(record);
	size_t length;

	if (!boxing_stack(record->stack)) {
		snprintf(name, name_size, NOT_BOXED);
		return NULL;
	}
	key_type(record, name, name_size / 4);
	length = strlen(name);
	if (record->interface) {
		length += (size_t)snprintf(name + length, name_size - length, " -> ");
		goname_short(record->interface, 0, name + length, name_size / 4);
		length = strlen(name);
	}
	length += (size_t)snprintf(name + length, name_size - length, " in ");
	goname_short(frame->function, ARGUMENTS_SHOWN_BYTES, name + length, name_size - length);
	return frame;
}

const struct grouping groupings[] = {
	{ "site", '1', "SITE", "function and line that allocates", true, NULL, key_site },
	{ "type", '2', "TYPE", "type that is allocated", false, NULL, key_type },
	{ "package", '3', "PACKAGE", "package of the function that allocates", false, NULL,
	  key_package },
	{ "generic", '4', "GENERIC FUNCTION",
	  "innermost generic function, all instantiations together", false, NULL, key_generic },
	{ "class", '6', "SIZE CLASS", "size class of the allocator", false, NULL, key_class },
	{ "boxing", '8', "BOXED TYPE AND WHERE",
	  "values that are allocated because they are put into an interface", true, NOT_BOXED,
	  key_boxing },
};
const size_t grouping_count = sizeof(groupings) / sizeof(groupings[0]);

const struct grouping *grouping_find(const char *name)
{
	for (size_t i = 0; i < grouping_count; i++)
		if (!strcmp(groupings[i].name, name))
			return &groupings[i];
	return NULL;
}
