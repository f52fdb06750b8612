/* The tracks of a timeline: one const table, and how the rows of the screen are shared among them.
 */
#ifndef VIEW_TIMELINE_TRACKS_H
#define VIEW_TIMELINE_TRACKS_H

#include "model/series.h"
#include "view/canvas.h"
#include "base/number.h"

struct track {
	const char *label;
	enum series_value value;
	enum style style;
	bool is_peak; /* the largest of a column is its value, else the mean (rates), the last */
	bool is_rate;
	bool if_known; /* left out when nothing is known of it */
	struct number (*number)(double value);
	int scale; /* the track that sets the height; < 0: its own */
};

enum track_index {
	TRACK_HEAP,
	TRACK_ALLOC,
	TRACK_RSS,
	TRACK_RSS_HEAP,
	TRACK_RSS_STACKS,
	TRACK_RSS_RUNTIME,
	TRACK_RSS_FILE,
	TRACK_RSS_OTHER,
	TRACK_GOROUTINES,
	TRACK_GC,
	TRACK_PAUSE,
	TRACK_ITABS,
	TRACK_REFLECT,
	TRACK_COUNT
};
extern const struct track tracks[TRACK_COUNT];

/* The value of a column as it is shown. */
double track_value(const struct track *track, const struct series_range *range);

/* Rows for each track, for the named groups below TRACK_ALLOC, and for the rest of them. The axis
 * takes one more. */
struct track_plan {
	int rows[TRACK_COUNT];
	int named;
	bool rest;
};

/* `known` has a bit for each track that has data, `named` is how many groups there are. */
void tracks_plan(unsigned int known, int named, int rows, struct track_plan *ret);

/* Columns for labels and values, and those left for the plot. */
int timeline_label_columns(int canvas_columns);
int timeline_plot_columns(int canvas_columns);

#endif
