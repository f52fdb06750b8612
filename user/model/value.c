/* The four values of a heap profile. */
#include <string.h>

#include "model/snapshot.h"
#include "model/table.h"

static const char *const names[VALUE_COUNT] = {
	[VALUE_ALLOC_SPACE] = "alloc_space",
	[VALUE_ALLOC_OBJECTS] = "alloc_objects",
	[VALUE_INUSE_SPACE] = "inuse_space",
	[VALUE_INUSE_OBJECTS] = "inuse_objects",
};

const char *value_name(enum value value)
{
	return names[value];
}

int value_find(const char *name)
{
	for (int i = 0; i < VALUE_COUNT; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

bool value_is_bytes(enum value value)
{
	return value == VALUE_ALLOC_SPACE || value == VALUE_INUSE_SPACE;
}

bool value_is_inuse(enum value value)
{
	return value == VALUE_INUSE_SPACE || value == VALUE_INUSE_OBJECTS;
}

const struct amount *record_amount(const struct record *record, enum value value, bool from_start)
{
	if (value_is_inuse(value))
		return &record->live;
	return from_start ? &record->total : &record->begun;
}

double amount_value(const struct amount *amount, enum value value)
{
	return value_is_bytes(value) ? amount->bytes : amount->objects;
}

double amount_variance(const struct amount *amount, enum value value)
{
	return value_is_bytes(value) ? amount->bytes_variance : amount->objects_variance;
}
