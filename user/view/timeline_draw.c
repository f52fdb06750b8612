/* The picture of a timeline: labels with the values under the cursor, the tracks, the axis. A
 * column without data stays empty in all of them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/columns.h"
#include "view/graph.h"
#include "view/timeline.h"
#include "view/timeline_tracks.h"

#define VALUE_COLUMNS 10
#define TICK_COLUMNS  12 /* between two times on the axis, at least */

struct column_data {
	bool known;
	struct series_point point;
	struct series_split split;
};

struct picture {
	const struct timeline *timeline;
	struct canvas *canvas;
	int labels, count; /* columns of the labels, of the plot */
	int64_t left;	   /* number of the first column */
	struct column_data *columns;
	const struct column_data *at; /* under the cursor; NULL: not in sight */
	int cursor;		      /* where that is in the plot, -1: not to be marked */
	uint32_t groups[SERIES_SPLIT];
	int named;
};

/* A row of numbers to be drawn: `value` of each column (NAN: none), its `low`, and the scale. */
struct plot {
	double *value, *low;
	double scale;
	enum style style;
};

static void look_up(struct picture *picture)
{
	const struct timeline *timeline = picture->timeline;
	int64_t column_ns = timeline_column_ns(timeline);

	for (int i = 0; i < picture->count; i++) {
		struct column_data *column = &picture->columns[i];
		int64_t begin_ns = (picture->left + i) * column_ns;
		int64_t end_ns = begin_ns + column_ns;

		if (end_ns > timeline->until_ns)
			end_ns = timeline->until_ns;
		column->known = begin_ns < end_ns &&
				series_look(timeline->series, begin_ns, end_ns, timeline->grouping,
					    &column->point, &column->split);
	}
}

static int open_picture(struct timeline *timeline, struct canvas *canvas, struct picture *picture)
{
	int64_t right, cursor, column_ns = timeline_column_ns(timeline);

	timeline->columns = timeline_plot_columns(canvas->columns);
	right = timeline_right(timeline);
	cursor = timeline_cursor(timeline) - (right - timeline->columns + 1);
	*picture = (struct picture){
		.timeline = timeline,
		.canvas = canvas,
		.labels = timeline_label_columns(canvas->columns),
		.count = timeline->columns,
		.left = right - timeline->columns + 1,
		.cursor = timeline->moved ? (int)cursor : -1,
	};
	picture->columns = calloc((size_t)picture->count, sizeof(*picture->columns));
	if (!picture->columns)
		return -ENOMEM;
	look_up(picture);
	if (cursor >= 0 && cursor < picture->count && picture->columns[cursor].known)
		picture->at = &picture->columns[cursor];
	picture->named = (int)series_top(timeline->series, picture->left * column_ns,
					 (right + 1) * column_ns, timeline->grouping,
					 picture->groups, SERIES_SPLIT);
	return 0;
}

static void close_picture(struct picture *picture)
{
	free(picture->columns);
}

/* A bit for each track of which something is known. */
static unsigned int known_tracks(const struct picture *picture)
{
	unsigned int known = 0;

	for (int i = 0; i < picture->count; i++)
		for (int track = 0; picture->columns[i].known && track < TRACK_COUNT; track++)
			if (!isnan(picture->columns[i].point.values[tracks[track].value].high))
				known |= 1u << track;
	return known;
}

static double highest(const struct picture *picture, enum series_value value)
{
	double highest = 0;

	for (int i = 0; i < picture->count; i++)
		if (picture->columns[i].known)
			highest = fmax(highest, picture->columns[i].point.values[value].high);
	return highest;
}

static double scale_of(const struct picture *picture, enum track_index track)
{
	int from = tracks[track].scale < 0 ? (int)track : tracks[track].scale;
	double scale = highest(picture, tracks[from].value);

	return track == TRACK_HEAP ? fmax(scale, highest(picture, SERIES_HEAP_GOAL)) : scale;
}

/* What is known to be nothing is not the same as what is not known: it gets the lowest mark. */
static int level_of(double value, double scale, int full)
{
	if (!(value > 0) || !(scale > 0))
		return 1;
	return (int)fmin(full, fmax(2, lround(value / scale * full)));
}

