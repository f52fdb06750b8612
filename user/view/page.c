/* Growing and drawing of pages. A line that cannot be added is told by the page's last line. */
#include "view/page.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/vec.h"
#include "view/utf8.h"

void page_clear(struct page *page)
{
	for (size_t i = 0; i < page->count; i++)
		free(page->items[i].text);
	free(page->items);
	*page = (struct page){ 0 };
}

static void add(struct page *page, struct page_line line, const char *format, va_list arguments)
{
	if (page->cut || VEC_RESERVE(page, page->count + 1, PAGE_LINES) < 0 ||
	    vasprintf(&line.text, format, arguments) < 0) {
		page->cut = true;
		return;
	}
	page->items[page->count++] = line;
}

void page_section(struct page *page, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(page, (struct page_line){ .style = STYLE_COLUMN, .section = true }, format, arguments);
	va_end(arguments);
}

void page_add(struct page *page, enum style style, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(page, (struct page_line){ .style = style }, format, arguments);
	va_end(arguments);
}

/* The text without its first `pan` columns. */
static const char *panned(const char *text, int pan)
{
	uint32_t character;

	while (*text && pan-- > 0)
		text += utf8_decode(text, &character);
	return text;
}

void page_draw(const struct page *page, size_t top, int pan, size_t marked, struct canvas *canvas,
	       int row, int rows)
{
	for (int i = 0; i < rows && top + (size_t)i < page->count; i++) {
		const struct page_line *line = &page->items[top + (size_t)i];

		if (line->section)
			canvas_restyle(canvas, row + i, 0, canvas->columns, line->style);
		canvas_put_left(canvas, row + i, 0, canvas->columns, line->style,
				panned(line->text, pan));
		if (top + (size_t)i == marked)
			canvas_restyle(canvas, row + i, 0, canvas->columns, STYLE_SELECTED);
	}
	if (page->cut && top + (size_t)rows > page->count)
		canvas_put(canvas, row + (int)(page->count - top), 0, STYLE_ALARM,
			   "the rest is left out: too long");
}
