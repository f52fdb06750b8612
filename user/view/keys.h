/* Every key once: what it is called, what it does, which codes it has. The enum, the dispatch, the
 * help and the bottom line are made from KEYS. */
#ifndef VIEW_KEYS_H
#define VIEW_KEYS_H

#include "view/key_code.h"

/* X(symbol, keys as text, hint of the bottom line or NULL, what it does, codes...) */
#define KEYS(X)                                                                                    \
	X(UP, "Up k", NULL, "one line up", CODE_UP, 'k')                                           \
	X(DOWN, "Down j", NULL, "one line down", CODE_DOWN, 'j')                                   \
	X(PAGE_UP, "PgUp ^B", NULL, "one screen up", CODE_PAGE_UP, CODE_CONTROL('b'))              \
	X(PAGE_DOWN, "PgDn ^F", NULL, "one screen down", CODE_PAGE_DOWN, CODE_CONTROL('f'))        \
	X(HOME, "Home g", NULL, "to the first line", CODE_HOME, 'g')                               \
	X(END, "End G", NULL, "to the last line", CODE_END, 'G')                                   \
	X(LEFT, "Left h", NULL, "timeline: back in time; stacks: to the left", CODE_LEFT, 'h')     \
	X(RIGHT, "Right l", NULL, "timeline: on in time; stacks: to the right", CODE_RIGHT, 'l')   \
	X(HELP, "?", "help", "this list", '?')                                                     \
	X(OPEN, "Enter", "stacks", "the row's source, callers and stacks", CODE_ENTER)             \
	X(BACK, "Esc", "back", "back to the table", CODE_ESCAPE)                                   \
	X(NEXT, "Tab", "next", "the next grouping; in stacks: the next part", '\t')                \
	X(GROUPING, "1-8", NULL, "this grouping or screen (listed below)", '1', '2', '3', '4',     \
	  '5', '6', '7', '8')                                                                      \
	X(VALUE, "v", "value", "the next value: allocated or in use, bytes or objects", 'v')       \
	X(SORT, "s", "sort", "sort by the next column", 's')                                       \
	X(REVERSE, "r", NULL, "reverse the order", 'r')                                            \
	X(SEARCH, "/", "search", "search while typing (names and types, in any case)", '/')        \
	X(SEARCH_NEXT, "n", NULL, "the next match", 'n')                                           \
	X(SEARCH_PREVIOUS, "N", NULL, "the match before", 'N')                                     \
	X(FILTER, "f", "filter", "keep only rows that match a regular expression", 'f')            \
	X(PAUSE, "Space", "pause", "hold the screen; the observation goes on", ' ')                \
	X(EARLIER, "[ {", NULL, "recordings: an interval back, 10 of them ([: also Left)", '[',    \
	  '{')                                                                                     \
	X(LATER, "] }", NULL, "recordings: an interval on, 10 of them (]: also Right)", ']', '}')  \
	X(SAVE, "w", "write", "write what is on screen to a file", 'w')                            \
	X(QUIT, "q", "quit", "back; from the table: quit (^C: quit at once)", 'q')                 \
	X(MEMORY, "m", "memory", "what the resident memory (rss) consists of", 'm')                \
	X(ZOOM_IN, "+", "finer", "timeline: shorter columns", '+', '=')                            \
	X(ZOOM_OUT, "-", "coarser", "timeline: longer columns", '-')                               \
	X(TIMELINE, "t", "timeline", "what was seen so far, over time; back to the table", 't')

enum key {
#define KEY_ENUM(symbol, ...) KEY_##symbol,
	KEYS(KEY_ENUM)
#undef KEY_ENUM
		KEY_COUNT
};

struct key_entry {
	int codes[9]; /* ends with 0 or the array */
	const char *label, *hint, *summary;
};
extern const struct key_entry key_entries[KEY_COUNT];

/* The key of a code, KEY_COUNT when there is none. */
enum key key_find(int code);

#endif
