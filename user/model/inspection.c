/* Rows, their order and their sums. */
#include "model/inspection.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"

int inspection_add(struct inspection_section *section, const struct inspection_row *row)
{
	int error = VEC_RESERVE(section, section->count + 1, LIMIT_INSPECTION_ROWS);

	if (error == 0)
		section->items[section->count++] = *row;
	return error;
}

static int compare_names(const struct inspection_row *a, const struct inspection_row *b)
{
	return strcmp(a->name, b->name);
}

static int compare_rows(const void *left, const void *right, void *context)
{
	const struct inspection_row *a = left, *b = right;
	int measure = *(const int *)context;
	double x = a->values[measure].number, y = b->values[measure].number;

	if (isnan(x) || isnan(y) || x == y)
		return isnan(x) != isnan(y) ? isnan(x) - isnan(y) : compare_names(a, b);
	return x > y ? -1 : 1;
}

void inspection_sort(struct inspection_section *section)
{
	int measure = section->shape->measure;

	if (section->count && !section->shape->unsorted)
		qsort_r(section->items, section->count, sizeof(*section->items), compare_rows,
			&measure);
}

void inspection_note(struct inspection_section *section, const char *format, ...)
{
	size_t used = strlen(section->note), size = sizeof(section->note);
	va_list arguments;

	if (used && used + 3 < size) {
		memcpy(section->note + used, "; ", 3);
		used += 2;
	}
	va_start(arguments, format);
	vsnprintf(section->note + used, size - used, format, arguments);
	va_end(arguments);
}

size_t inspection_columns(const struct inspection_shape *shape)
{
	size_t count = 0;

	while (count < INSPECTION_COLUMNS && shape->columns[count].key)
		count++;
	return count;
}

double inspection_sum(const struct inspection_section *section, size_t column)
{
	double sum = 0;

	if (!section->shape->columns[column].summed)
		return NAN;
	for (size_t i = 0; i < section->count; i++)
		sum += section->items[i].values[column].number;
	return sum;
}

void inspection_section_clear(struct inspection_section *section)
{
	free(section->items);
	section->items = NULL;
	section->count = section->capacity = 0;
}

void inspection_clear(struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->count; i++)
		inspection_section_clear(&inspection->sections[i]);
	free(inspection->sections);
	*inspection = (struct inspection){ 0 };
}
