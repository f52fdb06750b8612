/* The caches: calls of functions, pools and maps, a page that scrolls. */
#include <stdio.h>
#include <string.h>

#include "view/cache_page.h"
#include "view/ui.h"

static int head_lines(int rows)
{
	return rows < 40 ? 1 : rows / 6;
}

static struct cursor *cursor(struct ui *ui)
{
	return &ui->cache_cursor;
}

static size_t count(const struct ui *ui)
{
	return ui->caches.count;
}

static bool matches(const struct ui *ui, size_t line, const char *needle)
{
	return strcasestr(ui->caches.items[line].text, needle);
}

static void refresh(struct ui *ui)
{
	if (ui->has_shown)
		cache_page(&ui->shown, &ui->caches);
}

static int draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	(void)ui;
	(void)canvas;
	(void)row;
	return 0;
}

static void draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows)
{
	page_draw(&ui->caches, ui->cache_cursor.top, ui->cache_cursor.pan, ui_marked(ui), canvas,
		  row, rows);
}

#define PAN_COLUMNS 8

static void pan_left(struct ui *ui, int code)
{
	(void)code;
	ui->cache_cursor.pan -=
		ui->cache_cursor.pan < PAN_COLUMNS ? ui->cache_cursor.pan : PAN_COLUMNS;
}

static void pan_right(struct ui *ui, int code)
{
	(void)code;
	ui->cache_cursor.pan += PAN_COLUMNS;
}

/* The digit that has led here leads back. */
static void pick(struct ui *ui, int code)
{
	ui_to_table(ui, code);
	if (code != digit_screen_find("cache")->digit)
		ui_pick(ui, code);
}

static void describe(const struct ui *ui, char *out, size_t out_size)
{
	const struct cache_group *group = &ui->shown.cache_group;

	snprintf(out, out_size, "functions of --cache: %zu, pools: %zu, maps: %zu",
		 group->function_count, group->pool_count, group->map_count);
}

const struct screen screen_cache = {
	.scrolls = true,
	.head_lines = head_lines,
	.cursor = cursor,
	.count = count,
	.matches = matches,
	.refresh = refresh,
	.describe = describe,
	.draw_titles = draw_titles,
	.draw_lines = draw_lines,
	.actions = { [KEY_BACK] = ui_to_table,
		     [KEY_QUIT] = ui_to_table,
		     [KEY_GROUPING] = pick,
		     [KEY_LEFT] = pan_left,
		     [KEY_RIGHT] = pan_right },
};
