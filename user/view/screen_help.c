/* The help, made from the tables that it explains: keys, groupings, losses. */
#include <string.h>

#include "view/ui.h"

static int head_lines(int rows)
{
	(void)rows;
	return 0;
}

static struct cursor *cursor(struct ui *ui)
{
	return &ui->help_cursor;
}

static const struct page *page(const struct ui *ui)
{
	return &ui->help;
}

static void write_digit(int digit, struct page *page)
{
	for (size_t i = 0; i < grouping_count; i++)
		if (groupings[i].digit == digit)
			page_add(page, STYLE_PLAIN, "  %c %-10s %s", digit, groupings[i].name,
				 groupings[i].summary);
	for (const struct digit_screen *screen = digit_screens; screen->digit; screen++)
		if (screen->digit == digit)
			page_add(page, STYLE_PLAIN, "  %c %-10s %s", digit, screen->name,
				 screen->summary);
}

static void refresh(struct ui *ui)
{
	struct page *page = &ui->help;

	page_clear(page);
	page_section(page, "Keys");
	for (int i = 0; i < KEY_COUNT; i++)
		page_add(page, STYLE_PLAIN, "  %-8s %s", key_entries[i].label,
			 key_entries[i].summary);
	page_section(page, "Groupings and screens");
	for (int digit = '1'; digit <= '9'; digit++)
		write_digit(digit, page);
	page_section(page, "The bar of the resident memory (rss)");
	page_add(page, STYLE_PLAIN,
		 "  heap, stacks, runtime, file (mapped files), other: in this order");
	page_section(page, "What can be lost");
	for (int i = 0; i < LOSS_COUNT; i++)
		page_add(page, STYLE_PLAIN, "  %-18s %s", loss_key((enum loss)i),
			 loss_meaning((enum loss)i));
}

static int draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	(void)ui;
	canvas_put(canvas, row, 0, STYLE_STRONG, "heaptap " HEAPTAP_VERSION);
	return 1;
}

static void back(struct ui *ui, int code)
{
	(void)code;
	ui_show(ui, ui->before_help);
}

const struct screen screen_help = {
	.scrolls = true,
	.head_lines = head_lines,
	.cursor = cursor,
	.page = page,
	.refresh = refresh,
	.draw_titles = draw_titles,
	.actions = { [KEY_BACK] = back, [KEY_QUIT] = back, [KEY_HELP] = back },
};
