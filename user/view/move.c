/* The cursor of whatever screen is shown, and searching through its lines. */
#include "view/ui.h"

/* Scrolling stops when the last line is at the bottom. */
static size_t last_place(const struct ui *ui)
{
	size_t count = ui_count(ui), rows = (size_t)ui->body_rows;

	return count > rows ? count - rows : 0;
}

size_t ui_position(struct ui *ui)
{
	const struct cursor *cursor = ui->screen->cursor(ui);

	return ui->screen->scrolls ? cursor->top : cursor->at;
}

void ui_move_to(struct ui *ui, size_t line)
{
	struct cursor *cursor = ui->screen->cursor(ui);
	size_t count = ui_count(ui), last = last_place(ui);

	cursor->at = line < count ? line : count ? count - 1 : 0;
	if (ui->screen->scrolls)
		cursor->top = cursor->at < last ? cursor->at : last;
	if (ui->screen->moved)
		ui->screen->moved(ui);
}

bool ui_find(struct ui *ui, const char *needle, size_t from, bool backwards, size_t *ret)
{
	size_t count = ui_count(ui);

	for (size_t i = 0; i < count; i++) {
		size_t line = (from + (backwards ? count - i % count : i)) % count;

		if (ui_matches(ui, line, needle)) {
			*ret = line;
			return true;
		}
	}
	return false;
}

size_t ui_marked(struct ui *ui)
{
	const char *needle = ui->prompt.mark == '/' ? ui->prompt.text : ui->search;
	size_t at = ui->screen->cursor(ui)->at;

	if (!*needle || at >= ui_count(ui) || !ui_matches(ui, at, needle))
		return PAGE_NO_MARK;
	return at;
}
