/* The state of the live screen: data in, keys to verbs. Drawing is frame.c, the screens draw
 * themselves. */
#include "view/ui.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "limits.h"

#define TIME_LEAP 10 /* intervals */

static void ui_cleanup(struct ui **ui)
{
	ui_free(*ui);
}

int ui_new(const struct live_source *source, const struct view_options *options, bool unicode,
	   struct ui **ret)
{
	CLEANUP(ui_cleanup) struct ui *ui = calloc(1, sizeof(*ui));
	int error;

	if (!ui)
		return diag_fail(-ENOMEM, "cannot show the table");
	snapshot_init(&ui->shown);
	snapshot_init(&ui->pending);
	rss_init(&ui->parts);
	ui->source = source;
	ui->top = options->top;
	ui->unicode = unicode;
	ui->grouping = options->grouping;
	ui->value = options->value;
	ui->sort = columns;
	ui->home = ui->screen = options->timeline ? &screen_timeline : &screen_table;
	if (options->screen && digit_screen_find(options->screen))
		ui->screen = digit_screen_find(options->screen)->screen;
	if (!options->series && series_new(LIMIT_SERIES_POINTS, &ui->own_series) < 0)
		return diag_fail(-ENOMEM, "cannot show the table");
	ui->series = options->series ? options->series : ui->own_series;
	ui->fit = options->series != NULL;
	timeline_init(&ui->timeline, ui->series, (size_t)(options->grouping - groupings));
	if (options->filter) {
		error = view_filter_new(options->filter, &ui->filter);
		if (error < 0)
			return error;
		snprintf(ui->filter_text, sizeof(ui->filter_text), "%s", options->filter);
	}
	*ret = TAKE(ui);
	return 0;
}

void ui_free(struct ui *ui)
{
	if (!ui)
		return;
	listing_clear(&ui->listing);
	type_lines_clear(&ui->types);
	snapshot_clear(&ui->shown);
	snapshot_clear(&ui->pending);
	view_filter_free(ui->filter);
	series_free(ui->own_series);
	page_clear(&ui->stacks);
	page_clear(&ui->help);
	page_clear(&ui->caches);
	row_id_clear(&ui->selected);
	row_id_clear(&ui->opened);
	free(ui);
}

void ui_say(struct ui *ui, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ui->status, sizeof(ui->status), format, arguments);
	va_end(arguments);
}

void ui_rebuild(struct ui *ui)
{
	struct listing listing;

	if (!ui->has_shown)
		return;
	if (listing_build(&ui->shown, ui->grouping, ui->value, ui->filter, ui->top, &listing) < 0) {
		/* the old rows point into a snapshot that may be gone */
		listing = (struct listing){ .table = { .grouping = ui->grouping } };
		ui_say(ui, "out of memory: no rows in this interval");
	}
	listing_clear(&ui->listing);
	ui->listing = listing;
	columns_sort(&ui->listing, ui->sort, ui->reversed);
	screen_table.refresh(ui);
	if (ui->screen != &screen_table)
		ui->screen->refresh(ui);
}

/* The listing and the lines borrow from the shown snapshot, so they go first. */
static void show_pending(struct ui *ui)
{
	struct snapshot shown = ui->shown;

	if (!ui->has_pending)
		return;
	listing_clear(&ui->listing);
	type_lines_clear(&ui->types);
	ui->shown = ui->pending;
	ui->pending = shown;
	ui->has_pending = false;
	ui->has_shown = true;
	if (ui->shown.rss.heap_bytes != UNKNOWN)
		ui->parts = ui->shown.rss;
	snapshot_clear(&ui->pending);
	ui_rebuild(ui);
}

/* Once; what it means stays in the note. That the first choice is what was wanted is no news. */
static void say_step(struct ui *ui, const struct governor_state *governor)
{
	const struct governor_step *step = &governor->last;

	if (governor->step_count && (governor->steps > 1 || step->to != governor->wanted))
		ui_say(ui, "%s -> %s: %s", step->from, step->to, step->reason);
}

void ui_update(struct ui *ui, const struct snapshot *snapshot)
{
	if (snapshot_copy(snapshot, &ui->pending) < 0) {
		ui_say(ui, "out of memory: this interval is not shown");
		return;
	}
	history_add(&ui->history, snapshot);
	if (series_add(ui->series, snapshot) < 0)
		ui_say(ui, "out of memory: this interval is a gap in the timeline");
	say_step(ui, &snapshot->governor);
	ui->has_pending = true;
	if (!ui->paused)
		show_pending(ui);
}

void ui_end(struct ui *ui, const char *reason)
{
	ui->paused = false;
	show_pending(ui);
	ui->status[0] = '\0';
	snprintf(ui->end, sizeof(ui->end), "%s: these are its last data (q quits)", reason);
}

void ui_show(struct ui *ui, const struct screen *screen)
{
	ui->screen = screen;
	screen->refresh(ui);
}

void ui_to_table(struct ui *ui, int code)
{
	(void)code;
	ui_show(ui, &screen_table);
}

static void move_in_time(struct ui *ui, int steps)
{
	if (!ui->source || !ui->source->move)
		ui_say(ui, "this is live: only recordings go back in time");
	else if (ui->source->move(ui->source->context, steps) < 0)
		ui_say(ui, "the recording goes no further"); /* a reported reason takes its place */
}

static void earlier(struct ui *ui, int code)
{
	move_in_time(ui, code == '{' ? -TIME_LEAP : -1);
}

