/*
 * Aligned tracks over time: which part of a series is shown, and its picture. Time is cut into
 * columns of one length, counted from 1970, so that nothing shimmers as time goes on.
 */
#ifndef VIEW_TIMELINE_H
#define VIEW_TIMELINE_H

#include "model/series.h"
#include "view/canvas.h"

struct timeline {
	const struct series *series;
	size_t grouping;  /* whose names share the allocation rate: index into groupings */
	int64_t until_ns; /* nothing later is shown; INT64_MAX: everything */
	int step;   /* length of a column, from a ladder; < 0: the finest that fits the data */
	bool moved; /* else the newest column is at the right and under the cursor */
	int64_t right, cursor; /* column numbers, as of `moved` */
	int columns;	       /* that the last picture had room for */
};

void timeline_init(struct timeline *timeline, const struct series *series, size_t grouping);
/* The finest columns with which all of the series is seen at once. */
void timeline_fit(struct timeline *timeline, int canvas_columns);

/* Longer columns for `by` > 0, shorter for < 0; false at the end of the ladder. */
bool timeline_zoom(struct timeline *timeline, int by);
/* The cursor by so many columns, the window with it where it would leave that. */
void timeline_move(struct timeline *timeline, int64_t columns);
/* Half a window further. */
void timeline_page(struct timeline *timeline, int direction);
void timeline_first(struct timeline *timeline);
void timeline_follow(struct timeline *timeline);

void timeline_draw(struct timeline *timeline, struct canvas *canvas, int row, int rows);
/* A line about how GC events were got, where that is not one by one; returns the rows it took. */
int timeline_note(const struct snapshot *snapshot, struct canvas *canvas, int row);
/* What is shown, in words: the span, the length of a column, where the cursor is. */
void timeline_describe(const struct timeline *timeline, char *out, size_t out_size);

/* ---- between the files of the timeline ---- */
int64_t timeline_column_ns(const struct timeline *timeline);
/* The numbers of the first and last columns that there are data for; false without any. */
bool timeline_ends(const struct timeline *timeline, int64_t *ret_first, int64_t *ret_last);
/* The columns at the right edge and under the cursor. */
int64_t timeline_right(const struct timeline *timeline);
int64_t timeline_cursor(const struct timeline *timeline);
/* The end of a column as a time of day. */
struct timeline_clock {
	char text[24];
};
struct timeline_clock timeline_clock(const struct timeline *timeline, int64_t column);

#endif
