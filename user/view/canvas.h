/*
 * What is on a screen, as cells: drawn by head, tables and pages, painted by the terminal, printed
 * as text by --once and by the tests. Everything is clipped; control characters never get in.
 */
#ifndef VIEW_CANVAS_H
#define VIEW_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"

/* Meanings, not looks: view/terminal.c decides what each looks like. X(symbol, letter in pictures)
 */
#define STYLES(X)                                                                                  \
	X(PLAIN, '.')                                                                              \
	X(DIM, 'd')                                                                                \
	X(STRONG, 's')                                                                             \
	X(LABEL, 'l')	 /* names of numbers in the head */                                        \
	X(COLUMN, 'c')	 /* column heads */                                                        \
	X(SORTED, 'C')	 /* the head of the column that sorts */                                   \
	X(SELECTED, 'S') /* the selected row */                                                    \
	X(BAR, 'b')                                                                                \
	X(BAR_HEAP, 'h')                                                                           \
	X(BAR_STACKS, 'k')                                                                         \
	X(BAR_RUNTIME, 'r')                                                                        \
	X(BAR_FILE, 'f')                                                                           \
	X(BAR_OTHER, 'o')                                                                          \
	X(NOTE, 'n')                                                                               \
	X(ALARM, 'a') /* losses, the end of the target */                                          \
	X(KEY, 'K')   /* keys in the bottom line */

enum style {
#define STYLE_ENUM(symbol, letter) STYLE_##symbol,
	STYLES(STYLE_ENUM)
#undef STYLE_ENUM
		STYLE_COUNT
};

struct cell {
	uint32_t character; /* 0: the right half of a wide character */
	enum style style;
};

struct canvas {
	int rows, columns;
	bool unicode;	    /* false: other characters than ASCII become '?' */
	struct cell *cells; /* rows * columns */
};

/* Blank. 0 or -ENOMEM, silent. Of more than 1,048,576 cells only so many rows are made. */
int canvas_new(int rows, int columns, bool unicode, struct canvas **ret);
void canvas_free(struct canvas *canvas);
DEFINE_CLEANUP(canvas_cleanup, struct canvas, canvas_free)
#define AUTO_CANVAS CLEANUP(canvas_cleanup)

void canvas_clear(struct canvas *canvas); /* blank again */

/* Whether the locale's characters are UTF-8. */
bool canvas_locale_is_unicode(void);

/* Writes the text and returns the column after it, also where that is outside. */
int canvas_put(struct canvas *canvas, int row, int column, enum style style, const char *text);
int canvas_print(struct canvas *canvas, int row, int column, enum style style, const char *format,
		 ...) __attribute__((format(printf, 5, 6)));
int canvas_put_character(struct canvas *canvas, int row, int column, enum style style,
			 uint32_t character);

/* Writes within `width` columns; what is too long ends in '~'. Returns column + width. */
int canvas_put_left(struct canvas *canvas, int row, int column, int width, enum style style,
		    const char *text);
/* The same, aligned to the right; what is too long loses its beginning ("~" in its place). */
int canvas_put_right(struct canvas *canvas, int row, int column, int width, enum style style,
		     const char *text);

/* Changes the style of cells, not their characters. */
void canvas_restyle(struct canvas *canvas, int row, int column, int width, enum style style);

/* Columns that the text takes on a canvas like this. */
int canvas_text_width(bool unicode, const char *text);

/* The first `rows` rows as lines without blanks at their ends. A write error shows in `out`. */
void canvas_to_text(const struct canvas *canvas, int rows, FILE *out);
/* The same picture with each cell's style letter (STYLES). */
void canvas_to_styles(const struct canvas *canvas, int rows, FILE *out);

#endif