static void later(struct ui *ui, int code)
{
	move_in_time(ui, code == '}' ? TIME_LEAP : 1);
}

/* Where nothing is cut on either side, the arrows go through the time of a recording. */
static void (*find_action(const struct ui *ui, enum key key))(struct ui *ui, int code)
{
	bool recorded = ui->source && ui->source->move;

	if (ui->screen->actions[key])
		return ui->screen->actions[key];
	if (recorded && key == KEY_LEFT)
		return earlier;
	if (recorded && key == KEY_RIGHT)
		return later;
	return ui_actions[key];
}

void ui_key(struct ui *ui, int code)
{
	enum key key = key_find(code);
	void (*action)(struct ui *, int) = NULL;

	if (code == CODE_RESIZE)
		return;
	ui->status[0] = '\0';
	if (ui->prompt.mark) {
		prompt_key(ui, code);
		return;
	}
	if (key != KEY_COUNT)
		action = find_action(ui, key);
	if (action)
		action(ui, code);
	else if (key != KEY_COUNT)
		ui_say(ui, "%s does nothing here (? lists the keys)", key_entries[key].label);
	else
		ui_say(ui, "no such key (? lists the keys)");
}

static void toggle_pause(struct ui *ui, int code)
{
	(void)code;
	if (*ui->end || (ui->source && ui->source->move))
		return; /* nothing moves by itself */
	ui->paused = !ui->paused;
	if (!ui->paused)
		show_pending(ui);
}

static void save(struct ui *ui, int code)
{
	const char *name;

	(void)code;
	if (!ui->source || !ui->source->save || !ui->has_shown) {
		ui_say(ui, "there is nothing to write yet");
		return;
	}
	name = ui->source->save(ui->source->context, &ui->shown, ui->value);
	if (name)
		ui_say(ui, "written: %s", name);
	else
		ui_say(ui, "nothing was written"); /* the reported reason takes its place */
}

/* The next value that the data can tell. */
static void next_value(struct ui *ui, int code)
{
	(void)code;
	do
		ui->value = (enum value)((ui->value + 1) % VALUE_COUNT);
	while (ui->has_shown && !listing_can_show(&ui->shown, ui->value));
	ui_rebuild(ui);
	if (ui->has_shown && !ui->shown.has_live)
		ui_say(ui, "%s (mode %s does not tell what is in use)", value_name(ui->value),
		       mode_name(ui->shown.mode));
}

static void open_help(struct ui *ui, int code)
{
	(void)code;
	ui->before_help = ui->screen;
	ui->help_cursor = (struct cursor){ 0 };
	ui_show(ui, &screen_help);
}

static void line_up(struct ui *ui, int code)
{
	size_t at = ui_position(ui);

	(void)code;
	ui_move_to(ui, at ? at - 1 : 0);
}

static void line_down(struct ui *ui, int code)
{
	(void)code;
	ui_move_to(ui, ui_position(ui) + 1);
}

static void page_up(struct ui *ui, int code)
{
	size_t at = ui_position(ui), rows = (size_t)ui->body_rows;

	(void)code;
	ui_move_to(ui, at > rows ? at - rows : 0);
}

static void page_down(struct ui *ui, int code)
{
	(void)code;
	ui_move_to(ui, ui_position(ui) + (size_t)ui->body_rows);
}

static void first_line(struct ui *ui, int code)
{
	(void)code;
	ui_move_to(ui, 0);
}

static void last_line(struct ui *ui, int code)
{
	(void)code;
	ui_move_to(ui, ui_count(ui));
}

static void open_timeline(struct ui *ui, int code)
{
	(void)code;
	if (ui->source && ui->source->move)
		ui_say(ui, "of a recording, heaptap timeline FILE shows the timeline");
	else
		ui_show(ui, &screen_timeline);
}

static void open_search(struct ui *ui, int code)
{
	prompt_open(ui, code, "");
}

static void repeat_search(struct ui *ui, bool backwards)
{
	size_t at = ui->screen->cursor(ui)->at, count = ui_count(ui), line;

	if (!*ui->search)
		ui_say(ui, "nothing was searched for yet (/ does)");
	else if (count &&
		 ui_find(ui, ui->search, backwards ? at + count - 1 : at + 1, backwards, &line))
		ui_move_to(ui, line);
	else
		ui_say(ui, "'%s' is not here", ui->search);
}

static void search_next(struct ui *ui, int code)
{
	(void)code;
	repeat_search(ui, false);
}

static void search_previous(struct ui *ui, int code)
{
	(void)code;
	repeat_search(ui, true);
}

void (*const ui_actions[KEY_COUNT])(struct ui *ui, int code) = {
	[KEY_UP] = line_up,	    [KEY_DOWN] = line_down,
	[KEY_PAGE_UP] = page_up,    [KEY_PAGE_DOWN] = page_down,
	[KEY_HOME] = first_line,    [KEY_END] = last_line,
	[KEY_HELP] = open_help,	    [KEY_VALUE] = next_value,
	[KEY_SEARCH] = open_search, [KEY_SEARCH_NEXT] = search_next,
	[KEY_PAUSE] = toggle_pause, [KEY_SEARCH_PREVIOUS] = search_previous,
	[KEY_SAVE] = save,	    [KEY_TIMELINE] = open_timeline,
	[KEY_GROUPING] = ui_pick,   [KEY_EARLIER] = earlier,
	[KEY_LATER] = later,
};
