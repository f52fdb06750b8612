/* The lines of whatever screen is shown: a screen of text has them in its page, others count and
 * draw their own. */
#include <string.h>

#include "view/ui.h"

#define PAN_COLUMNS 8

size_t ui_count(const struct ui *ui)
{
	return ui->screen->page ? ui->screen->page(ui)->count : ui->screen->count(ui);
}

bool ui_matches(const struct ui *ui, size_t line, const char *needle)
{
	if (ui->screen->page)
		return strcasestr(ui->screen->page(ui)->items[line].text, needle);
	return ui->screen->matches(ui, line, needle);
}

int ui_draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	return ui->screen->draw_titles ? ui->screen->draw_titles(ui, canvas, row) : 0;
}

void ui_draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows)
{
	const struct cursor *cursor = ui->screen->cursor(ui);

	if (ui->screen->page)
		page_draw(ui->screen->page(ui), cursor->top, cursor->pan, ui_marked(ui), canvas,
			  row, rows);
	else
		ui->screen->draw_lines(ui, canvas, row, rows);
}

void ui_pan_left(struct ui *ui, int code)
{
	struct cursor *cursor = ui->screen->cursor(ui);

	(void)code;
	cursor->pan -= cursor->pan < PAN_COLUMNS ? cursor->pan : PAN_COLUMNS;
}

void ui_pan_right(struct ui *ui, int code)
{
	struct cursor *cursor = ui->screen->cursor(ui);

	(void)code;
	if (cursor->pan < COLUMN_TEXT)
		cursor->pan += PAN_COLUMNS;
}
