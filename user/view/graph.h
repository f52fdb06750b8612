/* Bars and sparklines on a canvas: block characters where the terminal has them, ASCII elsewhere.
 */
#ifndef VIEW_GRAPH_H
#define VIEW_GRAPH_H

#include <stddef.h>

#include "view/canvas.h"

/* `share` of `width` columns filled from the left; 0 < share shows at least the smallest mark. */
void graph_bar(struct canvas *canvas, int row, int column, int width, double share);

/* The last values, one per column, the newest in the rightmost; heights from 0 to the largest
 * shown. NaN is a gap. */
void graph_sparkline(struct canvas *canvas, int row, int column, int width, const double *values,
		     size_t count);

/* How many heights one cell can show. */
int graph_steps(const struct canvas *canvas);
/* One cell of a column of cells, filled from below to `level` (1 to graph_steps; more is full). */
void graph_column(struct canvas *canvas, int row, int column, enum style style, int level);

/* Parts of a whole. Each is filled with its name and '=', so that it can be read without colours.
 */
struct graph_part {
	double value;
	const char *name; /* ASCII */
	enum style style;
};
void graph_parts(struct canvas *canvas, int row, int column, int width,
		 const struct graph_part *parts, size_t count);

#endif
