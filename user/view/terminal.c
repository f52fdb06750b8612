/* ncursesw behind four verbs. Curses finds out what changed between two pictures, so that nothing
 * flickers; here styles become attributes, and curses' keys ours. */
#include "view/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

#include <curses.h>

#include "base/diag.h"
#include "view/key_code.h"

/* Escape alone is a key, too: 25 ms tell it from the sequences of other keys. */
#define ESCAPE_MS 25

struct terminal {
	SCREEN *screen;
	bool colour;
};

/* What a style looks like: colours when there are any, else attributes alone. Every meaning must
 * survive without colours. */
static const struct look {
	short foreground;
	attr_t with_colour, without;
} looks[STYLE_COUNT] = {
	[STYLE_PLAIN] = { -1, A_NORMAL, A_NORMAL },
	[STYLE_DIM] = { -1, A_DIM, A_NORMAL },
	[STYLE_STRONG] = { -1, A_BOLD, A_BOLD },
	[STYLE_LABEL] = { COLOR_CYAN, A_NORMAL, A_NORMAL },
	[STYLE_COLUMN] = { COLOR_CYAN, A_UNDERLINE, A_UNDERLINE },
	[STYLE_SORTED] = { COLOR_CYAN, A_UNDERLINE | A_BOLD, A_UNDERLINE | A_BOLD },
	[STYLE_SELECTED] = { -1, A_REVERSE, A_REVERSE },
	[STYLE_BAR] = { COLOR_GREEN, A_NORMAL, A_NORMAL },
	[STYLE_BAR_HEAP] = { COLOR_GREEN, A_REVERSE, A_REVERSE },
	[STYLE_BAR_STACKS] = { COLOR_BLUE, A_REVERSE, A_NORMAL },
	[STYLE_BAR_RUNTIME] = { COLOR_MAGENTA, A_REVERSE, A_REVERSE },
	[STYLE_BAR_FILE] = { COLOR_CYAN, A_REVERSE, A_NORMAL },
	[STYLE_BAR_OTHER] = { COLOR_YELLOW, A_REVERSE, A_REVERSE },
	[STYLE_NOTE] = { COLOR_YELLOW, A_NORMAL, A_NORMAL },
	[STYLE_ALARM] = { COLOR_RED, A_BOLD, A_BOLD },
	[STYLE_KEY] = { -1, A_REVERSE, A_REVERSE },
};

static void terminal_cleanup(struct terminal **terminal)
{
	terminal_close(*terminal);
}

static bool start_colours(void)
{
	if (!has_colors() || start_color() == ERR)
		return false;
	use_default_colors();
	for (short style = 0; style < STYLE_COUNT; style++)
		if (looks[style].foreground >= 0)
			init_pair((short)(style + 1), looks[style].foreground, -1);
	return true;
}

/* Home, End and the arrows are sent in several ways, and TERM often names another than the one in
 * use (PuTTY, rxvt, vt100): the digit of an unknown "ESC [ 4 ~" would be taken for a key. */
