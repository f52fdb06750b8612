/* `top --once --by types`: the head and the table of types, printed. */
#include <errno.h>

#include "view/head.h"
#include "view/ui.h"

#define WIDTH 200 /* of text that nobody said a width for */

static void print_lines(FILE *out, const struct type_lines *lines, struct canvas *canvas,
			size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		canvas_clear(canvas);
		type_lines_draw(lines, canvas, 0, i);
		canvas_to_text(canvas, 1, out);
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The first `top` of each part; 0: all. */
static void print_parts(FILE *out, const struct type_lines *lines, struct canvas *canvas,
			size_t top)
{
	size_t itabs = type_lines_itabs(lines), count = type_lines_count(lines);
	size_t rows_end = top ? least(itabs, top) : itabs;
	size_t itabs_end = top ? least(count, itabs + 1 + top) : count;

	print_lines(out, lines, canvas, 0, rows_end);
	if (rows_end < itabs)
		fprintf(out, "... smaller rows: %zu\n", itabs - rows_end);
	print_lines(out, lines, canvas, itabs, itabs_end);
	if (itabs_end < count)
		fprintf(out, "... itabs not shown: %zu\n", count - itabs_end);
	if (lines->filtered)
		fprintf(out, "... rows hidden by the filter: %zu\n", lines->filtered);
}

int types_text(FILE *out, const struct snapshot *snapshot, const struct view_options *options,
	       unsigned int width)
{
	AUTO_FILTER struct view_filter *filter = NULL;
	AUTO_TYPE_LINES struct type_lines lines = { 0 };
	AUTO_CANVAS struct canvas *canvas = NULL;
	struct head head = { .snapshot = snapshot, .parts = &snapshot->rss, .state = "" };
	int error = options->filter ? view_filter_new(options->filter, &filter) : 0, used;

	if (error == 0)
		error = type_lines_build(snapshot, filter, &lines);
	if (error == 0)
		error = canvas_new(HEAD_LINES + 1 + TYPE_TITLE_ROWS, width ? (int)width : WIDTH,
				   canvas_locale_is_unicode(), &canvas);
	if (error < 0)
		return error;
	errno = 0;
	used = head_draw(&head, canvas, 0, HEAD_LINES) + 1;
	used += type_lines_draw_titles(snapshot, canvas, used);
	canvas_to_text(canvas, used, out);
	print_parts(out, &lines, canvas, options->top);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}
