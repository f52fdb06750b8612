/*
 * Sections as text: a title with the sums of its columns, then the largest rows, then what is to be
 * said about them. Numbers stand in front and names behind, where they may be long.
 */
#include "view/inspect.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/number.h"

#define NUMBER_WIDTH 10
#define TEXT_WIDTH   26 /* of a text column at most */
#define FACT_WIDTH   28
#define INDENT	     2

/* Length of what fits into `width` columns without cutting a character: bytes that begin one are
 * counted. */
static int fitting(const char *text, int width)
{
	int length = 0, columns = 0;

	while (text[length]) {
		if ((text[length] & 0xc0) != 0x80 && columns++ == width)
			break;
		length++;
	}
	return length;
}

/* Cut with a mark when it does not fit. */
static void put_cut(FILE *out, const char *text, int width)
{
	int length = width > 0 ? fitting(text, width) : 0;

	if (!text[length])
		fprintf(out, "%s", text);
	else if (width > 3)
		fprintf(out, "%.*s...", fitting(text, width - 3), text);
}

static struct number number_of(double value, enum inspection_unit unit)
{
	struct number number = { "?" };

	if (isnan(value))
		return number;
	if (unit == INSPECTION_BYTES)
		number = number_bytes(fabs(value));
	else
		snprintf(number.text, sizeof(number.text), "%.0f", fabs(value));
	if (value < 0) {
		memmove(number.text + 1, number.text, sizeof(number.text) - 2);
		number.text[0] = '-';
		number.text[sizeof(number.text) - 1] = 0;
	}
	return number;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

/* A fact's unit is in its name. */
static enum inspection_unit unit_of_fact(const char *name)
{
	return ends_with(name, "_bytes") ? INSPECTION_BYTES : INSPECTION_COUNT;
}

/* Between words where there are any; every line but the first begins at `indent`, where the first
 * already is. */
static void put_wrapped(FILE *out, const char *text, int indent, int columns)
{
	int width = columns - indent;

	for (bool first = true; first || *text; first = false) {
		int length = fitting(text, width), cut = length;

		while (text[length] && cut > 0 && text[cut] != ' ')
			cut--;
		if (cut > 0)
			length = cut;
		fprintf(out, "%*s%.*s\n", first ? 0 : indent, "", length, text);
		text += length + (text[length] == ' ');
	}
}

static void put_facts(FILE *out, const struct inspection_section *section, int columns)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct inspection_row *row = &section->items[i];
		const struct inspection_value *value = &row->values[0];

		fprintf(out, "%*s%-*s ", INDENT, "", FACT_WIDTH, row->name);
		if (value->text)
			put_wrapped(out, value->text, INDENT + FACT_WIDTH + 1, columns);
		else
			fprintf(out, "%s\n",
				number_of(value->number, unit_of_fact(row->name)).text);
	}
}

/* How wide the text columns are in the rows that are shown. */
static void measure(const struct inspection_section *section, size_t rows,
		    int widths[INSPECTION_COLUMNS])
{
	const struct inspection_column *columns = section->shape->columns;

	for (size_t c = 0; c < inspection_columns(section->shape); c++) {
		int width = (int)strlen(columns[c].title);

		for (size_t i = 0; columns[c].unit == INSPECTION_TEXT && i < rows; i++) {
			const char *text = section->items[i].values[c].text;
			int length = text ? (int)strlen(text) : NUMBER_WIDTH;

			width = length > width ? length : width;
		}
		width = width > TEXT_WIDTH ? TEXT_WIDTH : width;
		widths[c] = columns[c].unit == INSPECTION_TEXT ? width : NUMBER_WIDTH;
	}
}

static bool is_shown(const struct inspection_section *section, size_t column)
{
	return !section->shape->columns[column].detailed;
}

