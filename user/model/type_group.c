/* What is known of the types' registration: its memory and its words. */
#include "model/type_group.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/vec.h"

const char *type_event_name(enum type_event event)
{
	static const char *const names[TYPE_EVENT_COUNT] = {
		[TYPE_EVENT_ITAB] = "itab",
		[TYPE_EVENT_REFLECT] = "reflect",
	};

	return names[event];
}

void type_group_init(struct type_group *group)
{
	static const struct share unknown = { NAN, { NAN, NAN }, 0 };

	*group = (struct type_group){ .metadata_bytes = unknown, .metadata_objects = unknown };
}

void type_group_clear(struct type_group *group)
{
	free(group->rows);
	free(group->itabs);
	type_group_init(group);
}

int type_group_copy(const struct type_group *group, struct type_group *ret)
{
	struct type_group copy = *group;

	copy.rows = vec_copy(group->rows, group->count, sizeof(*group->rows));
	copy.itabs = vec_copy(group->itabs, group->itab_count, sizeof(*group->itabs));
	if (!copy.rows || !copy.itabs) {
		type_group_clear(&copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}