static void draw_column(struct canvas *canvas, int row, int rows, int column,
			const struct plot *plot, int index)
{
	int steps = graph_steps(canvas), level, low;

	if (isnan(plot->value[index]))
		return;
	level = level_of(plot->value[index], plot->scale, rows * steps);
	low = level_of(plot->low[index], plot->scale, rows * steps);
	for (int i = 0; i < rows && level > i * steps; i++)
		graph_column(canvas, row + rows - 1 - i, column,
			     low > i * steps ? plot->style : STYLE_DIM, level - i * steps);
}

static void draw_plot(const struct picture *picture, int row, int rows, const struct plot *plot)
{
	for (int i = 0; i < picture->count; i++)
		draw_column(picture->canvas, row, rows, picture->labels + i, plot, i);
}

static int open_plot(const struct picture *picture, struct plot *plot)
{
	plot->value = calloc(2 * (size_t)picture->count, sizeof(*plot->value));
	plot->low = plot->value ? plot->value + picture->count : NULL;
	return plot->value ? 0 : -ENOMEM;
}

static void close_plot(struct plot *plot)
{
	free(plot->value);
}

static void draw_label(const struct picture *picture, int row, const char *name, const char *value)
{
	int width = picture->labels - VALUE_COLUMNS - 2;

	canvas_put_left(picture->canvas, row, 0, width, STYLE_LABEL, name);
	canvas_put_right(picture->canvas, row, width + 1, VALUE_COLUMNS, STYLE_PLAIN, value);
}

/* The goal as a line over what is in use. */
static void draw_goal(const struct picture *picture, int row, int rows, double scale)
{
	struct canvas *canvas = picture->canvas;

	for (int i = 0; i < picture->count; i++) {
		const struct series_point *point = &picture->columns[i].point;
		double goal = point->values[SERIES_HEAP_GOAL].last;
		double inuse = point->values[SERIES_HEAP_INUSE].high;
		int at, filled;

		if (!picture->columns[i].known || isnan(goal) || !(scale > 0))
			continue;
		at = (int)fmin(rows - 1, floor(goal / scale * rows));
		filled = (level_of(inuse, scale, rows * graph_steps(canvas)) - 1) /
			 graph_steps(canvas);
		if (isnan(inuse) || at > filled)
			canvas_put_character(canvas, row + rows - 1 - at, picture->labels + i,
					     STYLE_NOTE, canvas->unicode ? 0x2500 : '~');
	}
}

static void label_goal(const struct picture *picture, int row)
{
	double goal = picture->at ? picture->at->point.values[SERIES_HEAP_GOAL].last : NAN;

	draw_label(picture, row, "  goal", number_bytes(goal).text);
}

static int draw_track(const struct picture *picture, enum track_index index, int row, int rows)
{
	const struct track *track = &tracks[index];
	struct plot plot = { .scale = scale_of(picture, index), .style = track->style };
	double at =
		picture->at ? track_value(track, &picture->at->point.values[track->value]) : NAN;

	if (!rows || open_plot(picture, &plot) < 0)
		return rows;
	for (int i = 0; i < picture->count; i++) {
		const struct series_range *range = &picture->columns[i].point.values[track->value];

		plot.value[i] = picture->columns[i].known ? range->high : NAN;
		plot.low[i] = range->low;
	}
	draw_label(picture, row, track->label, track->number(at).text);
	draw_plot(picture, row, rows, &plot);
	close_plot(&plot);
	if (index == TRACK_HEAP && rows > 1) {
		label_goal(picture, row + 1);
		draw_goal(picture, row, rows, plot.scale);
	}
	return rows;
}

static void label_group(const struct picture *picture, int row, const char *name, double rate)
{
	int width = picture->labels - VALUE_COLUMNS - 2;
	char text[COLUMN_TEXT];

	draw_label(picture, row, "", number_bytes_rate(rate).text);
	if (groupings[picture->timeline->grouping].by_line) {
		canvas_put_right(picture->canvas, row, 2, width - 2, STYLE_PLAIN, name);
		return;
	}
	columns_short_name(name, width - 2, text, sizeof(text));
	canvas_put_left(picture->canvas, row, 2, width - 2, STYLE_PLAIN, text);
}

/* The rate of the group; of all groups beyond the first `shown` when `group` is NULL. */
static double group_rate(const struct picture *picture, const struct column_data *column,
			 const uint32_t *group, int shown)
{
	double rest;

	if (!column || !column->known)
		return NAN;
	if (group)
		return series_split_rate(&column->split, *group);
	rest = column->split.rest;
	for (uint32_t i = 0; i < column->split.count; i++) {
		bool named = false;

		for (int j = 0; j < shown; j++)
			named |= picture->groups[j] == column->split.groups[i];
		rest += named ? 0 : column->split.rates[i];
	}
	return rest;
}

