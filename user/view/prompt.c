/* The line at the bottom that takes text: searching moves the cursor with every key, a filter is
 * compiled on Enter. */
#include "view/ui.h"

#include <string.h>

#include "view/utf8.h"

void prompt_open(struct ui *ui, int mark, const char *text)
{
	ui->prompt.mark = (char)mark;
	ui->prompt.origin = *ui->screen->cursor(ui);
	snprintf(ui->prompt.text, sizeof(ui->prompt.text), "%s", text);
}

static void erase_last(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
		length--;
	if (length > 0)
		text[length - 1] = '\0';
}

static void append(struct ui *ui, int code)
{
	size_t length = strlen(ui->prompt.text);

	if (length + 5 > sizeof(ui->prompt.text)) {
		ui_say(ui, "that is long enough");
		return;
	}
	length += utf8_encode((uint32_t)code, ui->prompt.text + length);
	ui->prompt.text[length] = '\0';
}

/* From where the search began, so that every further letter narrows the same search. */
static void search_now(struct ui *ui)
{
	size_t line = ui->prompt.origin.at;

	if (*ui->prompt.text && ui_find(ui, ui->prompt.text, line, false, &line))
		ui_move_to(ui, line);
	else if (*ui->prompt.text)
		ui_say(ui, "/%s  is not here", ui->prompt.text);
	else
		ui_move_to(ui, line);
}

static void set_filter(struct ui *ui, const char *expression)
{
	struct view_filter *filter = NULL;
	char why[UI_TEXT] = "out of memory";

	if (*expression && filter_compile(expression, &filter, why, sizeof(why)) < 0) {
		ui_say(ui, "'%s' is no filter: %s", expression, why);
		return;
	}
	view_filter_free(ui->filter);
	ui->filter = filter;
	snprintf(ui->filter_text, sizeof(ui->filter_text), "%s", expression);
	ui_rebuild(ui);
}

static void accept(struct ui *ui)
{
	char mark = ui->prompt.mark;

	ui->prompt.mark = 0;
	if (mark == 'f')
		set_filter(ui, ui->prompt.text);
	else
		snprintf(ui->search, sizeof(ui->search), "%s", ui->prompt.text);
}

static void cancel(struct ui *ui)
{
	if (ui->prompt.mark == '/')
		ui_move_to(ui, ui->prompt.origin.at);
	ui->prompt.mark = 0;
}

void prompt_key(struct ui *ui, int code)
{
	bool is_text = code >= 0x20 && code != 0x7f && !(code >= CODE_UP && code <= CODE_OTHER);

	if (code == CODE_ENTER) {
		accept(ui);
		return;
	}
	if (code == CODE_ESCAPE) {
		cancel(ui);
		return;
	}
	if (is_text)
		append(ui, code);
	else if (code == CODE_BACKSPACE)
		erase_last(ui->prompt.text);
	else if (code == CODE_CONTROL('u'))
		ui->prompt.text[0] = '\0';
	if (ui->prompt.mark == '/')
		search_now(ui);
}
