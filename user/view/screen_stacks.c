/* What is behind a row: its numbers, the source at the site, the tree of callers, the stacks. */
#include <math.h>
#include <string.h>

#include "model/instantiations.h"
#include "view/callers.h"
#include "base/number.h"
#include "view/source.h"
#include "view/ui.h"

#define SOURCE_CONTEXT 4
#define LEAST_SHARE    0.01
#define MOST_STACKS    100
static int head_lines(int rows)
{
	(void)rows;
	return 1;
}

static struct cursor *cursor(struct ui *ui)
{
	return &ui->stacks_cursor;
}

static const struct page *page(const struct ui *ui)
{
	return &ui->stacks;
}

static struct number value_text(double value, enum value kind)
{
	return value_is_bytes(kind) ? number_bytes(value) : number_count(value);
}

/* The site's function as the toolchain wrote it, with every type argument. */
static void write_full_name(const struct row *row, struct page *page)
{
	const struct stack *stack = row->record_count ? row->records[0]->stack : NULL;

	for (uint32_t i = 0; stack && i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];

		if (frame->line != row->line || strcmp(frame->file, row->file))
			continue;
		page_add(page, STYLE_PLAIN, "in %s", frame->function);
		return;
	}
}

static struct number bounds_text(const struct row *row, enum value kind)
{
	if (row->bounds.low == row->bounds.high)
		return (struct number){ "exact" };
	return number_range(row->bounds.low, row->bounds.high, value_is_bytes(kind));
}

static void write_numbers(const struct ui *ui, const struct row *row, struct page *page)
{
	const struct listing *listing = &ui->listing;

	write_full_name(row, page);
	page_add(page, STYLE_PLAIN, "%s %s (%s of all), 95%% bounds: %s, samples: %s",
		 value_name(ui->value), value_text(row->value, ui->value).text,
		 number_share(row->share).text, bounds_text(row, ui->value).text,
		 number_count((double)listing_amount(listing, row)->samples).text);
	page_add(page, STYLE_PLAIN, "allocates %s, median age at death %s, type %s",
		 number_bytes_rate(listing_rate(listing, row)).text,
		 number_duration((double)ages_median_ns(&row->ages)).text,
		 row->type ? row->type : "?");
}

/* The shapes that the compiler made of a generic function, and the types that it was made for. */
static void write_instantiations(const struct ui *ui, const struct row *row, struct page *page)
{
	const struct generic_function *function = generics_find(ui->shown.generics, row->name);
	AUTO_INSTANTIATIONS struct instantiations seen = { 0 };

	if (!listing_is_by(&ui->listing, "generic") ||
	    instantiations_of(row, ui->value, &seen) < 0 || !seen.count)
		return;
	page_section(page, "Instantiations that allocate: %zu%s, in the binary: %s", seen.count,
		     seen.partial ? " or more" : "",
		     number_count(function ? (double)function->shapes : NAN).text);
	for (size_t i = 0; i < seen.count; i++)
		page_add(page, STYLE_PLAIN, "  %6s  %s",
			 number_share(seen.items[i].value / row->value).text,
			 seen.items[i].function);
	if (function && function->types)
		page_section(page, "Type arguments in the binary: %zu", function->types);
	for (size_t i = 0; function && i < function->types; i++)
		page_add(page, STYLE_PLAIN, "  %s", function->type_names[i]);
}

static void write_frames(const struct stack *stack, struct page *page)
{
	for (uint32_t i = stack_runtime_prefix(stack); i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];

		page_add(page, STYLE_PLAIN, "    %s%s", frame->function,
			 frame->inlined ? "  (inlined)" : "");
		page_add(page, STYLE_DIM, "        %s:%u", *frame->file ? frame->file : "?",
			 frame->line);
	}
}

static void write_record(const struct ui *ui, const struct row *row, size_t index,
			 struct page *page)
{
	const struct record *record = row->records[index];
	double value = amount_value(record_amount(record, ui->value, false), ui->value);

	page_add(page, STYLE_STRONG, "  #%zu  %s  %s of the row, objects of %s, type %s", index + 1,
		 value_text(value, ui->value).text, number_share(value / row->value).text,
		 number_bytes((double)record->object_bytes).text,
		 record->type ? record->type : "?");
	if (record->stack)
		write_frames(record->stack, page);
	else
		page_add(page, STYLE_DIM, "    its stack is not known");
}

static void write_stacks(const struct ui *ui, const struct row *row, struct page *page)
{
	size_t shown = row->record_count < MOST_STACKS ? row->record_count : MOST_STACKS;

	for (size_t i = 0; i < shown; i++)
		write_record(ui, row, i, page);
	if (shown < row->record_count)
		page_add(page, STYLE_DIM, "  and %zu lighter ones", row->record_count - shown);
}

/* A row that is gone leaves its last page; the title says so. */
static void refresh(struct ui *ui)
{
	long line = listing_find(&ui->listing, &ui->opened);
	struct page *page = &ui->stacks;
	const struct row *row;

	if (line < 0)
		return;
	row = &ui->listing.table.rows[line];
	page_clear(page);
	write_numbers(ui, row, page);
	write_instantiations(ui, row, page);
	page_section(page, "Source  %s:%u", *row->file ? row->file : "?", row->line);
	source_write(row->file, row->line, SOURCE_CONTEXT, page);
	page_section(page, "Callers, with their share of the row");
	callers_write(row, ui->value, LEAST_SHARE, page);
	page_section(page, "Stacks, the heaviest first");
	write_stacks(ui, row, page);
}

/* The name in full, on as many lines as it takes (3 at most). */
static int draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	const char *name = ui->opened.name;
	size_t columns = (size_t)canvas->columns;
	int rows = 0;

	for (; *name && rows < 3; rows++) {
		canvas_put_left(canvas, row + rows, 0, canvas->columns, STYLE_STRONG, name);
		if (strlen(name) <= columns)
			name += strlen(name);
		else
			name += columns - 1; /* the last column says that there is more */
	}
	if (listing_find(&ui->listing, &ui->opened) < 0)
		canvas_put(canvas, row + rows++, 0, STYLE_ALARM,
			   "not in the table any more: its last stacks");
	return rows;
}

/* To the next section; from the last one, or when the end is in sight, to the top. */
static void next_part(struct ui *ui, int code)
{
	size_t line = ui->stacks_cursor.top + 1;

	(void)code;
	while (line < ui->stacks.count && !ui->stacks.items[line].section)
		line++;
	if (line >= ui->stacks.count || line + (size_t)ui->body_rows > ui->stacks.count)
		line = ui->stacks_cursor.top + (size_t)ui->body_rows >= ui->stacks.count
			       ? 0
			       : ui->stacks.count;
	ui_move_to(ui, line);
}

const struct screen screen_stacks = {
	.scrolls = true,
	.head_lines = head_lines,
	.cursor = cursor,
	.page = page,
	.refresh = refresh,
	.draw_titles = draw_titles,
	.actions = {
		[KEY_LEFT] = ui_pan_left,
		[KEY_RIGHT] = ui_pan_right,
		[KEY_NEXT] = next_part,
		[KEY_BACK] = ui_to_table,
		[KEY_QUIT] = ui_to_table,
	},
};
