/* The tracks of what has been seen so far: key t, and what `heaptap timeline` opens with. */
#include "view/ui.h"

#define ROOMY_ROWS 34

static int head_lines(int rows)
{
	return rows < ROOMY_ROWS ? 2 : 4;
}

static struct cursor *cursor(struct ui *ui)
{
	return &ui->timeline_cursor;
}

/* There are no lines to select or to search. */
static size_t count(const struct ui *ui)
{
	(void)ui;
	return 0;
}

static bool matches(const struct ui *ui, size_t line, const char *needle)
{
	(void)ui;
	(void)line;
	(void)needle;
	return false;
}

/* What came while paused is in the series, but not to be seen. */
static void refresh(struct ui *ui)
{
	ui->timeline.grouping = (size_t)(ui->grouping - groupings);
	ui->timeline.until_ns = ui->has_shown ? ui->shown.time_unix_ns : 0;
}

static int draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	return timeline_note(&ui->shown, canvas, row);
}

static void draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows)
{
	if (ui->fit && ui->has_shown)
		timeline_fit(&ui->timeline, canvas->columns);
	ui->fit &= !ui->has_shown;
	timeline_draw(&ui->timeline, canvas, row, rows);
}

static void describe(const struct ui *ui, char *out, size_t out_size)
{
	timeline_describe(&ui->timeline, out, out_size);
}

static void back_in_time(struct ui *ui, int code)
{
	(void)code;
	timeline_move(&ui->timeline, -1);
}

static void on_in_time(struct ui *ui, int code)
{
	(void)code;
	timeline_move(&ui->timeline, 1);
}

static void page_back(struct ui *ui, int code)
{
	(void)code;
	timeline_page(&ui->timeline, -1);
}

static void page_on(struct ui *ui, int code)
{
	(void)code;
	timeline_page(&ui->timeline, 1);
}

static void to_first(struct ui *ui, int code)
{
	(void)code;
	timeline_first(&ui->timeline);
}

static void to_newest(struct ui *ui, int code)
{
	(void)code;
	timeline_follow(&ui->timeline);
}

static void zoom_in(struct ui *ui, int code)
{
	(void)code;
	if (!timeline_zoom(&ui->timeline, -1))
		ui_say(ui, "one interval per column: there is nothing finer");
}

static void zoom_out(struct ui *ui, int code)
{
	(void)code;
	if (!timeline_zoom(&ui->timeline, 1))
		ui_say(ui, "a day per column: there is nothing coarser");
}

static void next_grouping(struct ui *ui, int code)
{
	screen_table.actions[KEY_NEXT](ui, code);
}

static void pick_grouping(struct ui *ui, int code)
{
	screen_table.actions[KEY_GROUPING](ui, code);
}

static void quit(struct ui *ui, int code)
{
	if (ui->home == &screen_timeline)
		ui->quit = true;
	else
		ui_to_table(ui, code);
}

const struct screen screen_timeline = {
	.scrolls = true,
	.head_lines = head_lines,
	.cursor = cursor,
	.count = count,
	.matches = matches,
	.refresh = refresh,
	.draw_titles = draw_titles,
	.draw_lines = draw_lines,
	.describe = describe,
	.actions = {
		[KEY_LEFT] = back_in_time,
		[KEY_RIGHT] = on_in_time,
		[KEY_PAGE_UP] = page_back,
		[KEY_PAGE_DOWN] = page_on,
		[KEY_HOME] = to_first,
		[KEY_END] = to_newest,
		[KEY_ZOOM_IN] = zoom_in,
		[KEY_ZOOM_OUT] = zoom_out,
		[KEY_NEXT] = next_grouping,
		[KEY_GROUPING] = pick_grouping,
		[KEY_TIMELINE] = ui_to_table,
		[KEY_BACK] = ui_to_table,
		[KEY_QUIT] = quit,
	},
};
