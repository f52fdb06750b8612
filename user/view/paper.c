/* What a paper says, in the order in which it was said; the JSON grows beside it. */
#include "view/paper.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json_text.h"
#include "base/vec.h"
#include "limits.h"
#include "view/paper_text.h"

struct paper {
	struct {
		struct paper_part *items;
		size_t count, capacity;
	} parts;
	json_t *facts;
	json_t *rows, *row; /* of the newest table; borrowed by the facts */
	int error;
};

#define PARTS_MOST 65536

int paper_new(const char *schema, struct paper **ret)
{
	struct paper *paper = calloc(1, sizeof(*paper));

	if (paper)
		paper->facts = json_pack("{s:s}", "schema", schema);
	if (!paper || !paper->facts) {
		free(paper);
		return -ENOMEM;
	}
	*ret = paper;
	return 0;
}

void paper_free(struct paper *paper)
{
	if (!paper)
		return;
	for (size_t i = 0; i < paper->parts.count; i++)
		paper_part_clear(&paper->parts.items[i]);
	free(paper->parts.items);
	json_decref(paper->facts);
	free(paper);
}

static void note_error(struct paper *paper, int error)
{
	if (error < 0 && paper->error == 0)
		paper->error = error;
}

static struct paper_part *add_part(struct paper *paper, enum paper_kind kind)
{
	struct paper_part *part;

	if (VEC_RESERVE(&paper->parts, paper->parts.count + 1, PARTS_MOST) < 0) {
		note_error(paper, -ENOMEM);
		return NULL;
	}
	part = &paper->parts.items[paper->parts.count++];
	*part = (struct paper_part){ .kind = kind };
	return part;
}

static void add_words(struct paper *paper, enum paper_kind kind, const char *format,
		      va_list arguments)
{
	struct paper_part *part = add_part(paper, kind);

	if (part && vasprintf(&part->words, format, arguments) < 0) {
		part->words = NULL;
		note_error(paper, -ENOMEM);
	}
}

void paper_heading(struct paper *paper, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_words(paper, PAPER_HEADING, format, arguments);
	va_end(arguments);
}

void paper_say(struct paper *paper, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_words(paper, PAPER_SENTENCE, format, arguments);
	va_end(arguments);
}

/* The object in which the last name of the path stands; *path becomes that name. */
static json_t *find_object(struct paper *paper, const char **path)
{
	json_t *object = paper->facts;
	const char *dot;

	while (object && (dot = strchr(*path, '.'))) {
		char name[64];
		size_t length = (size_t)(dot - *path);

		if (length >= sizeof(name))
			return NULL;
		memcpy(name, *path, length);
		name[length] = 0;
		if (!json_object_get(object, name))
			json_object_set_new(object, name, json_object());
		object = json_object_get(object, name);
		*path = dot + 1;
	}
	return object;
}

static void set(struct paper *paper, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		note_error(paper, -ENOMEM);
}

static json_t *make_number(double number)
{
	if (!isfinite(number))
		return json_null();
	return number == trunc(number) && fabs(number) < 9e15 ? json_integer((json_int_t)number)
							      : json_real(number);
}

void paper_fact_text(struct paper *paper, const char *path, const char *text)
{
	json_t *object = find_object(paper, &path);

	set(paper, object, path, text ? json_text(text) : json_null());
}

void paper_fact_number(struct paper *paper, const char *path, double number)
{
	json_t *object = find_object(paper, &path);

	set(paper, object, path, make_number(number));
}

void paper_table(struct paper *paper, const char *key, const struct paper_column *columns,
		 size_t count)
{
	struct paper_part *part = add_part(paper, PAPER_TABLE);

	paper->rows = paper->row = NULL;
	if (!part)
		return;
	part->columns = columns;
	part->column_count = count;
	if (!key)
		return;
	if (!json_object_get(paper->facts, key))
		set(paper, paper->facts, key, json_array());
	paper->rows = json_object_get(paper->facts, key);
}

static void add_to_json(struct paper *paper, const struct paper_part *table, json_t *value)
{
	size_t column = table->cells.count % table->column_count;
	const char *key = table->columns[column].key;

	if (paper->rows && column == 0) {
		paper->row = json_object();
		if (json_array_append_new(paper->rows, paper->row) < 0)
			note_error(paper, -ENOMEM);
	}
	if (paper->rows && key)
		set(paper, paper->row, key, value);
	else
		json_decref(value);
}

static void add_cell(struct paper *paper, const char *shown, json_t *value)
{
	struct paper_part *table =
		paper->parts.count ? &paper->parts.items[paper->parts.count - 1] : NULL;
	char *copy = strdup(shown);

	if (paper->error == 0 && table && table->kind == PAPER_TABLE)
		add_to_json(paper, table, value);
	else
		json_decref(value);
	if (!copy || !table ||
	    VEC_RESERVE(&table->cells, table->cells.count + 1, SIZE_MAX / sizeof(char *)) < 0) {
		free(copy);
		note_error(paper, -ENOMEM);
		return;
	}
	table->cells.items[table->cells.count++] = copy;
}

void paper_number(struct paper *paper, double number, const char *shown)
{
	add_cell(paper, shown, make_number(number));
}

void paper_text(struct paper *paper, const char *text)
{
	add_cell(paper, text, json_text(text));
}

int paper_write(const struct paper *paper, enum paper_form form, FILE *out)
{
	int error = paper->error;

	if (error == 0 && form == PAPER_JSON) {
		error = json_write(out, paper->facts, false);
		fputc('\n', out);
	}
	for (size_t i = 0; error == 0 && form != PAPER_JSON && i < paper->parts.count; i++)
		error = paper_part_write(&paper->parts.items[i], form == PAPER_MARKDOWN, i == 0,
					 out);
	return error == 0 && ferror(out) ? -EIO : error;
}
