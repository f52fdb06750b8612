/* Cells, UTF-8 of foreign origin, bars. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "harness/test.h"
#include "view/canvas.h"
#include "view/graph.h"
#include "view/utf8.h"

static const char *text_of(const struct canvas *canvas)
{
	static char text[1024];
	FILE *out = fmemopen(text, sizeof(text), "w");

	canvas_to_text(canvas, canvas->rows, out);
	fclose(out);
	return text;
}

static struct canvas *new_canvas(int rows, int columns, bool unicode)
{
	struct canvas *canvas = NULL;

	setlocale(LC_CTYPE, "C.UTF-8");
	CHECK_INT(canvas_new(rows, columns, unicode, &canvas), 0);
	return canvas;
}

TEST("text is clipped at every border, and the column after it is told")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(2, 6, true);

	CHECK_INT(canvas_put(canvas, 0, 4, STYLE_PLAIN, "abc"), 7);
	CHECK_INT(canvas_put(canvas, 1, -2, STYLE_PLAIN, "abc"), 1);
	canvas_put(canvas, -1, 0, STYLE_PLAIN, "x");
	canvas_put(canvas, 2, 0, STYLE_PLAIN, "x");
	canvas_put(canvas, 0, 1000000, STYLE_PLAIN, "x");
	CHECK_STRING(text_of(canvas), "    ab\nc\n");
}

TEST("a wide character takes two cells, and none when only one is left")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(1, 4, true);

	CHECK_INT(canvas_put(canvas, 0, 0, STYLE_PLAIN, "\xe6\xbc\xa2"), 2); /* U+6F22 */
	CHECK_INT(canvas_put(canvas, 0, 3, STYLE_PLAIN, "\xe6\xbc\xa2"), 5);
	CHECK_INT(canvas_put(canvas, 0, 2, STYLE_PLAIN, "x"), 3);
	CHECK_STRING(text_of(canvas), "\xe6\xbc\xa2x\n");
}

TEST("control characters, lone bytes and combining marks become one visible character")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(1, 20, true);

	CHECK_INT(canvas_put(canvas, 0, 0, STYLE_PLAIN, "a\x1b[\n\x7f\xc2\x85\xcc\x81z"), 8);
	CHECK_STRING(text_of(canvas), "a?[????z\n");
}

TEST("without UTF-8 everything is ASCII")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(1, 10, false);

	canvas_put(canvas, 0, 0, STYLE_PLAIN, "a\xc3\xa4\xe6\xbc\xa2z");
	CHECK_STRING(text_of(canvas), "a??z\n");
}

TEST("what is too long shows that it is cut, at the right end")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(4, 12, true);

	CHECK_INT(canvas_put_left(canvas, 0, 1, 5, STYLE_PLAIN, "abcdef"), 6);
	CHECK_INT(canvas_put_right(canvas, 1, 1, 5, STYLE_PLAIN, "abcdef"), 6);
	CHECK_INT(canvas_put_left(canvas, 2, 1, 6, STYLE_PLAIN, "abcdef"), 7);
	CHECK_INT(canvas_put_right(canvas, 3, 1, 8, STYLE_PLAIN, "abcdef"), 9);
	CHECK_STRING(text_of(canvas), " abcd~\n ~cdef\n abcdef\n   abcdef\n");
}

TEST("decoding UTF-8 takes what RFC 3629 allows and nothing else")
{
	static const struct {
		const char *text;
		size_t length;
		uint32_t character;
	} cases[] = {
		{ "a", 1, 'a' },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xc0\x80", 1, UTF8_REPLACEMENT },	     /* overlong */
		{ "\xe0\x80\x80", 1, UTF8_REPLACEMENT },     /* overlong */
		{ "\xed\xa0\x80", 1, UTF8_REPLACEMENT },     /* a surrogate */
		{ "\xf4\x90\x80\x80", 1, UTF8_REPLACEMENT }, /* above the last one */
		{ "\xe2\x82", 1, UTF8_REPLACEMENT },	     /* ends early */
		{ "\x80", 1, UTF8_REPLACEMENT },
		{ "\xff", 1, UTF8_REPLACEMENT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t character;

		CHECK_INT(utf8_decode(cases[i].text, &character), cases[i].length);
		CHECK_INT(character, cases[i].character);
	}
}

TEST("encoding and decoding are inverse for every character")
{
	for (uint32_t character = 1; character <= 0x10ffff; character++) {
		char bytes[5] = "";
		uint32_t back;

		if (character >= 0xd800 && character <= 0xdfff)
			continue;
		CHECK_INT(utf8_encode(character, bytes), utf8_decode(bytes, &back));
		CHECK_INT(back, character);
	}
}

TEST("cleaning keeps valid text and replaces each bad byte")
{
	AUTO_FREE char *same = utf8_clean("main.(*Gr\xc3\xb6\xc3\x9f"
					  "e).Do");
	AUTO_FREE char *fixed = utf8_clean("a\xff\xfe"
					   "b");

	CHECK_STRING(same, "main.(*Gr\xc3\xb6\xc3\x9f"
			   "e).Do");
	CHECK_STRING(fixed, "a\xef\xbf\xbd\xef\xbf\xbd"
			    "b");
}

TEST("a bar is as long as its share, and never empty for more than nothing")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(6, 10, false);

	graph_bar(canvas, 0, 0, 10, 0.5);
	graph_bar(canvas, 1, 0, 10, 1);
	graph_bar(canvas, 2, 0, 10, 7); /* not more than all */
	graph_bar(canvas, 3, 0, 10, 1e-9);
	graph_bar(canvas, 4, 0, 10, 0);
	graph_bar(canvas, 5, 0, 10, NAN);
	CHECK_STRING(text_of(canvas), "#####\n##########\n##########\n-\n\n\n");
}

TEST("a sparkline ends at the right with the newest value and leaves gaps")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(3, 6, false);
	const double values[] = { 100, 0, 3, NAN, 6 };

	graph_sparkline(canvas, 0, 0, 6, values, 5);
	graph_sparkline(canvas, 1, 0, 4, values, 5); /* the 100 has left the picture */
	graph_sparkline(canvas, 2, 0, 6, values, 0);
	CHECK_STRING(text_of(canvas), " #__ _\n"
				      "_= #\n\n");
}

TEST("parts of a whole fill the width together")
{
	AUTO_CANVAS struct canvas *canvas = new_canvas(1, 20, true);
	const struct graph_part parts[] = {
		{ 50, "heap", STYLE_BAR_HEAP },
		{ 0, "none", STYLE_BAR_FILE },
		{ 25, "a", STYLE_BAR_STACKS },
		{ 25, "other", STYLE_BAR_OTHER },
	};

	graph_parts(canvas, 0, 0, 20, parts, 4);
	CHECK_STRING(text_of(canvas), "heap======a====other\n");
}
