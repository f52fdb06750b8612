/* The lines of the head: a const table of what each draws, when it has something to say, and which
 * goes first when there is no room. A number that is not known is "?". */
#include "view/head.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "view/graph.h"
#include "base/cleanup.h"
#include "base/number.h"

#define LABEL_COLUMNS  7
#define SPARK_COLUMNS  60 /* at most: a minute at the default interval */
#define PARTS_COLUMNS  24
#define PARTS_NARROW   18 /* up to so many columns the types' numbers need the room */
#define NARROW	       90
#define ITEM_BYTES     96
#define WIDE_FOR_PARTS 140

static int label(struct canvas *canvas, int row, enum style style, const char *name)
{
	canvas_put(canvas, row, 0, style, name);
	return LABEL_COLUMNS;
}

static int put_if_it_fits(struct canvas *canvas, int row, int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Half a number is another number: whole, or not at all. Returns the column after it. */
static int put_if_it_fits(struct canvas *canvas, int row, int column, const char *format, ...)
{
	char text[ITEM_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (column + canvas_text_width(canvas->unicode, text) > canvas->columns)
		return column;
	return canvas_put(canvas, row, column, STYLE_PLAIN, text);
}

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

static void draw_title(const struct head *head, struct canvas *canvas, int row)
{
	const struct snapshot *snapshot = head->snapshot;
	int state = canvas_text_width(canvas->unicode, head->state);
	int at = canvas_print(canvas, row, 0, STYLE_STRONG, "%s %d", or_unknown(snapshot->comm),
			      snapshot->pid);

	at = canvas_print(canvas, row, at + 2, STYLE_PLAIN, "%s  %s",
			  or_unknown(snapshot->go_version), mode_name(snapshot->mode));
	if (snapshot->sampling_rate_bytes > 1)
		at = canvas_print(canvas, row, at, STYLE_PLAIN, ", 1 per %s",
				  number_bytes(snapshot->sampling_rate_bytes).text);
	canvas_print(canvas, row, at + 2, STYLE_DIM, "%s", number_clock(snapshot->elapsed_s).text);
	if (state)
		canvas_print(canvas, row, canvas->columns - state - 1, STYLE_ALARM, " %s",
			     head->state);
}

/* "0.43% of a CPU", or, where the budget is known, "0.43 of 1% CPU": as wide. */
static int draw_spent(const struct snapshot *snapshot, struct canvas *canvas, int row, int at)
{
	struct number spent = number_percent(snapshot->cost.target_cpu_percent);
	double budget = snapshot->governor.budget_percent;

	if (isnan(budget))
		return canvas_print(canvas, row, at, STYLE_PLAIN, "%s of a CPU", spent.text);
	spent.text[strcspn(spent.text, "%")] = '\0';
	return canvas_print(canvas, row, at, STYLE_PLAIN, "%s of %.3g%% CPU", spent.text, budget);
}

static int draw_probes(const struct snapshot *snapshot, struct canvas *canvas, int row, int at)
{
	const struct cost *cost = &snapshot->cost;

	at = canvas_print(canvas, row, at, STYLE_PLAIN,
			  "%s hits/s x %s = ", number_per_second(cost->hits_per_s).text,
			  number_duration(cost->trap_ns).text);
	at = draw_spent(snapshot, canvas, row, at);
	return canvas_print(canvas, row, at, STYLE_PLAIN, ", probes: %s",
			    number_count((double)cost->probes).text);
}

static void draw_cost(const struct head *head, struct canvas *canvas, int row)
{
	const struct cost *cost = &head->snapshot->cost;
	int at = label(canvas, row, STYLE_LABEL, "cost");

	if (cost->probes == 0)
		at = canvas_put(canvas, row, at, STYLE_PLAIN, "none in the target (no probes)");
	else
		at = draw_probes(head->snapshot, canvas, row, at);
	if (cost->longest_stall_ns != UNKNOWN)
		at = canvas_print(canvas, row, at, STYLE_PLAIN, ", stall <%s",
				  number_duration((double)cost->longest_stall_ns).text);
	at = put_if_it_fits(canvas, row, at, "  own %s",
			    number_percent(cost->self_cpu_percent).text);
	put_if_it_fits(canvas, row, at, ", %s", number_bytes((double)cost->self_rss_bytes).text);
}

static void draw_heap(const struct head *head, struct canvas *canvas, int row)
{
	const struct heap_counters *heap = &head->snapshot->heap;
	int at = label(canvas, row, STYLE_LABEL, "heap"), left;

	at = canvas_print(canvas, row, at, STYLE_PLAIN, "%s of goal %s, %s objects",
			  number_bytes((double)heap->inuse_bytes).text,
			  number_bytes((double)heap->goal_bytes).text,
			  number_count((double)heap->inuse_objects).text);
	left = canvas->columns - at - 2;
	graph_sparkline(canvas, row, at + 2, left < SPARK_COLUMNS ? left : SPARK_COLUMNS,
			head->inuse_bytes, head->inuse_count);
}

static void draw_rates(const struct head *head, struct canvas *canvas, int row)
{
	const struct snapshot *snapshot = head->snapshot;
	const struct gc_counters *gc = &snapshot->gc;
	int at = label(canvas, row, STYLE_LABEL, "alloc");

	at = canvas_print(canvas, row, at, STYLE_PLAIN, "%s, %s",
			  number_bytes_rate(snapshot->heap.alloc_bytes_per_s).text,
			  number_count_rate(snapshot->heap.allocs_per_s).text);
	at = canvas_put(canvas, row, at + 2, STYLE_LABEL, "gc");
	canvas_print(canvas, row, at + 1, STYLE_PLAIN, "%s, paused %s (p99 %s), CPU %s",
		     number_count_rate(gc->cycles_per_s).text,
		     number_duration((double)gc->pause_total_ns).text,
		     number_duration((double)gc->pause_p99_ns).text,
		     number_share(gc->cpu_fraction).text);
}

static int draw_types(const struct type_counters *types, double interval_s, struct canvas *canvas,
		      int row, int at)
{
	if (types->itabs != UNKNOWN)
		at = canvas_print(canvas, row, at + 2, STYLE_PLAIN, "itabs %s",
				  number_count((double)types->itabs).text);
	if (types->itabs != UNKNOWN && types->itabs_added != UNKNOWN && interval_s > 0)
		at = canvas_print(canvas, row, at, STYLE_PLAIN, " +%s",
				  number_count_rate((double)types->itabs_added / interval_s).text);
	if (types->reflect_types_added != UNKNOWN && interval_s > 0)
		at = put_if_it_fits(
			canvas, row, at, "  reflect +%s",
			number_count_rate((double)types->reflect_types_added / interval_s).text);
	if (!isnan(types->metadata_share))
		at = put_if_it_fits(canvas, row, at, "  metadata %s",
				    number_share(types->metadata_share).text);
	return at;
}

/* The bar only when every part is known: a bar without its rest would lie. */
static int draw_parts(const struct rss *rss, struct canvas *canvas, int row, int at)
{
	const struct graph_part parts[] = {
		{ (double)rss->heap_bytes, "heap", STYLE_BAR_HEAP },
		{ (double)rss->stacks_bytes, "stacks", STYLE_BAR_STACKS },
		{ (double)rss->runtime_bytes, "runtime", STYLE_BAR_RUNTIME },
		{ (double)rss->file_bytes, "file", STYLE_BAR_FILE },
		{ (double)rss->other_bytes, "other", STYLE_BAR_OTHER },
	};
	const size_t count = sizeof(parts) / sizeof(*parts);
	int width = canvas->columns <= NARROW ? PARTS_NARROW : PARTS_COLUMNS;

	for (size_t i = 0; i < count; i++)
		if (parts[i].value < 0)
			return at;
	graph_parts(canvas, row, at + 2, width, parts, count);
	at += 2 + width;
	for (size_t i = 0; canvas->columns >= WIDE_FOR_PARTS && i < count; i++)
		at = canvas_print(canvas, row, at + 2, STYLE_PLAIN, "%s %s", parts[i].name,
				  number_bytes(parts[i].value).text);
	return at;
}

static void draw_rss(const struct head *head, struct canvas *canvas, int row)
{
	const struct snapshot *snapshot = head->snapshot;
	int at = label(canvas, row, STYLE_LABEL, "rss");

	at = canvas_put(canvas, row, at, STYLE_PLAIN,
			number_bytes((double)snapshot->rss.total_bytes).text);
	at = draw_parts(head->parts, canvas, row, at);
	draw_types(&snapshot->types, snapshot->interval_s, canvas, row, at);
}

static bool has_losses(const struct snapshot *snapshot, const struct canvas *canvas)
{
	(void)canvas;
	return snapshot_losses(snapshot) > 0;
}

static void draw_losses(const struct head *head, struct canvas *canvas, int row)
{
	int at = label(canvas, row, STYLE_ALARM, "LOST");
	const char *comma = "";

	for (int i = 0; i < LOSS_COUNT; i++) {
		if (!head->snapshot->losses[i])
			continue;
		at = canvas_print(canvas, row, at, STYLE_ALARM, "%s%s %s", comma,
				  loss_key((enum loss)i),
				  number_count((double)head->snapshot->losses[i]).text);
		comma = ", ";
	}
	if (at > canvas->columns)
		canvas_put_character(canvas, row, canvas->columns - 1, STYLE_ALARM, '~');
}

static bool has_note(const struct snapshot *snapshot, const struct canvas *canvas)
{
	(void)canvas;
	return snapshot->note && *snapshot->note;
}

/* Bytes of the note that go into its first line: all, or up to a space. */
static size_t first_line(const char *note, const struct canvas *canvas)
{
	size_t bytes = strlen(note), room = 0, end = bytes;

	if (canvas->columns > LABEL_COLUMNS)
		room = (size_t)(canvas->columns - LABEL_COLUMNS);
	if (canvas_text_width(canvas->unicode, note) <= (int)room)
		return bytes;
	for (size_t i = 0; i < bytes && i <= room; i++)
		if (note[i] == ' ')
			end = i;
	return end;
}

static void draw_note(const struct head *head, struct canvas *canvas, int row)
{
	const char *note = head->snapshot->note;
	int at = label(canvas, row, STYLE_NOTE, "note");
	AUTO_FREE char *line = strndup(note, first_line(note, canvas));

	canvas_put_left(canvas, row, at, canvas->columns - at, STYLE_NOTE, line ? line : note);
}

static bool has_more_note(const struct snapshot *snapshot, const struct canvas *canvas)
{
	return has_note(snapshot, canvas) && snapshot->note[first_line(snapshot->note, canvas)];
}

static void draw_more_note(const struct head *head, struct canvas *canvas, int row)
{
	const char *note = head->snapshot->note;

	canvas_put_left(canvas, row, LABEL_COLUMNS, canvas->columns - LABEL_COLUMNS, STYLE_NOTE,
			note + first_line(note, canvas) + 1);
}

static const struct {
	void (*draw)(const struct head *head, struct canvas *canvas, int row);
	/* NULL: always */
	bool (*present)(const struct snapshot *snapshot, const struct canvas *canvas);
	int rank; /* the highest is left out first */
} head_lines[HEAD_LINES] = {
	{ draw_title, NULL, 0 },    { draw_cost, NULL, 3 },
	{ draw_heap, NULL, 2 },	    { draw_rates, NULL, 5 },
	{ draw_rss, NULL, 4 },	    { draw_losses, has_losses, 1 },
	{ draw_note, has_note, 6 }, { draw_more_note, has_more_note, 7 },
};

static bool is_present(size_t line, const struct snapshot *snapshot, const struct canvas *canvas)
{
	return !head_lines[line].present || head_lines[line].present(snapshot, canvas);
}

/* How many lines that have something to say are more important. */
static int place(size_t line, const struct snapshot *snapshot, const struct canvas *canvas)
{
	int place = 0;

	for (size_t i = 0; i < HEAD_LINES; i++)
		place += head_lines[i].rank < head_lines[line].rank &&
			 is_present(i, snapshot, canvas);
	return place;
}

int head_draw(const struct head *head, struct canvas *canvas, int row, int lines)
{
	int drawn = 0;

	for (size_t i = 0; i < HEAD_LINES; i++) {
		if (!is_present(i, head->snapshot, canvas) ||
		    place(i, head->snapshot, canvas) >= lines)
			continue;
		head_lines[i].draw(head, canvas, row + drawn);
		drawn++;
	}
	return drawn;
}
