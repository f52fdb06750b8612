/*
 * Two executables side by side. A row is its name, and its package where the section has one: types
 * of two packages can be called model.User. Both sections are sorted by that, equal rows become one
 * (their measures added), and one walk over both finds what differs.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/inspection.h"

#define PACKAGE	      "package"
#define GROWN_PACKAGE 3 /* its column in the result, behind the numbers */

/* Of shapes with a number to compare; texts have no growth. */
static const struct inspection_column number_columns[2][3] = {
	{ { "before", "before", INSPECTION_COUNT, true, false },
	  { "after", "after", INSPECTION_COUNT, true, false },
	  { "growth", "growth", INSPECTION_COUNT, true, false } },
	{ { "before_bytes", "before", INSPECTION_BYTES, true, false },
	  { "after_bytes", "after", INSPECTION_BYTES, true, false },
	  { "growth_bytes", "growth", INSPECTION_BYTES, true, false } },
};
static const struct inspection_column text_columns[2] = {
	{ "before", "before", INSPECTION_TEXT, false, false },
	{ "after", "after", INSPECTION_TEXT, false, false },
};

/* -1: there is none. */
static int package_column(const struct inspection_shape *shape)
{
	for (size_t c = 0; c < inspection_columns(shape); c++)
		if (!strcmp(shape->columns[c].key, PACKAGE) &&
		    shape->columns[c].unit == INSPECTION_TEXT)
			return (int)c;
	return -1;
}

static bool compares_text(const struct inspection_shape *shape)
{
	return shape->facts || shape->columns[shape->measure].unit == INSPECTION_TEXT;
}

/* The shape of the result, kept behind the sections of the result. */
static struct inspection_shape shape_of(const struct inspection_shape *from)
{
	struct inspection_shape shape = {
		.key = from->key,
		.title = from->title,
		.name = from->name,
		.unsorted = compares_text(from),
		.measure = compares_text(from) ? 0 : 2,
	};

	if (compares_text(from))
		memcpy(shape.columns, text_columns, sizeof(text_columns));
	else
		memcpy(shape.columns,
		       number_columns[from->columns[from->measure].unit == INSPECTION_BYTES],
		       sizeof(number_columns[0]));
	if (package_column(from) >= 0 && !compares_text(from))
		shape.columns[GROWN_PACKAGE] = from->columns[package_column(from)];
	return shape;
}

static int by_name(const void *left, const void *right, void *context)
{
	const struct inspection_row *a = left, *b = right;
	int package = *(const int *)context, order = strcmp(a->name, b->name);

	return order || package < 0 ? order
				    : strcmp(a->values[package].text, b->values[package].text);
}

/* A sorted copy in which every name of a package is once; NULL without memory. */
static struct inspection_row *merged(const struct inspection_section *section, size_t *ret_count)
{
	struct inspection_row *rows = calloc(section->count + 1, sizeof(*rows));
	int measure = section->shape->measure, package = package_column(section->shape);
	size_t count = 0;

	if (!rows)
		return NULL;
	if (section->count)
		memcpy(rows, section->items, section->count * sizeof(*rows));
	qsort_r(rows, section->count, sizeof(*rows), by_name, &package);
	for (size_t i = 0; i < section->count; i++) {
		if (count && by_name(&rows[count - 1], &rows[i], &package) == 0)
			rows[count - 1].values[measure].number += rows[i].values[measure].number;
		else
			rows[count++] = rows[i];
	}
	*ret_count = count;
	return rows;
}

static bool same_value(const struct inspection_value *a, const struct inspection_value *b)
{
	if (a->text || b->text)
		return a->text && b->text && !strcmp(a->text, b->text);
	return a->number == b->number || (isnan(a->number) && isnan(b->number));
}

/* `before` or `after` is NULL when there is no such row. */
static int add_difference(struct inspection_section *result, const struct inspection_shape *from,
			  const struct inspection_row *before, const struct inspection_row *after)
{
	const struct inspection_value none =
		result->shape->unsorted ? inspection_text("") : inspection_number(0);
	const struct inspection_row *either = before ? before : after;
	struct inspection_row row = { .name = either->name };
	int measure = from->measure, package = package_column(from);

	row.values[0] = before ? before->values[measure] : none;
	row.values[1] = after ? after->values[measure] : none;
	row.values[2].number = row.values[1].number - row.values[0].number;
	if (package >= 0)
		row.values[GROWN_PACKAGE] = either->values[package];
	if (before && after && same_value(&row.values[0], &row.values[1]))
		return 0;
	return inspection_add(result, &row);
}

static int compare_section(const struct inspection_section *old,
			   const struct inspection_section *new, struct inspection_section *result)
{
	size_t olds = 0, news = 0, i = 0, k = 0;
	int package = package_column(old->shape);
	AUTO_FREE struct inspection_row *before = merged(old, &olds);
	AUTO_FREE struct inspection_row *after = merged(new, &news);
	int error = before && after ? 0 : -ENOMEM;

	while (error == 0 && (i < olds || k < news)) {
		int order = i == olds	? 1
			    : k == news ? -1
					: by_name(&before[i], &after[k], &package);

		error = add_difference(result, old->shape, order <= 0 ? &before[i] : NULL,
				       order >= 0 ? &after[k] : NULL);
		i += order <= 0;
		k += order >= 0;
	}
	inspection_sort(result);
	return error;
}

static void compare_notes(const struct inspection_section *old,
			  const struct inspection_section *new, struct inspection_section *result)
{
	result->absent = old->absent || new->absent;
	if (old->note[0] && strcmp(old->note, new->note))
		inspection_note(result, "before: %s", old->note);
	if (new->note[0])
		inspection_note(result, "%s%s", old->note[0] ? "" : "after: ", new->note);
}

int inspection_compare(const struct inspection *old, const struct inspection *new,
		       struct inspection *ret)
{
	size_t count = old->count < new->count ? old->count : new->count;
	struct inspection_shape *shapes;
	int error = 0;

	*ret = (struct inspection){ .label = new->label, .old_label = old->label };
	/* one block: the shapes live as long as the sections */
	ret->sections = calloc(count + 1, sizeof(*ret->sections) + sizeof(*shapes));
	if (!ret->sections)
		return -ENOMEM;
	shapes = (struct inspection_shape *)(ret->sections + count + 1);
	ret->count = count;
	for (size_t i = 0; error == 0 && i < count; i++) {
		shapes[i] = shape_of(old->sections[i].shape);
		ret->sections[i].shape = &shapes[i];
		compare_notes(&old->sections[i], &new->sections[i], &ret->sections[i]);
		if (!ret->sections[i].absent)
			error = compare_section(&old->sections[i], &new->sections[i],
						&ret->sections[i]);
	}
	if (error < 0)
		inspection_clear(ret);
	return error;
}
