/* What is known of the types' registration: its memory and its words. */
#include "model/type_group.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static int compare_names(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Most are seen once: those are by name. */
static int most_first(const void *left, const void *right)
{
	const struct type_row *a = left, *b = right;
	int order;

	if (a->interval != b->interval)
		return a->interval < b->interval ? 1 : -1;
	if (a->begun != b->begun)
		return a->begun < b->begun ? 1 : -1;
	if (a->event != b->event)
		return (int)a->event - (int)b->event;
	order = compare_names(a->interface, b->interface);
	if (!order)
		order = compare_names(a->type, b->type);
	return order ? order : (a->id > b->id) - (a->id < b->id);
}

void type_group_sort(struct type_group *group)
{
	if (group->count)
		qsort(group->rows, group->count, sizeof(*group->rows), most_first);
}

static int by_id(const void *left, const void *right)
{
	const struct type_row *a = left, *b = right;

	return (a->id > b->id) - (a->id < b->id);
}

static void sort_by_id(struct type_group *group)
{
	if (group->count)
		qsort(group->rows, group->count, sizeof(*group->rows), by_id);
}

void type_group_since(struct type_group *group, struct type_group *base)
{
	size_t kept = 0, at = 0;

	sort_by_id(group);
	sort_by_id(base);
	for (size_t i = 0; i < group->count; i++) {
		struct type_row row = group->rows[i];

		while (at < base->count && base->rows[at].id < row.id)
			at++;
		if (at < base->count && base->rows[at].id == row.id)
			row.begun -= base->rows[at].begun;
		row.interval = row.begun;
		if (row.begun)
			group->rows[kept++] = row;
	}
	group->count = kept;
	type_group_sort(group);
	type_group_sort(base);
}

int64_t type_group_made(const struct type_group *group)
{
	int64_t made = 0;

	for (size_t i = 0; i < group->count; i++)
		if (group->rows[i].event == TYPE_EVENT_REFLECT)
			made += (int64_t)group->rows[i].interval;
	return made;
}
