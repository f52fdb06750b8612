/* What each line of the table of types says. Names are short as in every table. */
#include "view/type_lines.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/goname.h"
#include "model/metadata.h"
#include "base/number.h"

#define NAME_BYTES    512
#define MARK_COLUMNS  2 /* before the selected line */
#define RATE_COLUMNS  7
#define COUNT_COLUMNS 7
#define EVENT_COLUMNS 7
/* Where: the line alone, with the function, and with a long one, by the columns there are. */
#define NARROW_PLACE   20
#define PLACE_COLUMNS  34
#define LONG_PLACE     60
#define WIDE_FOR_PLACE 110
#define WIDE_FOR_LONG  180

void type_lines_clear(struct type_lines *lines)
{
	free(lines->rows);
	free(lines->itabs);
	*lines = (struct type_lines){ 0 };
}

static const char *or_unknown(const char *name)
{
	return name ? name : "?";
}

static int by_interface(const void *left, const void *right, void *context)
{
	const struct itab_entry *itabs = context;
	const struct itab_entry *a = &itabs[*(const uint32_t *)left];
	const struct itab_entry *b = &itabs[*(const uint32_t *)right];
	int result = strcmp(or_unknown(a->interface), or_unknown(b->interface));

	return result ? result : strcmp(or_unknown(a->type), or_unknown(b->type));
}

static bool keeps(struct view_filter *filter, const char *interface, const char *type)
{
	return !filter || view_filter_keeps(filter, interface ? interface : "", type);
}

int type_lines_build(const struct snapshot *snapshot, struct view_filter *filter,
		     struct type_lines *ret)
{
	const struct type_group *group = &snapshot->type_group;
	struct type_lines lines = { .group = group, .interval_s = snapshot->interval_s };

	lines.rows = calloc(group->count + 1, sizeof(*lines.rows));
	lines.itabs = calloc(group->itab_count + 1, sizeof(*lines.itabs));
	if (!lines.rows || !lines.itabs) {
		type_lines_clear(&lines);
		return -ENOMEM;
	}
	for (size_t i = 0; i < group->count; i++)
		if (keeps(filter, group->rows[i].interface, group->rows[i].type))
			lines.rows[lines.row_count++] = (uint32_t)i;
	for (size_t i = 0; i < group->itab_count; i++)
		if (keeps(filter, group->itabs[i].interface, group->itabs[i].type))
			lines.itabs[lines.itab_count++] = (uint32_t)i;
	lines.filtered = group->count - lines.row_count + group->itab_count - lines.itab_count;
	qsort_r(lines.itabs, lines.itab_count, sizeof(*lines.itabs), by_interface, group->itabs);
	*ret = lines;
	return 0;
}

size_t type_lines_count(const struct type_lines *lines)
{
	return lines->row_count + (lines->itab_count ? 1 + lines->itab_count : 0);
}

size_t type_lines_itabs(const struct type_lines *lines)
{
	return lines->row_count;
}

const struct type_row *type_lines_row(const struct type_lines *lines, size_t line)
{
	return line < lines->row_count ? &lines->group->rows[lines->rows[line]] : NULL;
}

static const struct itab_entry *itab_at(const struct type_lines *lines, size_t line)
{
	return line > lines->row_count && line < type_lines_count(lines)
		       ? &lines->group->itabs[lines->itabs[line - lines->row_count - 1]]
		       : NULL;
}

static void pair_name(const char *interface, const char *type, char *out, size_t out_size)
{
	char left[NAME_BYTES], right[NAME_BYTES];

	goname_short(or_unknown(interface), 0, left, sizeof(left));
	goname_short(or_unknown(type), 0, right, sizeof(right));
	snprintf(out, out_size, "%s <- %s", left, right);
}

void type_row_name(const struct type_row *row, char *out, size_t out_size)
{
	if (row->event == TYPE_EVENT_ITAB)
		pair_name(row->interface, row->type, out, out_size);
	else
		goname_short(or_unknown(row->type), 0, out, out_size);
}

bool type_lines_match(const struct type_lines *lines, size_t line, const char *needle)
{
	const struct type_row *row = type_lines_row(lines, line);
	const struct itab_entry *itab = itab_at(lines, line);
	const char *interface = row ? row->interface : itab ? itab->interface : NULL;
	const char *type = row ? row->type : itab ? itab->type : NULL;

	return (interface && strcasestr(interface, needle)) || (type && strcasestr(type, needle));
}

/* ---- titles ---- */

static int draw_share(const struct share *share, const char *of, struct canvas *canvas, int row,
		      int at)
{
	at = canvas_print(canvas, row, at, STYLE_PLAIN, "%s of %s", number_share(share->value).text,
			  of);
	if (isnan(share->value) || share->bounds.low == share->bounds.high)
		return at;
	return canvas_print(canvas, row, at, STYLE_DIM, " (%s-%s)",
			    number_share(share->bounds.low).text,
			    number_share(share->bounds.high).text);
}

static double per_second(int64_t count, double interval_s)
{
	return count != UNKNOWN && interval_s > 0 ? (double)count / interval_s : NAN;
}

static void draw_totals(const struct snapshot *snapshot, struct canvas *canvas, int row)
{
	const struct type_counters *types = &snapshot->types;
	int at = canvas_put(canvas, row, 0, STYLE_LABEL, "itabs");

	at = canvas_print(
		canvas, row, at + 1, STYLE_PLAIN, "%s +%s", number_count((double)types->itabs).text,
		number_count_rate(per_second(types->itabs_added, snapshot->interval_s)).text);
	at = canvas_put(canvas, row, at + 2, STYLE_LABEL, "made by reflection");
	canvas_print(canvas, row, at + 1, STYLE_PLAIN, "+%s",
		     number_count_rate(per_second(types->reflect_types_added, snapshot->interval_s))
			     .text);
}

