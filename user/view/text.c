/* `top --once`: the head and the table of the live screen, printed. */
#include "view/view.h"

#include <errno.h>

#include "view/canvas.h"
#include "view/columns.h"
#include "view/head.h"
#include "view/ui.h"

#define NARROWEST  40
#define HEAD_WIDTH 200 /* of text that nobody said a width for */

static void print_rest(FILE *out, const struct listing *listing, const struct snapshot *snapshot)
{
	char why[160];

	if (!listing->count) {
		listing_explain_empty(listing, snapshot, why, sizeof(why));
		fprintf(out, "%s\n", why);
	}
	if (listing->cut)
		fprintf(out, "... smaller rows: %zu\n", listing->cut);
	if (listing->table.filtered)
		fprintf(out, "... rows hidden by the filter: %zu\n", listing->table.filtered);
}

/* One canvas for the head, then again for each row: there may be a million. */
static int print_canvas(FILE *out, const struct snapshot *snapshot, const struct listing *listing,
			unsigned int width)
{
	AUTO_CANVAS struct canvas *canvas = NULL;
	struct head head = { .snapshot = snapshot, .parts = &snapshot->rss, .state = "" };
	struct column_plan plan;
	int columns, used, error;

	columns_plan(listing, (int)width, 0, &plan);
	columns = width ? (int)width : plan.total > HEAD_WIDTH ? plan.total : HEAD_WIDTH;
	error = canvas_new(HEAD_LINES + 2, columns, canvas_locale_is_unicode(), &canvas);
	if (error < 0)
		return error;
	used = head_draw(&head, canvas, 0, HEAD_LINES) + 1;
	columns_draw_titles(&plan, canvas, used, listing, NULL);
	canvas_to_text(canvas, used + 1, out);
	for (size_t i = 0; i < listing->count; i++) {
		canvas_clear(canvas);
		columns_draw_row(&plan, canvas, 0, listing, &listing->table.rows[i]);
		canvas_to_text(canvas, 1, out);
	}
	return 0;
}

int view_text(FILE *out, const struct snapshot *snapshot, const struct view_options *options,
	      unsigned int width)
{
	AUTO_FILTER struct view_filter *filter = NULL;
	AUTO_LISTING struct listing listing = { 0 };
	int error = options->filter ? view_filter_new(options->filter, &filter) : 0;

	if (error < 0)
		return error;
	if (width && width < NARROWEST)
		width = NARROWEST;
	errno = 0;
	if (options->screen)
		return digit_screen_find(options->screen)->print(out, snapshot, options, width);
	error = listing_build(snapshot, options->grouping, options->value, filter, options->top,
			      &listing);
	if (error == 0)
		error = print_canvas(out, snapshot, &listing, width);
	if (error == 0)
		print_rest(out, &listing, snapshot);
	if (error == 0 && ferror(out))
		return errno ? -errno : -EIO;
	return error;
}
