/* The timeline without a terminal: head and tracks, once. */
#include <errno.h>

#include "base/cleanup.h"
#include "view/head.h"
#include "view/timeline.h"
#include "view/view.h"

#define TEXT_COLUMNS 100
#define TRACK_ROWS   28

int view_timeline_text(FILE *out, const struct snapshot *snapshot, const struct series *series,
		       const struct view_options *options, unsigned int width)
{
	AUTO_CANVAS struct canvas *canvas = NULL;
	struct head head = { .snapshot = snapshot, .parts = &snapshot->rss, .state = "" };
	struct timeline timeline;
	char words[256];
	int row, error = canvas_new(HEAD_LINES + 2 + TRACK_ROWS, width ? (int)width : TEXT_COLUMNS,
				    canvas_locale_is_unicode(), &canvas);

	if (error < 0)
		return error;
	timeline_init(&timeline, series, (size_t)(options->grouping - groupings));
	timeline_fit(&timeline, canvas->columns);
	row = head_draw(&head, canvas, 0, HEAD_LINES);
	row += timeline_note(snapshot, canvas, row);
	timeline_draw(&timeline, canvas, row + 1, TRACK_ROWS);
	timeline_describe(&timeline, words, sizeof(words));
	canvas_put_left(canvas, row, 0, canvas->columns, STYLE_DIM, words);
	errno = 0;
	canvas_to_text(canvas, row + 1 + TRACK_ROWS, out);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}
