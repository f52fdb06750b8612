/* The cell buffer. Its one idea: whatever text comes, one cell is one column of the terminal. */
#include "view/canvas.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "view/utf8.h"

#define MAX_CELLS (1 << 20) /* 4 times a terminal of 500 x 500 */

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

int canvas_new(int rows, int columns, bool unicode, struct canvas **ret)
{
	AUTO_CANVAS struct canvas *canvas = calloc(1, sizeof(*canvas));

	if (!canvas)
		return -ENOMEM;
	canvas->columns = clamp(columns, 1, MAX_CELLS);
	canvas->rows = clamp(rows, 1, MAX_CELLS / canvas->columns);
	canvas->unicode = unicode;
	canvas->cells =
		calloc((size_t)canvas->rows * (size_t)canvas->columns, sizeof(*canvas->cells));
	if (!canvas->cells)
		return -ENOMEM;
	canvas_clear(canvas);
	*ret = TAKE(canvas);
	return 0;
}

void canvas_clear(struct canvas *canvas)
{
	for (int i = 0; i < canvas->rows * canvas->columns; i++)
		canvas->cells[i] = (struct cell){ ' ', STYLE_PLAIN };
}

void canvas_free(struct canvas *canvas)
{
	if (canvas)
		free(canvas->cells);
	free(canvas);
}

bool canvas_locale_is_unicode(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* Columns of a character, and what is shown in its place: control characters, characters that the
 * terminal cannot show and those without a width of their own would break the picture. */
static int displayed(bool unicode, uint32_t *character)
{
	int width;

	if (*character < 0x80) {
		if (*character < 0x20 || *character == 0x7f)
			*character = '?';
		return 1;
	}
	width = unicode ? wcwidth((wchar_t)*character) : -1;
	if (width < 1)
		*character = '?';
	return width < 1 ? 1 : width;
}

static struct cell *cell_at(struct canvas *canvas, int row, int column)
{
	if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns)
		return NULL;
	return &canvas->cells[row * canvas->columns + column];
}

int canvas_put_character(struct canvas *canvas, int row, int column, enum style style,
			 uint32_t character)
{
	int width = displayed(canvas->unicode, &character);
	struct cell *cell = cell_at(canvas, row, column);
	struct cell *half = width == 2 ? cell_at(canvas, row, column + 1) : NULL;

	if (cell)
		*cell = (struct cell){ width == 2 && !half ? ' ' : character, style };
	if (cell && half)
		*half = (struct cell){ 0, style };
	return column + width;
}

int canvas_put(struct canvas *canvas, int row, int column, enum style style, const char *text)
{
	uint32_t character;

	while (*text && column < canvas->columns) {
		text += utf8_decode(text, &character);
		column = canvas_put_character(canvas, row, column, style, character);
	}
	return column + canvas_text_width(canvas->unicode, text);
}

int canvas_print(struct canvas *canvas, int row, int column, enum style style, const char *format,
		 ...)
{
	AUTO_FREE char *text = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		text = NULL;
		return column;
	}
	return canvas_put(canvas, row, column, style, text);
}

int canvas_text_width(bool unicode, const char *text)
{
	uint32_t character;
	int width = 0;

	while (*text) {
		text += utf8_decode(text, &character);
		width += displayed(unicode, &character);
	}
	return width;
}

int canvas_put_left(struct canvas *canvas, int row, int column, int width, enum style style,
		    const char *text)
{
	int end = column + width;
	bool cut = canvas_text_width(canvas->unicode, text) > width;
	uint32_t character;

	while (*text) {
		text += utf8_decode(text, &character);
		if (column + displayed(canvas->unicode, &character) > end - cut)
			break;
		column = canvas_put_character(canvas, row, column, style, character);
	}
	if (cut && width > 0)
		canvas_put_character(canvas, row, column, style, '~');
	return end;
}

int canvas_put_right(struct canvas *canvas, int row, int column, int width, enum style style,
		     const char *text)
{
	int left = canvas_text_width(canvas->unicode, text);
	bool cut = left > width;
	uint32_t character;

	while (*text && left > width - cut) {
		text += utf8_decode(text, &character);
		left -= displayed(canvas->unicode, &character);
	}
	if (cut && width > 0)
		canvas_put_character(canvas, row, column + width - left - 1, style, '~');
	canvas_put(canvas, row, column + width - left, style, text);
	return column + width;
}

void canvas_restyle(struct canvas *canvas, int row, int column, int width, enum style style)
{
	for (int i = 0; i < width; i++) {
		struct cell *cell = cell_at(canvas, row, column + i);

		if (cell)
			cell->style = style;
	}
}

static int line_length(const struct cell *cells, int columns)
{
	while (columns > 0 && cells[columns - 1].character == ' ')
		columns--;
	return columns;
}

void canvas_to_text(const struct canvas *canvas, int rows, FILE *out)
{
	for (int row = 0; row < rows && row < canvas->rows; row++) {
		const struct cell *cells = &canvas->cells[row * canvas->columns];
		int length = line_length(cells, canvas->columns);

		for (int i = 0; i < length; i++) {
			char bytes[4];

			if (cells[i].character)
				fwrite(bytes, 1, utf8_encode(cells[i].character, bytes), out);
		}
		fputc('\n', out);
	}
}

void canvas_to_styles(const struct canvas *canvas, int rows, FILE *out)
{
#define STYLE_LETTER(symbol, letter) letter,
	static const char letters[] = { STYLES(STYLE_LETTER) };
#undef STYLE_LETTER

	for (int row = 0; row < rows && row < canvas->rows; row++) {
		const struct cell *cells = &canvas->cells[row * canvas->columns];

		for (int i = 0; i < canvas->columns; i++)
			fputc(letters[cells[i].style], out);
		fputc('\n', out);
	}
}
