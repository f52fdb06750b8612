/* Placing columns on a screen of a given width, and drawing titles and rows at these places. */
#include "view/columns.h"

#include <stdlib.h>
#include <string.h>

#include "model/goname.h"
#include "view/graph.h"

#define NAME_PERCENT 62	 /* of what names and types have together */
#define WIDE_COLUMNS 100 /* a screen of these has room for the columns' `more` */

void columns_short_name(const char *name, int width, char *out, size_t out_size)
{
	const size_t arguments[] = { 0, (size_t)width / 2, 1 };

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		goname_short(name, arguments[i], out, out_size);
		if (width == 0 || canvas_text_width(true, out) <= width)
			return;
	}
}

/* A column of types says nothing new beside rows that are types. */
static bool is_shown(const struct column *column, const struct listing *listing, int total)
{
	if (column->title && !strcmp(column->title, listing->table.grouping->name))
		return false;
	if (column->fits && !column->fits(listing))
		return false;
	return total == 0 || total >= column->from_columns;
}

static int widest_text(const struct column *column, const struct listing *listing)
{
	char text[COLUMN_TEXT];
	int widest = 10;

	for (size_t i = 0; i < listing->count; i++) {
		int width;

		column->text(listing, &listing->table.rows[i], 0, text, sizeof(text));
		width = canvas_text_width(true, text);
		widest = width > widest ? width : widest;
	}
	return widest;
}

/* Gives the columns without a width of their own what the others leave. */
static void share_rest(struct column_plan *plan, int rest, const struct listing *listing, int total)
{
	bool two = plan->columns[plan->count - 1]->width == 0 &&
		   plan->columns[plan->count - 1]->align != CELL_NAME;

	for (size_t i = 0; i < plan->count; i++) {
		const struct column *column = plan->columns[i];
		int name = two ? rest * NAME_PERCENT / 100 : rest;

		if (column->width)
			continue;
		if (total == 0)
			plan->widths[i] = widest_text(column, listing);
		else
			plan->widths[i] = column->align == CELL_NAME ? name : rest - name;
	}
}

void columns_plan(const struct listing *listing, int total, int mark, struct column_plan *ret)
{
	struct column_plan plan = { 0 };
	bool wide = total == 0 || total >= WIDE_COLUMNS;
	int rest = total - mark, at = mark;

	for (size_t i = 0; i < column_count; i++) {
		if (!is_shown(&columns[i], listing, total))
			continue;
		plan.columns[plan.count] = &columns[i];
		plan.widths[plan.count] = columns[i].width + (wide ? columns[i].more : 0);
		rest -= plan.widths[plan.count] + (plan.count > 0);
		plan.count++;
	}
	share_rest(&plan, rest > 0 ? rest : 1, listing, total);
	for (size_t i = 0; i < plan.count; i++) {
		plan.at[i] = at;
		at += plan.widths[i] + 1;
	}
	plan.total = at - 1;
	*ret = plan;
}

/* The first column is called after what it shows, the name's after the grouping. */
static const char *title_of(const struct column *column, const struct listing *listing)
{
	static const char *const values[VALUE_COUNT] = {
		[VALUE_ALLOC_SPACE] = "alloc",
		[VALUE_ALLOC_OBJECTS] = "allocs",
		[VALUE_INUSE_SPACE] = "in use",
		[VALUE_INUSE_OBJECTS] = "objects",
	};

	if (column == columns)
		return values[listing->table.value];
	return column->title ? column->title : listing->table.grouping->title;
}

void columns_draw_titles(const struct column_plan *plan, struct canvas *canvas, int row,
			 const struct listing *listing, const struct column *sorted)
{
	canvas_restyle(canvas, row, 0, canvas->columns, STYLE_COLUMN);
	for (size_t i = 0; i < plan->count; i++) {
		const struct column *column = plan->columns[i];
		enum style style = column == sorted ? STYLE_SORTED : STYLE_COLUMN;
		const char *title = title_of(column, listing);

		if (column->align == CELL_RIGHT)
			canvas_put_right(canvas, row, plan->at[i], plan->widths[i], style, title);
		else
			canvas_put_left(canvas, row, plan->at[i], plan->widths[i], style, title);
	}
}

static bool keeps_head(const struct column *column, const struct listing *listing)
{
	return column->align == CELL_HEAD ||
	       (column->align == CELL_NAME &&
		(listing_is_by(listing, "type") || listing_is_by(listing, "boxing")));
}

static void draw_cell(const struct column *column, struct canvas *canvas, int row, int at,
		      int width, const struct listing *listing, const struct row *data)
{
	char text[COLUMN_TEXT];
	enum style style = data->is_rest ? STYLE_DIM : STYLE_PLAIN;
	bool fits;

	column->text(listing, data, width, text, sizeof(text));
	fits = canvas_text_width(canvas->unicode, text) <= width;
	graph_bar(canvas, row, at, column->bar_columns, data->share);
	if (column->align == CELL_RIGHT)
		canvas_put_right(canvas, row, at + column->bar_columns, width - column->bar_columns,
				 style, text);
	else if (fits || keeps_head(column, listing))
		canvas_put_left(canvas, row, at, width, style, text);
	else
		canvas_put_right(canvas, row, at, width, style, text);
}

void columns_draw_row(const struct column_plan *plan, struct canvas *canvas, int row,
		      const struct listing *listing, const struct row *data)
{
	for (size_t i = 0; i < plan->count; i++)
		draw_cell(plan->columns[i], canvas, row, plan->at[i], plan->widths[i], listing,
			  data);
}

struct order {
	const struct listing *listing;
	const struct column *by;
	int sign;
};

static int compare(const void *left, const void *right, void *context)
{
	const struct row *a = left, *b = right;
	const struct order *order = context;
	int result = a->is_rest - b->is_rest;

	if (!result)
		result = order->by->compare(order->listing, a, b) * order->sign;
	if (!result)
		result = strcmp(a->name, b->name);
	if (!result)
		result = strcmp(a->file, b->file);
	return result ? result : (a->line > b->line) - (a->line < b->line);
}

void columns_sort(struct listing *listing, const struct column *by, bool reversed)
{
	struct order order = { listing, by, reversed ? -1 : 1 };

	if (listing->count > 1)
		qsort_r(listing->table.rows, listing->count, sizeof(*listing->table.rows), compare,
			&order);
}