static int put_header(FILE *out, const struct inspection_section *section, const int *widths)
{
	const struct inspection_shape *shape = section->shape;
	int used = INDENT;

	fprintf(out, "%*s", INDENT, "");
	for (size_t c = 0; c < inspection_columns(shape); c++) {
		bool text = shape->columns[c].unit == INSPECTION_TEXT;

		if (!is_shown(section, c))
			continue;
		fprintf(out, text ? "%-*s  " : "%*s  ", widths[c], shape->columns[c].title);
		used += widths[c] + 2;
	}
	fprintf(out, "%s\n", shape->name);
	return used;
}

static void put_value(FILE *out, const struct inspection_column *column,
		      const struct inspection_value *value, const char *name, int width)
{
	const char *text = value->text;
	struct number number;

	if (!text) {
		number = number_of(value->number, column->unit == INSPECTION_TEXT
							  ? unit_of_fact(name)
							  : column->unit);
		text = number.text;
	}
	if (column->unit != INSPECTION_TEXT) {
		fprintf(out, "%*s  ", width, text);
		return;
	}
	put_cut(out, text, width);
	fprintf(out, "%*s  ", (int)strlen(text) < width ? width - (int)strlen(text) : 0, "");
}

static void put_rows(FILE *out, const struct inspection_section *section, size_t rows, int columns)
{
	int widths[INSPECTION_COLUMNS] = { 0 }, used;

	measure(section, rows, widths);
	used = put_header(out, section, widths);
	for (size_t i = 0; i < rows; i++) {
		const struct inspection_row *row = &section->items[i];

		fprintf(out, "%*s", INDENT, "");
		for (size_t c = 0; c < inspection_columns(section->shape); c++)
			if (is_shown(section, c))
				put_value(out, &section->shape->columns[c], &row->values[c],
					  row->name, widths[c]);
		put_cut(out, row->name, columns - used);
		fprintf(out, "\n");
	}
	if (rows < section->count)
		fprintf(out, "%*s... and %zu more (--top)\n", INDENT, "", section->count - rows);
}

static void put_title(FILE *out, const struct inspection_section *section)
{
	const struct inspection_column *columns = section->shape->columns;

	fprintf(out, "%s", section->shape->title);
	if (section->shape->facts || section->absent) {
		fprintf(out, "\n");
		return;
	}
	fprintf(out, ": %zu", section->count);
	for (size_t c = 0; c < inspection_columns(section->shape); c++)
		if (columns[c].summed && section->count)
			fprintf(out, ", %s %s", columns[c].title,
				number_of(inspection_sum(section, c), columns[c].unit).text);
	fprintf(out, "\n");
}

static void put_section(FILE *out, const struct inspection_section *section, bool compared,
			size_t top, int columns)
{
	size_t rows = top && top < section->count ? top : section->count;

	if (compared && !rows && !section->absent) {
		fprintf(out, "%s: no difference\n", section->shape->title);
		return;
	}
	put_title(out, section);
	if (section->shape->facts)
		put_facts(out, section, columns);
	else if (rows)
		put_rows(out, section, rows, columns);
	if (section->note[0]) {
		fprintf(out, "%*s", INDENT, "");
		put_wrapped(out, section->note, INDENT, columns);
	}
}

int view_inspection_text(FILE *out, const struct inspection *inspection, size_t top,
			 unsigned int columns)
{
	int width = columns ? (int)columns : INSPECT_TEXT_COLUMNS;

	if (width < INSPECT_TEXT_LEAST)
		width = INSPECT_TEXT_LEAST;
	if (inspection->old_label)
		fprintf(out, "%s\n  against %s\n", inspection->label, inspection->old_label);
	else
		fprintf(out, "%s\n", inspection->label);
	for (size_t i = 0; i < inspection->count; i++) {
		fprintf(out, "\n");
		put_section(out, &inspection->sections[i], inspection->old_label != NULL, top,
			    width);
	}
	return ferror(out) ? -EIO : 0;
}
