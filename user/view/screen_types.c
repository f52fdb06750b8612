/* What the program adds to the runtime's types, and the whole itab table; and the stack behind one
 * line of it. */
#include <string.h>

#include "model/metadata.h"
#include "view/source.h"
#include "view/type_lines.h"
#include "view/ui.h"

#define SOURCE_CONTEXT 4

static int head_lines(int rows)
{
	return rows < 40 ? 1 : rows / 6;
}

static struct cursor *cursor(struct ui *ui)
{
	return &ui->types_cursor;
}

static size_t count(const struct ui *ui)
{
	return type_lines_count(&ui->types);
}

static bool matches(const struct ui *ui, size_t line, const char *needle)
{
	return type_lines_match(&ui->types, line, needle);
}

/* Once the user has moved, the selection is a kind of registration and not a line. */
static void follow_selected(struct ui *ui)
{
	for (size_t i = 0; ui->selected_type && i < ui->types.row_count; i++)
		if (type_lines_row(&ui->types, i)->id == ui->selected_type)
			ui->types_cursor.at = i;
}

static void refresh(struct ui *ui)
{
	struct type_lines lines;

	if (!ui->has_shown)
		return;
	if (type_lines_build(&ui->shown, ui->filter, &lines) < 0) {
		/* the old lines point into a snapshot that may be gone */
		lines = (struct type_lines){ 0 };
		ui_say(ui, "out of memory: no lines in this interval");
	}
	type_lines_clear(&ui->types);
	ui->types = lines;
	follow_selected(ui);
}

static void moved(struct ui *ui)
{
	const struct type_row *row = type_lines_row(&ui->types, ui->types_cursor.at);

	ui->selected_type = row ? row->id : 0;
}

static int draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	return ui->has_shown ? type_lines_draw_titles(&ui->shown, canvas, row) : 0;
}

static void draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows)
{
	size_t top = ui->types_cursor.top;

	if (!count(ui))
		canvas_put(canvas, row, 0, STYLE_DIM,
			   ui->has_shown ? "no new types, and no itabs that could be read"
					 : "waiting for the first data");
	for (size_t i = top; i < count(ui) && i < top + (size_t)rows; i++) {
		int at = row + (int)(i - top);

		type_lines_draw(&ui->types, canvas, at, i);
		if (i != ui->types_cursor.at)
			continue;
		canvas_put(canvas, at, 0, STYLE_PLAIN, ">");
		canvas_restyle(canvas, at, 0, canvas->columns, STYLE_SELECTED);
	}
}

static void describe(const struct ui *ui, char *out, size_t out_size)
{
	int length = snprintf(out, out_size, "%zu kinds of registrations, %zu itabs",
			      ui->types.row_count, ui->types.itab_count);

	if (ui->types.filtered)
		snprintf(out + length, out_size - (size_t)length, ", filter %s hides %zu",
			 ui->filter_text, ui->types.filtered);
}

/* To the itab table, and back. */
static void next_part(struct ui *ui, int code)
{
	size_t itabs = type_lines_itabs(&ui->types);

	(void)code;
	ui_move_to(ui, ui->types_cursor.at < itabs ? itabs : 0);
}

static void open_stack(struct ui *ui, int code)
{
	(void)code;
	moved(ui);
	if (!ui->selected_type) {
		ui_say(ui, "an itab of the table has no stack: only what was seen being added has");
		return;
	}
	ui->stacks_cursor = (struct cursor){ 0 };
	ui_show(ui, &screen_type_stack);
}

/* Another grouping is one of the table. */
static void pick(struct ui *ui, int code)
{
	ui->screen = &screen_table;
	ui_pick(ui, code);
}

static void edit_filter(struct ui *ui, int code)
{
	prompt_open(ui, code, ui->filter_text);
}

const struct screen screen_types = {
	.head_lines = head_lines,
	.cursor = cursor,
	.count = count,
	.matches = matches,
	.refresh = refresh,
	.moved = moved,
	.draw_titles = draw_titles,
	.draw_lines = draw_lines,
	.describe = describe,
	.actions = { [KEY_BACK] = ui_to_table,
		     [KEY_QUIT] = ui_to_table,
		     [KEY_NEXT] = next_part,
		     [KEY_OPEN] = open_stack,
		     [KEY_FILTER] = edit_filter,
		     [KEY_GROUPING] = pick },
};

/* ---- the stack of a line ---- */

static int stack_head_lines(int rows)
{
	(void)rows;
	return 1;
}

static struct cursor *stack_cursor(struct ui *ui)
{
	return &ui->stacks_cursor;
}

static size_t stack_count(const struct ui *ui)
{
	return ui->stacks.count;
}

static bool stack_matches(const struct ui *ui, size_t line, const char *needle)
{
	return strcasestr(ui->stacks.items[line].text, needle);
}

static void write_what(const struct type_row *row, struct page *page)
{
	if (row->event == TYPE_EVENT_ITAB) {
		page_add(page, STYLE_STRONG, "interface %s", row->interface ? row->interface : "?");
		page_add(page, STYLE_STRONG, "type      %s", row->type ? row->type : "?");
		page_add(page, STYLE_PLAIN, "%s",
			 row->failed ? "The type does not implement it; the runtime keeps that too."
				     : "The first value of this type in this interface.");
	} else {
		page_add(page, STYLE_STRONG, "%s", row->type ? row->type : "?");
		page_add(page, STYLE_PLAIN, "A type made by reflection, which is kept for good.");
	}
	page_add(page, STYLE_PLAIN, "times it was seen by this stack: %llu",
		 (unsigned long long)row->begun);
}

static void write_stack(const struct stack *stack, struct page *page)
{
	page_section(page, "Stack");
	for (uint32_t i = 0; stack && i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];

		page_add(page, STYLE_PLAIN, "    %s%s", frame->function,
			 frame->inlined ? "  (inlined)" : "");
		page_add(page, STYLE_DIM, "        %s:%u", *frame->file ? frame->file : "?",
			 frame->line);
	}
	if (!stack)
		page_add(page, STYLE_DIM, "    it is not known");
}

/* A line that is gone, as in a recording's past, leaves its last page. */
static void stack_refresh(struct ui *ui)
{
	struct page *page = &ui->stacks;
	const struct frame *cause;

	refresh(ui);
	for (size_t i = 0; i < ui->types.row_count; i++) {
		const struct type_row *row = type_lines_row(&ui->types, i);

		if (row->id != ui->selected_type)
			continue;
		page_clear(page);
		write_what(row, page);
		cause = metadata_cause(row->stack);
		if (cause) {
			page_section(page, "Source  %s:%u", *cause->file ? cause->file : "?",
				     cause->line);
			source_write(cause->file, cause->line, SOURCE_CONTEXT, page);
		}
		write_stack(row->stack, page);
	}
}

static int stack_draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	(void)ui;
	canvas_put(canvas, row, 0, STYLE_STRONG, "a registration of types");
	return 1;
}

static void stack_draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows)
{
	page_draw(&ui->stacks, ui->stacks_cursor.top, 0, ui_marked(ui), canvas, row, rows);
}

static void to_types(struct ui *ui, int code)
{
	(void)code;
	ui_show(ui, &screen_types);
}

const struct screen screen_type_stack = {
	.scrolls = true,
	.head_lines = stack_head_lines,
	.cursor = stack_cursor,
	.count = stack_count,
	.matches = stack_matches,
	.refresh = stack_refresh,
	.draw_titles = stack_draw_titles,
	.draw_lines = stack_draw_lines,
	.actions = { [KEY_BACK] = to_types, [KEY_QUIT] = to_types, [KEY_GROUPING] = pick },
};