/* All on one scale, so that their heights can be compared. */
static double group_scale(const struct picture *picture, const struct track_plan *plan)
{
	double scale = 0;

	for (int i = 0; i < picture->count; i++) {
		const struct column_data *column = &picture->columns[i];

		for (int j = 0; j < plan->named; j++)
			scale = fmax(scale, group_rate(picture, column, &picture->groups[j], 0));
		scale = fmax(scale, group_rate(picture, column, NULL, plan->named));
	}
	return scale;
}

static int draw_group(const struct picture *picture, const struct track_plan *plan, int index,
		      int row)
{
	const uint32_t *group = index < plan->named ? &picture->groups[index] : NULL;
	const struct rates *rates = picture->timeline->series->rates[picture->timeline->grouping];
	struct plot plot = { .scale = group_scale(picture, plan), .style = STYLE_BAR };

	if (open_plot(picture, &plot) < 0)
		return 1;
	for (int i = 0; i < picture->count; i++)
		plot.value[i] = plot.low[i] =
			group_rate(picture, &picture->columns[i], group, plan->named);
	label_group(picture, row, group ? rates_name(rates, *group) : "(all others)",
		    group_rate(picture, picture->at, group, plan->named));
	draw_plot(picture, row, 1, &plot);
	close_plot(&plot);
	return 1;
}

/* A line where there are data, with the times below; times never overlap. */
static void draw_axis(const struct picture *picture, int row)
{
	struct canvas *canvas = picture->canvas;
	int64_t spacing = 1;

	while (spacing < TICK_COLUMNS)
		spacing = spacing == 1 ? 5 : spacing == 5 ? 10 : spacing * 2;
	for (int i = 0; i < picture->count; i++)
		if (picture->columns[i].known)
			canvas_put_character(canvas, row, picture->labels + i, STYLE_DIM,
					     canvas->unicode ? 0x2500 : '-');
	for (int i = 0; i < picture->count; i++) {
		struct timeline_clock clock = timeline_clock(picture->timeline, picture->left + i);

		/* the tick stands under the end of its column */
		if ((picture->left + i + 1) % spacing == 0 &&
		    i + (int)strlen(clock.text) < picture->count)
			canvas_print(canvas, row, picture->labels + i, STYLE_DIM, "|%s",
				     clock.text);
	}
}

static void mark_cursor(const struct picture *picture, int row, int rows)
{
	struct canvas *canvas = picture->canvas;
	int column = picture->labels + picture->cursor;

	if (picture->cursor < 0 || picture->cursor >= picture->count)
		return;
	for (int i = 0; i < rows; i++) {
		const struct cell *cell = &canvas->cells[(row + i) * canvas->columns + column];

		if (cell->character == ' ')
			canvas_put_character(canvas, row + i, column, STYLE_SELECTED,
					     canvas->unicode ? 0x2502 : '|');
		else
			canvas_restyle(canvas, row + i, column, 1, STYLE_SELECTED);
	}
	canvas_put_character(canvas, row + rows, column, STYLE_SELECTED, '^');
}

static int draw_tracks(const struct picture *picture, const struct track_plan *plan, int row)
{
	int at = row;

	for (int track = 0; track < TRACK_COUNT; track++) {
		at += draw_track(picture, (enum track_index)track, at, plan->rows[track]);
		for (int i = 0; track == TRACK_ALLOC && i < plan->named + plan->rest; i++)
			at += draw_group(picture, plan, i, at);
	}
	return at - row;
}

void timeline_draw(struct timeline *timeline, struct canvas *canvas, int row, int rows)
{
	struct track_plan plan;
	struct picture picture;
	int64_t first, last;
	int drawn;

	if (rows < 2)
		return;
	if (!timeline_ends(timeline, &first, &last)) {
		canvas_put(canvas, row, 0, STYLE_DIM, "nothing was seen yet");
		return;
	}
	if (open_picture(timeline, canvas, &picture) < 0) {
		canvas_put(canvas, row, 0, STYLE_ALARM, "out of memory");
		return;
	}
	tracks_plan(known_tracks(&picture), picture.named, rows, &plan);
	drawn = draw_tracks(&picture, &plan, row);
	draw_axis(&picture, row + drawn);
	mark_cursor(&picture, row, drawn);
	close_picture(&picture);
}
