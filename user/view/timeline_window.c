/* The window on a series: zoom, pan and cursor, all in column numbers. Column n stands for the time
 * after n lengths since 1970 up to n + 1. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "view/timeline.h"
#include "view/timeline_tracks.h"

#define MS 1000000LL
#define S  (1000 * MS)

static const int64_t steps_ns[] = {
	10 * MS,  20 * MS,  50 * MS,  100 * MS, 200 * MS,  500 * MS,  S,       2 * S,
	5 * S,	  10 * S,   20 * S,   30 * S,	60 * S,	   120 * S,   300 * S, 600 * S,
	1200 * S, 1800 * S, 3600 * S, 7200 * S, 14400 * S, 86400 * S,
};
#define STEPS ((int)(sizeof(steps_ns) / sizeof(*steps_ns)))

/* The finest step that an interval about fills: shorter columns would show nothing more, and one
 * interval that was late must not change the picture. */
static int finest(const struct timeline *timeline)
{
	int64_t typical_ns = timeline->series->cadence.typical_ns;
	int step = 0;

	while (step < STEPS - 1 && steps_ns[step] * 3 < typical_ns * 2)
		step++;
	return step;
}

static int step_of(const struct timeline *timeline)
{
	int least = finest(timeline);

	return timeline->step > least ? timeline->step : least;
}

int64_t timeline_column_ns(const struct timeline *timeline)
{
	return steps_ns[step_of(timeline)];
}

/* A column has the moment at its end, and not the one at its beginning. */
static int64_t number_of(int64_t time_ns, int64_t column_ns)
{
	return (time_ns - 1) / column_ns;
}

void timeline_init(struct timeline *timeline, const struct series *series, size_t grouping)
{
	*timeline = (struct timeline){ .series = series,
				       .grouping = grouping,
				       .until_ns = INT64_MAX,
				       .step = -1,
				       .columns = 1 };
}

bool timeline_ends(const struct timeline *timeline, int64_t *ret_first, int64_t *ret_last)
{
	const struct series *series = timeline->series;
	int64_t column_ns = timeline_column_ns(timeline), last_ns;

	if (!series->count || series->points[0].end_ns > timeline->until_ns)
		return false;
	last_ns = series->points[series->count - 1].end_ns;
	*ret_first = number_of(series->points[0].end_ns, column_ns);
	*ret_last =
		number_of(last_ns < timeline->until_ns ? last_ns : timeline->until_ns, column_ns);
	return true;
}

int64_t timeline_right(const struct timeline *timeline)
{
	int64_t first = 0, last = 0;

	timeline_ends(timeline, &first, &last);
	return timeline->moved ? timeline->right : last;
}

int64_t timeline_cursor(const struct timeline *timeline)
{
	return timeline->moved ? timeline->cursor : timeline_right(timeline);
}

void timeline_fit(struct timeline *timeline, int canvas_columns)
{
	int64_t first, last, room = timeline_plot_columns(canvas_columns);

	timeline->step = finest(timeline);
	while (timeline_ends(timeline, &first, &last) && last - first >= room &&
	       timeline->step < STEPS - 1)
		timeline->step++;
}

bool timeline_zoom(struct timeline *timeline, int by)
{
	int old = step_of(timeline), step = old + by, least = finest(timeline);
	int64_t cursor = timeline_cursor(timeline), right = timeline_right(timeline);
	int64_t middle_ns = cursor * steps_ns[old] + steps_ns[old] / 2;

	if (step < least || step >= STEPS)
		return false;
	timeline->step = step;
	/* the cursor stays at its time and at its place on the screen */
	timeline->cursor = middle_ns / steps_ns[step];
	timeline->right = timeline->cursor + (right - cursor);
	return true;
}

