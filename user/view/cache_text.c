/* `--by cache`: the head and the page of caches, printed. */
#include <errno.h>

#include "view/cache_page.h"
#include "view/canvas.h"
#include "view/head.h"
#include "view/ui.h"

#define HEAD_WIDTH 200 /* of text that nobody said a width for */

int cache_text(FILE *out, const struct snapshot *snapshot, const struct view_options *options,
	       unsigned int width)
{
	AUTO_CANVAS struct canvas *canvas = NULL;
	struct head head = { .snapshot = snapshot, .parts = &snapshot->rss, .state = "" };
	struct page page = { 0 };
	int error = canvas_new(HEAD_LINES + 2, width ? (int)width : HEAD_WIDTH,
			       canvas_locale_is_unicode(), &canvas);

	(void)options; /* caches are few: every one is shown */
	if (error < 0)
		return error;
	errno = 0;
	canvas_to_text(canvas, head_draw(&head, canvas, 0, HEAD_LINES) + 1, out);
	cache_page(snapshot, &page);
	for (size_t i = 0; i < page.count; i++)
		fprintf(out, "%s\n", page.items[i].text);
	error = page.cut ? -ENOMEM : 0;
	page_clear(&page);
	if (error == 0 && ferror(out))
		error = errno ? -errno : -EIO;
	return error;
}
