/* What a terminal can report: characters, and these. (Apart from keys.h, whose names are also those
 * of curses.) */
#ifndef VIEW_KEY_CODE_H
#define VIEW_KEY_CODE_H

/* Keys that are no characters, as the terminal reports them; in Unicode's private use area, so that
 * they never collide with one. */
enum key_code {
	CODE_UP = 0xe000,
	CODE_DOWN,
	CODE_LEFT,
	CODE_RIGHT,
	CODE_PAGE_UP,
	CODE_PAGE_DOWN,
	CODE_HOME,
	CODE_END,
	CODE_ENTER,
	CODE_BACKSPACE,
	CODE_ESCAPE,
	CODE_RESIZE,
	CODE_OTHER,
};
#define CODE_CONTROL(letter) ((letter)&0x1f)

#endif