static void know_common_keys(void)
{
	static const struct {
		const char *sequence;
		int key;
	} keys[] = {
		{ "\033[1~", KEY_HOME },  { "\033[7~", KEY_HOME }, { "\033[H", KEY_HOME },
		{ "\033OH", KEY_HOME },	  { "\033[4~", KEY_END },  { "\033[8~", KEY_END },
		{ "\033[F", KEY_END },	  { "\033OF", KEY_END },   { "\033[5~", KEY_PPAGE },
		{ "\033[6~", KEY_NPAGE }, { "\033[A", KEY_UP },	   { "\033OA", KEY_UP },
		{ "\033[B", KEY_DOWN },	  { "\033OB", KEY_DOWN },  { "\033[C", KEY_RIGHT },
		{ "\033OC", KEY_RIGHT },  { "\033[D", KEY_LEFT },  { "\033OD", KEY_LEFT },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (key_defined(keys[i].sequence) == 0)
			define_key(keys[i].sequence, keys[i].key);
}

static void set_modes(void)
{
	cbreak(); /* ^C stays a signal: it must work when nobody reads keys */
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	know_common_keys();
	nodelay(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	leaveok(stdscr, TRUE);
	curs_set(0);
}

/* Curses also takes terminals on which it cannot move the cursor ("dumb"). */
static bool can_paint(void)
{
	const char *move = tigetstr("cup");

	return move && move != (const char *)-1;
}

int terminal_open(bool colour, struct terminal **ret)
{
	CLEANUP(terminal_cleanup) struct terminal *terminal = calloc(1, sizeof(*terminal));
	const char *type = getenv("TERM");

	if (!terminal)
		return diag_fail(-ENOMEM, "cannot open the terminal");
	terminal->screen = newterm(NULL, stdout, stdin);
	if (!terminal->screen || !can_paint())
		return diag_fail(-EINVAL,
				 "a terminal of type '%s' cannot show a full screen: use --once",
				 type ? type : "");
	set_escdelay(ESCAPE_MS);
	set_modes();
	terminal->colour = colour && start_colours();
	*ret = TAKE(terminal);
	return 0;
}

void terminal_close(struct terminal *terminal)
{
	if (terminal && terminal->screen) {
		endwin();
		delscreen(terminal->screen);
	}
	free(terminal);
}

void terminal_size(const struct terminal *terminal, int *ret_rows, int *ret_columns)
{
	(void)terminal;
	getmaxyx(stdscr, *ret_rows, *ret_columns);
}

static void use_style(const struct terminal *terminal, enum style style)
{
	const struct look *look = &looks[style];
	bool has_colour = terminal->colour && look->foreground >= 0;

	attr_set(terminal->colour ? look->with_colour : look->without,
		 has_colour ? (short)(style + 1) : 0, NULL);
}

static void paint_row(const struct terminal *terminal, const struct canvas *canvas, int row)
{
	const struct cell *cells = &canvas->cells[row * canvas->columns];

	move(row, 0);
	for (int column = 0; column < canvas->columns; column++) {
		wchar_t character = (wchar_t)cells[column].character;

		if (!character)
			continue; /* the right half of the one before */
		if (column == 0 || cells[column].style != cells[column - 1].style)
			use_style(terminal, cells[column].style);
		addnwstr(&character, 1);
	}
}

void terminal_paint(struct terminal *terminal, const struct canvas *canvas)
{
	erase();
	for (int row = 0; row < canvas->rows; row++)
		paint_row(terminal, canvas, row);
	refresh();
}

static int key_code(wint_t curses_key)
{
	static const struct {
		wint_t curses;
		int code;
	} keys[] = {
		{ KEY_UP, CODE_UP },	     { KEY_DOWN, CODE_DOWN },
		{ KEY_LEFT, CODE_LEFT },     { KEY_RIGHT, CODE_RIGHT },
		{ KEY_PPAGE, CODE_PAGE_UP }, { KEY_NPAGE, CODE_PAGE_DOWN },
		{ KEY_HOME, CODE_HOME },     { KEY_END, CODE_END },
		{ KEY_ENTER, CODE_ENTER },   { KEY_BACKSPACE, CODE_BACKSPACE },
		{ KEY_RESIZE, CODE_RESIZE },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].curses == curses_key)
			return keys[i].code;
	return CODE_OTHER;
}

static int character_code(wint_t character)
{
	switch (character) {
	case '\r':
	case '\n':
		return CODE_ENTER;
	case 0x1b:
		return CODE_ESCAPE;
	case 0x7f:
	case '\b':
		return CODE_BACKSPACE;
	default:
		return (int)character;
	}
}

int terminal_key(struct terminal *terminal)
{
	wint_t input;

	(void)terminal;
	switch (get_wch(&input)) {
	case OK:
		return character_code(input);
	case KEY_CODE_YES:
		return key_code(input);
	default:
		return 0;
	}
}
