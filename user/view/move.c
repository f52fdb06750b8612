/* The cursor of whatever screen is shown, and searching through its lines. */
#include "view/ui.h"

/* A scrolling screen stops when its last line is at the bottom. */
static size_t last_place(const struct ui *ui)
{
	size_t count = ui->screen->count(ui), rows = (size_t)ui->body_rows;

	if (ui->screen->scrolls)
		return count > rows ? count - rows : 0;
	return count ? count - 1 : 0;
}

void ui_move_to(struct ui *ui, size_t line)
{
	struct cursor *cursor = ui->screen->cursor(ui);
	size_t last = last_place(ui);

	cursor->at = line < last ? line : last;
	if (ui->screen->moved)
		ui->screen->moved(ui);
}

bool ui_find(struct ui *ui, const char *needle, size_t from, bool backwards, size_t *ret)
{
	size_t count = ui->screen->count(ui);

	for (size_t i = 0; i < count; i++) {
		size_t line = (from + (backwards ? count - i % count : i)) % count;

		if (ui->screen->matches(ui, line, needle)) {
			*ret = line;
			return true;
		}
	}
	return false;
}
