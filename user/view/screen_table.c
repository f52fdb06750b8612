/* The table of rows: what `heaptap top` opens with. */
#include <string.h>

#include "view/head.h"
#include "view/ui.h"

#define MARK_COLUMNS 2 /* "> " before the selected row: also without colours */

static int head_lines(int rows)
{
	return rows / 3;
}

static struct cursor *cursor(struct ui *ui)
{
	return &ui->table_cursor;
}

static size_t count(const struct ui *ui)
{
	return ui->listing.count;
}

static bool matches(const struct ui *ui, size_t line, const char *needle)
{
	const struct row *row = &ui->listing.table.rows[line];

	return strcasestr(row->name, needle) || (row->type && strcasestr(row->type, needle));
}

/* Once the user has moved, the selection is a row and not a line. */
static void refresh(struct ui *ui)
{
	long line = listing_find(&ui->listing, &ui->selected);

	if (line >= 0)
		ui->table_cursor.at = (size_t)line;
}

static void moved(struct ui *ui)
{
	if (ui->table_cursor.at < ui->listing.count)
		row_id_set(&ui->selected, &ui->listing.table.rows[ui->table_cursor.at]);
}

static int draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	struct column_plan plan;

	if (!ui->has_shown)
		return 0;
	columns_plan(&ui->listing, canvas->columns, MARK_COLUMNS, &plan);
	columns_draw_titles(&plan, canvas, row, &ui->listing, ui->sort);
	return 1;
}

static void draw_row(const struct ui *ui, const struct column_plan *plan, struct canvas *canvas,
		     int row, size_t line)
{
	columns_draw_row(plan, canvas, row, &ui->listing, &ui->listing.table.rows[line]);
	if (line != ui->table_cursor.at)
		return;
	canvas_put(canvas, row, 0, STYLE_PLAIN, ">");
	canvas_restyle(canvas, row, 0, canvas->columns, STYLE_SELECTED);
}

static void draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows)
{
	size_t top = ui->table_cursor.top;
	struct column_plan plan;
	char why[UI_TEXT];

	if (!ui->has_shown) {
		canvas_put(canvas, row, 0, STYLE_DIM, "waiting for the first data");
		return;
	}
	if (!ui->listing.count) {
		listing_explain_empty(&ui->listing, &ui->shown, why, sizeof(why));
		canvas_put_left(canvas, row, MARK_COLUMNS, canvas->columns - MARK_COLUMNS,
				STYLE_DIM, why);
	}
	columns_plan(&ui->listing, canvas->columns, MARK_COLUMNS, &plan);
	for (size_t i = top; i < ui->listing.count && i < top + (size_t)rows; i++)
		draw_row(ui, &plan, canvas, row + (int)(i - top), i);
}

static void show_grouping(struct ui *ui, const struct grouping *grouping)
{
	ui->grouping = grouping;
	row_id_clear(&ui->selected);
	ui->table_cursor = (struct cursor){ 0 };
	ui_rebuild(ui);
}

static void next_grouping(struct ui *ui, int code)
{
	size_t next = (size_t)(ui->grouping - groupings + 1) % grouping_count;

	(void)code;
	show_grouping(ui, &groupings[next]);
}

void ui_pick(struct ui *ui, int code)
{
	for (size_t i = 0; i < grouping_count; i++) {
		if (groupings[i].digit != code)
			continue;
		if (!ui->screen->actions[KEY_GROUPING])
			ui->screen = &screen_table; /* the others show no groupings */
		show_grouping(ui, &groupings[i]);
		return;
	}
	for (const struct digit_screen *digit = digit_screens; digit->digit; digit++) {
		if (digit->digit != code)
			continue;
		ui_show(ui, digit->screen);
		return;
	}
	ui_say(ui, "%c is no grouping (? lists them)", code);
}

static void next_sort(struct ui *ui, int code)
{
	size_t next = (size_t)(ui->sort - columns);

	(void)code;
	do
		next = (next + 1) % column_count;
	while (!columns[next].compare);
	ui->sort = &columns[next];
	ui_rebuild(ui);
}

static void reverse(struct ui *ui, int code)
{
	(void)code;
	ui->reversed = !ui->reversed;
	ui_rebuild(ui);
}

static void edit_filter(struct ui *ui, int code)
{
	prompt_open(ui, code, ui->filter_text);
}

static void open_row(struct ui *ui, int code)
{
	(void)code;
	if (!ui->listing.count) {
		ui_say(ui, "there is no row to open");
		return;
	}
	moved(ui);
	row_id_set(&ui->opened, &ui->listing.table.rows[ui->table_cursor.at]);
	ui->stacks_cursor = (struct cursor){ 0 };
	if (ui->opened.name)
		ui_show(ui, &screen_stacks);
	else
		ui_say(ui, "out of memory");
}

static void open_memory(struct ui *ui, int code)
{
	(void)code;
	ui->memory_cursor = (struct cursor){ 0 };
	ui_show(ui, &screen_memory);
}

static void quit(struct ui *ui, int code)
{
	(void)code;
	ui->quit = true;
}

const struct screen screen_table = {
	.head_lines = head_lines,
	.cursor = cursor,
	.count = count,
	.matches = matches,
	.refresh = refresh,
	.moved = moved,
	.draw_titles = draw_titles,
	.draw_lines = draw_lines,
	.actions = {
		[KEY_OPEN] = open_row,
		[KEY_NEXT] = next_grouping,
		[KEY_GROUPING] = ui_pick,
		[KEY_SORT] = next_sort,
		[KEY_REVERSE] = reverse,
		[KEY_FILTER] = edit_filter,
		[KEY_MEMORY] = open_memory,
		[KEY_QUIT] = quit,
	},
};
