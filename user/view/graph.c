/* Small drawings from characters. Each maps a number to a glyph of a ladder; there are two ladders
 * per drawing, one of them ASCII. */
#include "view/graph.h"

#include <math.h>

#define LADDER(...)                                                                                \
	{                                                                                          \
		(const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4         \
	}

struct ladder {
	const uint32_t *glyphs; /* from the least to the full one */
	size_t count;
};

/* Left blocks U+258F..U+2588 and lower blocks U+2581..U+2588 */
static const struct ladder bar_unicode =
	LADDER(0x258f, 0x258e, 0x258d, 0x258c, 0x258b, 0x258a, 0x2589, 0x2588);
static const struct ladder bar_ascii = LADDER('-', '#');
static const struct ladder spark_unicode =
	LADDER(0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588);
static const struct ladder spark_ascii = LADDER('_', '.', '-', '=', '+', '*', '#');

void graph_bar(struct canvas *canvas, int row, int column, int width, double share)
{
	const struct ladder *ladder = canvas->unicode ? &bar_unicode : &bar_ascii;
	size_t steps = ladder->count, filled;

	if (!(share > 0) || width <= 0)
		return;
	filled = (size_t)lround(fmin(share, 1) * width * (double)steps);
	filled = filled ? filled : 1;
	for (int i = 0; filled > 0; i++) {
		size_t here = filled < steps ? filled : steps;

		canvas_put_character(canvas, row, column + i, STYLE_BAR, ladder->glyphs[here - 1]);
		filled -= here;
	}
}

static double largest(const double *values, size_t count)
{
	double largest = 0;

	for (size_t i = 0; i < count; i++)
		largest = fmax(largest, values[i]); /* fmax passes NaN over */
	return largest;
}

void graph_sparkline(struct canvas *canvas, int row, int column, int width, const double *values,
		     size_t count)
{
	const struct ladder *ladder = canvas->unicode ? &spark_unicode : &spark_ascii;
	size_t shown = width < 0 ? 0 : count < (size_t)width ? count : (size_t)width;
	double top;

	values += count - shown;
	top = largest(values, shown);
	for (size_t i = 0; i < shown; i++) {
		double height = top > 0 ? values[i] / top : 0;

		if (isnan(values[i]))
			continue;
		canvas_put_character(
			canvas, row, column + width - (int)(shown - i), STYLE_BAR,
			ladder->glyphs[lround(fmax(height, 0) * (double)(ladder->count - 1))]);
	}
}

static const struct ladder *column_ladder(const struct canvas *canvas)
{
	return canvas->unicode ? &spark_unicode : &spark_ascii;
}

int graph_steps(const struct canvas *canvas)
{
	return (int)column_ladder(canvas)->count;
}

void graph_column(struct canvas *canvas, int row, int column, enum style style, int level)
{
	const struct ladder *ladder = column_ladder(canvas);

	if (level > (int)ladder->count)
		level = (int)ladder->count;
	if (level > 0)
		canvas_put_character(canvas, row, column, style, ladder->glyphs[level - 1]);
}

static void draw_part(struct canvas *canvas, int row, int column, int width,
		      const struct graph_part *part)
{
	const char *name = part->name;

	for (int i = 0; i < width; i++)
		canvas_put_character(canvas, row, column + i, part->style,
				     *name ? (unsigned char)*name++ : '=');
}

void graph_parts(struct canvas *canvas, int row, int column, int width,
		 const struct graph_part *parts, size_t count)
{
	double sum = 0, before = 0;

	for (size_t i = 0; i < count; i++)
		sum += fmax(parts[i].value, 0);
	if (!(sum > 0))
		return;
	for (size_t i = 0; i < count; i++) {
		/* borders are rounded, not lengths, so that the lengths add up to the width */
		int from = (int)lround(before / sum * width);

		before += fmax(parts[i].value, 0);
		draw_part(canvas, row, column + from, (int)lround(before / sum * width) - from,
			  &parts[i]);
	}
}
