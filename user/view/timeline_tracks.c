/* What tracks there are, and who gets how many rows. */
#include "view/timeline_tracks.h"

#include <math.h>

#define NARROWEST_LABELS 28
#define WIDEST_LABELS	 48

const struct track tracks[TRACK_COUNT] = {
	[TRACK_HEAP] = { "heap in use", SERIES_HEAP_INUSE, STYLE_BAR, false, false, false,
			 number_bytes, -1 },
	[TRACK_ALLOC] = { "allocates", SERIES_ALLOC_RATE, STYLE_BAR, false, true, false,
			  number_bytes_rate, -1 },
	[TRACK_RSS] = { "rss", SERIES_RSS, STYLE_BAR, false, false, false, number_bytes, -1 },
	[TRACK_RSS_HEAP] = { "  heap", SERIES_RSS_HEAP, STYLE_BAR_HEAP, false, false, true,
			     number_bytes, TRACK_RSS },
	[TRACK_RSS_STACKS] = { "  stacks", SERIES_RSS_STACKS, STYLE_BAR_STACKS, false, false, true,
			       number_bytes, TRACK_RSS },
	[TRACK_RSS_RUNTIME] = { "  runtime", SERIES_RSS_RUNTIME, STYLE_BAR_RUNTIME, false, false,
				true, number_bytes, TRACK_RSS },
	[TRACK_RSS_FILE] = { "  file", SERIES_RSS_FILE, STYLE_BAR_FILE, false, false, true,
			     number_bytes, TRACK_RSS },
	[TRACK_RSS_OTHER] = { "  other", SERIES_RSS_OTHER, STYLE_BAR_OTHER, false, false, true,
			      number_bytes, TRACK_RSS },
	[TRACK_GOROUTINES] = { "goroutines", SERIES_GOROUTINES, STYLE_BAR, false, false, true,
			       number_count, -1 },
	[TRACK_GC] = { "gc cycles", SERIES_GC_RATE, STYLE_BAR_RUNTIME, false, true, false,
		       number_count_rate, -1 },
	[TRACK_PAUSE] = { "longest pause", SERIES_PAUSE_NS, STYLE_ALARM, true, false, false,
			  number_duration, -1 },
	[TRACK_ITABS] = { "itabs added", SERIES_ITABS_RATE, STYLE_BAR_OTHER, false, true, false,
			  number_count_rate, -1 },
	[TRACK_REFLECT] = { "reflect types", SERIES_REFLECT_RATE, STYLE_BAR_OTHER, false, true,
			    true, number_count_rate, -1 },
};

double track_value(const struct track *track, const struct series_range *range)
{
	return track->is_peak ? range->high : track->is_rate ? range->mean : range->last;
}

/* Which one goes or grows: a track, or the named groups. */
#define NAMED TRACK_COUNT

static int *rows_of(struct track_plan *plan, int which)
{
	return which == NAMED ? &plan->named : &plan->rows[which];
}

static int sum(const struct track_plan *plan)
{
	int sum = plan->named + plan->rest + 1;

	for (int i = 0; i < TRACK_COUNT; i++)
		sum += plan->rows[i];
	return sum;
}

/* The least important first, as far as the screen is too small. */
static void shrink(struct track_plan *plan, int rows)
{
	static const struct {
		int which, to;
	} steps[] = {
		{ NAMED, 2 },
		{ TRACK_RSS_OTHER, 0 },
		{ TRACK_RSS_FILE, 0 },
		{ TRACK_RSS_RUNTIME, 0 },
		{ TRACK_RSS_STACKS, 0 },
		{ TRACK_RSS_HEAP, 0 },
		{ TRACK_REFLECT, 0 },
		{ TRACK_GOROUTINES, 0 },
		{ NAMED, 0 },
		{ TRACK_ITABS, 0 },
		{ TRACK_PAUSE, 0 },
		{ TRACK_RSS, 0 },
		{ TRACK_GC, 0 },
		{ TRACK_HEAP, 1 },
		{ TRACK_ALLOC, 0 },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		int *part = rows_of(plan, steps[i].which);

		while (sum(plan) > rows && *part > steps[i].to)
			--*part;
		plan->rest &= plan->named > 0;
	}
}

/* What there is more is given to whom it helps most, in turns. */
static void grow(struct track_plan *plan, int named, int rows)
{
	static const struct {
		int which, to;
	} steps[] = {
		{ TRACK_HEAP, 3 },  { NAMED, 4 },      { TRACK_ALLOC, 2 }, { TRACK_HEAP, 4 },
		{ NAMED, 6 },	    { TRACK_RSS, 2 },  { TRACK_HEAP, 5 },  { NAMED, SERIES_SPLIT },
		{ TRACK_ALLOC, 3 }, { TRACK_HEAP, 6 }, { TRACK_RSS, 3 },   { TRACK_ALLOC, 4 },
		{ TRACK_HEAP, 8 },  { TRACK_RSS, 4 },  { TRACK_ALLOC, 6 }, { TRACK_HEAP, 12 },
		{ TRACK_RSS, 6 },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		int *part = rows_of(plan, steps[i].which);
		int most = steps[i].to;

		if (steps[i].which == NAMED)
			most = !plan->rest ? 0 : named < most ? named : most;
		while (sum(plan) < rows && *part < most)
			++*part;
	}
}

void tracks_plan(unsigned int known, int named, int rows, struct track_plan *ret)
{
	*ret = (struct track_plan){ .named = named < 3 ? named : 3, .rest = named > 0 };
	for (int i = 0; i < TRACK_COUNT; i++)
		ret->rows[i] = !tracks[i].if_known || (known & 1u << i);
	ret->rows[TRACK_HEAP] = 2;
	shrink(ret, rows);
	grow(ret, named, rows);
}

int timeline_label_columns(int canvas_columns)
{
	int third = canvas_columns / 3;

	return third < NARROWEST_LABELS ? NARROWEST_LABELS
	       : third > WIDEST_LABELS	? WIDEST_LABELS
					: third;
}

int timeline_plot_columns(int canvas_columns)
{
	int columns = canvas_columns - timeline_label_columns(canvas_columns);

	return columns > 1 ? columns : 1;
}
