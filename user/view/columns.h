/* The columns of the table: one const table of verbs; which of them are shown follows from the
 * width. */
#ifndef VIEW_COLUMNS_H
#define VIEW_COLUMNS_H

#include "view/canvas.h"
#include "view/listing.h"

enum cell_align {
	CELL_RIGHT,
	CELL_HEAD, /* left; the beginning stays when it is too long */
	CELL_TAIL, /* left; the end stays */
	CELL_NAME, /* left; the end stays, of types and what is boxed the beginning */
};

struct column {
	const char *title; /* NULL: that of the grouping */
	int width;	   /* 0: what is left */
	int from_columns;  /* the screen's width from which it is shown */
	enum cell_align align;
	int more;	 /* columns more on wide screens */
	int bar_columns; /* of these, the first are a bar of the row's share */
	/* The cell's text, for `width` columns (0: any number). */
	void (*text)(const struct listing *listing, const struct row *row, int width, char *out,
		     size_t out_size);
	/* < 0: `a` comes first. NULL: nothing to sort by. */
	int (*compare)(const struct listing *listing, const struct row *a, const struct row *b);
	const char *sort_name; /* "sorted by ..." */
	/* Whether it says something here; NULL: always. */
	bool (*fits)(const struct listing *listing);
};

/* All columns, from left to right; sorting goes through them in this order. The first is the value.
 */
extern const struct column columns[];
extern const size_t column_count;

#define COLUMN_TEXT 1024 /* bytes of one cell */

/* The columns that fit, with their places. */
#define COLUMN_PLACES 12
struct column_plan {
	size_t count;
	const struct column *columns[COLUMN_PLACES];
	int at[COLUMN_PLACES], widths[COLUMN_PLACES];
	int total; /* columns taken, the selection mark included */
};

/* total 0: every column, the names as wide as the widest. `mark` columns stay free at the left. */
void columns_plan(const struct listing *listing, int total, int mark, struct column_plan *ret);

void columns_draw_titles(const struct column_plan *plan, struct canvas *canvas, int row,
			 const struct listing *listing, const struct column *sorted);
void columns_draw_row(const struct column_plan *plan, struct canvas *canvas, int row,
		      const struct listing *listing, const struct row *data);

/* A Go name shortened to fit into `width` columns where dropping import paths and type arguments is
 * enough (0: no limit). */
void columns_short_name(const char *name, int width, char *out, size_t out_size);

/* Sorts the rows shown; equal ones by name and place. */
void columns_sort(struct listing *listing, const struct column *by, bool reversed);

#endif
