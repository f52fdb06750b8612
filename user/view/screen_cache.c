/* The caches: calls of functions, pools and maps, a page that scrolls. */
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

static const struct page *page(const struct ui *ui)
{
	return &ui->caches;
}

static void refresh(struct ui *ui)
{
	if (ui->has_shown)
		cache_page(&ui->shown, &ui->caches);
}

/* The digit that has led here leads back. */
static void pick(struct ui *ui, int code)
{
	ui_to_table(ui, code);
	if (code != digit_screen_find("cache")->digit)
		ui_pick(ui, code);
}

const struct screen screen_cache = {
	.scrolls = true,
	.head_lines = head_lines,
	.cursor = cursor,
	.page = page,
	.refresh = refresh,
	.actions = { [KEY_BACK] = ui_to_table,
		     [KEY_QUIT] = ui_to_table,
		     [KEY_GROUPING] = pick,
		     [KEY_LEFT] = ui_pan_left,
		     [KEY_RIGHT] = ui_pan_right },
};
