/* One picture: head, the screen's titles and lines, the status line, the keys. */
#include "view/ui.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "view/head.h"
#include "base/number.h"

#define SMALLEST_COLUMNS 40
#define SMALLEST_ROWS	 10
#define FOOT_ROWS	 2
#define STALE_S		 5 /* data older than this, and than three intervals, say so */

static double age_s(const struct ui *ui)
{
	return (double)(ui->now_unix_ns - ui->shown.time_unix_ns) / 1e9;
}

/* Why the data do not move, and how old they are. */
static void state_text(const struct ui *ui, char *out, size_t out_size)
{
	double age = age_s(ui);
	const char *word = *ui->end ? "ENDED" : ui->paused ? "PAUSED" : "";
	bool old = age >= 1 && (*word || age > fmax(STALE_S, 3 * ui->shown.interval_s));

	snprintf(out, out_size, "%s%s%s%s", word, *word && old ? ", " : "",
		 old ? number_clock(age).text : "", old ? " old" : "");
}

/* When what is shown was: as --at takes it. */
static void recorded_text(const struct ui *ui, char *out, size_t out_size)
{
	time_t seconds = ui->shown.time_unix_ns / 1000000000;
	struct tm time;
	size_t length = 0;

	if (gmtime_r(&seconds, &time))
		length = strftime(out, out_size, "%Y-%m-%dT%H:%M:%SZ", &time);
	snprintf(out + length, out_size - length, "%s",
		 ui->source->move ? " [ back, ] on" : " recorded");
}

static int draw_head(const struct ui *ui, struct canvas *canvas)
{
	char state[64];
	struct head head = {
		.snapshot = &ui->shown,
		.parts = &ui->parts,
		.inuse_bytes = ui->history.inuse_bytes,
		.inuse_count = history_until(&ui->history, ui->shown.time_unix_ns),
		.state = state,
	};

	if (ui->source && ui->source->recorded)
		recorded_text(ui, state, sizeof(state));
	else
		state_text(ui, state, sizeof(state));
	return head_draw(&head, canvas, 0, ui->screen->head_lines(canvas->rows));
}

static void draw_prompt(const struct ui *ui, struct canvas *canvas, int row)
{
	const char *mark = ui->prompt.mark == 'f' ? "filter (regular expression): " : "/";
	int at = canvas_put(canvas, row, 0, STYLE_STRONG, mark);
	int room = canvas->columns - at - 1, width;

	width = canvas_text_width(canvas->unicode, ui->prompt.text);
	if (width > room)
		canvas_put_right(canvas, row, at, room, STYLE_PLAIN, ui->prompt.text);
	else
		canvas_put(canvas, row, at, STYLE_PLAIN, ui->prompt.text);
	canvas_put(canvas, row, at + (width < room ? width : room), STYLE_SELECTED, " ");
}

static void draw_what(const struct ui *ui, struct canvas *canvas, int row)
{
	const struct listing *listing = &ui->listing;
	int at = canvas_print(canvas, row, 0, STYLE_DIM, "%zu rows by %s, %s", listing->count,
			      ui->grouping->name, value_name(ui->value));

	if (ui->filter)
		at = canvas_print(canvas, row, at, STYLE_NOTE, ", filter %s hides %zu",
				  ui->filter_text, listing->table.filtered);
	if (listing->cut)
		at = canvas_print(canvas, row, at, STYLE_DIM, ", %zu smaller ones", listing->cut);
	canvas_print(canvas, row, at, STYLE_DIM, ", sorted by %s%s", ui->sort->sort_name,
		     ui->reversed ? ", reversed" : "");
}

static void draw_description(const struct ui *ui, struct canvas *canvas, int row)
{
	char text[UI_TEXT];

	ui->screen->describe(ui, text, sizeof(text));
	canvas_put_left(canvas, row, 0, canvas->columns, STYLE_DIM, text);
}

static void draw_status(const struct ui *ui, struct canvas *canvas, int row)
{
	if (*ui->status)
		canvas_put_left(canvas, row, 0, canvas->columns, STYLE_NOTE, ui->status);
	else if (ui->prompt.mark)
		draw_prompt(ui, canvas, row);
	else if (*ui->end)
		canvas_put_left(canvas, row, 0, canvas->columns, STYLE_ALARM, ui->end);
	else if (ui->screen->describe)
		draw_description(ui, canvas, row);
	else if (ui->has_shown)
		draw_what(ui, canvas, row);
}

/* Hints of the keys that do something here, as many as fit. */
static void draw_keys(const struct ui *ui, struct canvas *canvas, int row)
{
	int at = 0;

	for (int key = 0; key < KEY_COUNT; key++) {
		const struct key_entry *entry = &key_entries[key];
		int width;

		if (!entry->hint || (!ui->screen->actions[key] && !ui_actions[key]))
			continue;
		width = (int)(strlen(entry->label) + strlen(entry->hint)) + 1;
		if (at + width > canvas->columns)
			continue;
		canvas_put(canvas, row, at, STYLE_KEY, entry->label);
		canvas_put(canvas, row, at + (int)strlen(entry->label) + 1, STYLE_DIM, entry->hint);
		at += width + 1;
	}
}

/* Keeps the selected line in sight, and the end of the lines at the bottom. */
static void scroll(struct ui *ui, int rows)
{
	struct cursor *cursor = ui->screen->cursor(ui);
	size_t count = ui_count(ui), room = (size_t)rows;

	if (cursor->at >= count)
		cursor->at = count ? count - 1 : 0;
	if (!ui->screen->scrolls && cursor->at < cursor->top)
		cursor->top = cursor->at;
	else if (!ui->screen->scrolls && cursor->at >= cursor->top + room)
		cursor->top = cursor->at - room + 1;
	if (cursor->top + room > count)
		cursor->top = count > room ? count - room : 0;
}

void ui_draw(struct ui *ui, struct canvas *canvas)
{
	int row, rows;

	if (canvas->columns < SMALLEST_COLUMNS || canvas->rows < SMALLEST_ROWS) {
		canvas_put(canvas, 0, 0, STYLE_PLAIN, "needs 40x10, q quits");
		return;
	}
	row = ui->has_shown ? draw_head(ui, canvas) : 0;
	row += ui_draw_titles(ui, canvas, row);
	rows = canvas->rows - FOOT_ROWS - row;
	ui->body_rows = rows;
	scroll(ui, rows);
	ui_draw_lines(ui, canvas, row, rows);
	draw_status(ui, canvas, canvas->rows - FOOT_ROWS);
	draw_keys(ui, canvas, canvas->rows - 1);
}