static void draw_shares(const struct type_group *group, struct canvas *canvas, int row)
{
	int at = canvas_put(canvas, row, 0, STYLE_LABEL, "metadata");

	at = draw_share(&group->metadata_bytes, "bytes", canvas, row, at + 1);
	draw_share(&group->metadata_objects, "objects", canvas, row, at + 2);
}

static int place_columns(const struct canvas *canvas)
{
	if (canvas->columns >= WIDE_FOR_LONG)
		return LONG_PLACE;
	return canvas->columns >= WIDE_FOR_PLACE ? PLACE_COLUMNS : NARROW_PLACE;
}

static int name_at(void)
{
	return MARK_COLUMNS + RATE_COLUMNS + 1 + COUNT_COLUMNS + 1 + EVENT_COLUMNS + 1;
}

static int name_columns(const struct canvas *canvas)
{
	return canvas->columns - name_at() - place_columns(canvas) - 1;
}

static void draw_columns(struct canvas *canvas, int row)
{
	canvas_restyle(canvas, row, 0, canvas->columns, STYLE_COLUMN);
	canvas_put_right(canvas, row, MARK_COLUMNS, RATE_COLUMNS, STYLE_COLUMN, "per s");
	canvas_put_right(canvas, row, MARK_COLUMNS + RATE_COLUMNS + 1, COUNT_COLUMNS, STYLE_COLUMN,
			 "count");
	canvas_put(canvas, row, name_at() - EVENT_COLUMNS - 1, STYLE_COLUMN, "event");
	canvas_put_left(canvas, row, name_at(), name_columns(canvas), STYLE_COLUMN,
			"INTERFACE <- TYPE");
	canvas_put_right(canvas, row, canvas->columns - place_columns(canvas),
			 place_columns(canvas), STYLE_COLUMN, "where");
}

int type_lines_draw_titles(const struct snapshot *snapshot, struct canvas *canvas, int row)
{
	const struct type_group *group = &snapshot->type_group;
	int used = 0;

	draw_totals(snapshot, canvas, row + used++);
	draw_shares(group, canvas, row + used++);
	if (group->note)
		canvas_put_left(canvas, row + used++, 0, canvas->columns, STYLE_NOTE, group->note);
	draw_columns(canvas, row + used++);
	return used;
}

/* ---- lines ---- */

static void place_text(const struct type_row *row, bool wide, char *out, size_t out_size)
{
	const struct frame *cause = metadata_cause(row->stack);
	const char *file = cause ? strrchr(cause->file, '/') : NULL;
	char function[NAME_BYTES];

	if (!cause) {
		snprintf(out, out_size, "%s", row->stack ? "the runtime" : "?");
		return;
	}
	goname_short(cause->function, 40, function, sizeof(function));
	snprintf(out, out_size, "%s%s%s:%u", wide ? function : "", wide ? " " : "",
		 file ? file + 1 : cause->file, cause->line);
}

static void draw_row(const struct type_lines *lines, const struct type_row *row,
		     struct canvas *canvas, int at_row)
{
	double rate = lines->interval_s > 0 ? (double)row->interval / lines->interval_s : NAN;
	int place = place_columns(canvas);
	char text[2 * NAME_BYTES + 8];

	canvas_put_right(canvas, at_row, MARK_COLUMNS, RATE_COLUMNS, STYLE_PLAIN,
			 number_per_second(rate).text);
	canvas_put_right(canvas, at_row, MARK_COLUMNS + RATE_COLUMNS + 1, COUNT_COLUMNS,
			 STYLE_PLAIN, number_count((double)row->begun).text);
	canvas_put(canvas, at_row, name_at() - EVENT_COLUMNS - 1, STYLE_PLAIN,
		   row->failed ? "no itab" : type_event_name(row->event));
	type_row_name(row, text, sizeof(text));
	canvas_put_left(canvas, at_row, name_at(), name_columns(canvas), STYLE_PLAIN, text);
	place_text(row, place > NARROW_PLACE, text, sizeof(text));
	canvas_put_right(canvas, at_row, canvas->columns - place, place, STYLE_PLAIN, text);
}

static void draw_itab(const struct itab_entry *itab, struct canvas *canvas, int row)
{
	char text[2 * NAME_BYTES + 8];

	canvas_put(canvas, row, name_at() - EVENT_COLUMNS - 1, STYLE_DIM,
		   itab->failed	 ? "failed"
		   : itab->fixed ? "fixed"
				 : "");
	pair_name(itab->interface, itab->type, text, sizeof(text));
	canvas_put_left(canvas, row, name_at(), canvas->columns - name_at(), STYLE_PLAIN, text);
}

void type_lines_draw(const struct type_lines *lines, struct canvas *canvas, int row, size_t line)
{
	const struct type_row *event = type_lines_row(lines, line);
	const struct itab_entry *itab = itab_at(lines, line);

	if (event) {
		draw_row(lines, event, canvas, row);
	} else if (itab) {
		draw_itab(itab, canvas, row);
	} else {
		canvas_restyle(canvas, row, 0, canvas->columns, STYLE_COLUMN);
		canvas_print(canvas, row, MARK_COLUMNS, STYLE_COLUMN,
			     "The itab table, by interface: %zu (fixed: made by the compiler)",
			     lines->itab_count);
	}
}