static void clamp(struct timeline *timeline, int64_t first, int64_t last)
{
	int64_t quarter = timeline->columns / 4;

	if (timeline->cursor < first)
		timeline->cursor = first;
	if (timeline->cursor > last)
		timeline->cursor = last;
	if (timeline->cursor <= timeline->right - timeline->columns)
		timeline->right = timeline->cursor + timeline->columns - 1 - quarter;
	if (timeline->cursor > timeline->right)
		timeline->right = timeline->cursor + quarter;
	if (timeline->right < first + timeline->columns - 1)
		timeline->right = first + timeline->columns - 1;
	if (timeline->right > last)
		timeline->right = last;
}

/* Back at the newest column the window goes with the time again. */
void timeline_move(struct timeline *timeline, int64_t columns)
{
	int64_t first, last;

	if (!timeline_ends(timeline, &first, &last))
		return;
	timeline->right = timeline_right(timeline);
	timeline->cursor = timeline_cursor(timeline) + columns;
	if (!timeline->moved)
		timeline->right = last;
	clamp(timeline, first, last);
	timeline->moved = timeline->cursor < last;
}

void timeline_page(struct timeline *timeline, int direction)
{
	int64_t first, last, half = timeline->columns / 2 ? timeline->columns / 2 : 1;

	if (!timeline_ends(timeline, &first, &last))
		return;
	timeline->right = timeline_right(timeline) + direction * half;
	timeline->cursor = timeline_cursor(timeline) + direction * half;
	clamp(timeline, first, last);
	timeline->moved = timeline->cursor < last;
}

void timeline_first(struct timeline *timeline)
{
	timeline_move(timeline, INT32_MIN);
}

void timeline_follow(struct timeline *timeline)
{
	timeline->moved = false;
}

struct timeline_clock timeline_clock(const struct timeline *timeline, int64_t column)
{
	int64_t column_ns = timeline_column_ns(timeline), time_ns = (column + 1) * column_ns;
	time_t seconds = (time_t)(time_ns / S);
	struct timeline_clock clock;
	struct tm local;

	localtime_r(&seconds, &local);
	strftime(clock.text, sizeof(clock.text), column_ns >= 86400 * S ? "%m-%d" : "%H:%M:%S",
		 &local);
	if (column_ns < S)
		snprintf(clock.text + strlen(clock.text), 5, ".%02d",
			 (int)(time_ns % S / (10 * MS)));
	return clock;
}

/* What the series had to leave out is said where it is shown. */
static void describe_losses(const struct series *series, char *out, size_t out_size)
{
	size_t length = strlen(out);

	if (series->backwards)
		snprintf(out + length, out_size - length, "; LOST %s: the clock was set back",
			 number_count((double)series->backwards).text);
	length = strlen(out);
	if (series->dropped)
		snprintf(out + length, out_size - length, "; the oldest %s are gone",
			 number_count((double)series->dropped).text);
}

void timeline_describe(const struct timeline *timeline, char *out, size_t out_size)
{
	int64_t first, last, right = timeline_right(timeline);
	int64_t left = right - timeline->columns + 1;

	if (!timeline_ends(timeline, &first, &last)) {
		snprintf(out, out_size, "nothing was seen yet");
		return;
	}
	snprintf(out, out_size, "%s to %s, %s per column, by %s, %s%s",
		 timeline_clock(timeline, left < first ? first - 1 : left - 1).text,
		 timeline_clock(timeline, right < last ? right : last).text,
		 number_duration((double)timeline_column_ns(timeline)).text,
		 groupings[timeline->grouping].name, timeline->moved ? "values at " : "now",
		 timeline->moved ? timeline_clock(timeline, timeline->cursor).text : "");
	describe_losses(timeline->series, out, out_size);
}

int timeline_note(const struct snapshot *snapshot, struct canvas *canvas, int row)
{
	if (!snapshot->gc_events.note)
		return 0;
	canvas_put_left(canvas, row, 0, canvas->columns, STYLE_NOTE, snapshot->gc_events.note);
	return 1;
}
