/* A text that can be scrolled: lines with a style and optional section heads. */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/canvas.h"

struct page_line {
	enum style style;
	bool section; /* Tab stops here */
	char *text;
};

/* Zero-initialised is empty. */
struct page {
	struct page_line *items;
	size_t count, capacity;
	bool cut; /* a line could not be added: no memory, or more than PAGE_LINES */
};
#define PAGE_LINES 20000 /* more than anybody scrolls through */

void page_clear(struct page *page);
void page_section(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_add(struct page *page, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Lines from `top` on, `pan` columns cut from the left; the line `marked` stands out. */
void page_draw(const struct page *page, size_t top, int pan, size_t marked, struct canvas *canvas,
	       int row, int rows);
#define PAGE_NO_MARK SIZE_MAX

#endif
