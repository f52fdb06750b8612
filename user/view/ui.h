/*
 * The live screen without a terminal: snapshots, key codes and the time go in, a canvas comes out.
 * live.c connects it to a terminal, the tests to text pictures.
 */
#ifndef VIEW_UI_H
#define VIEW_UI_H

#include "view/canvas.h"
#include "view/columns.h"
#include "view/history.h"
#include "view/keys.h"
#include "view/listing.h"
#include "view/page.h"
#include "view/timeline.h"
#include "view/type_lines.h"
#include "view/view.h"

struct ui;

/* Where a screen stands: the selected (or found) line, and the first one shown. */
struct cursor {
	size_t at, top;
	int pan; /* columns cut at the left */
};

/* A screen is a table of verbs. */
struct screen {
	bool scrolls;		     /* keys move the lines, not a selection */
	int (*head_lines)(int rows); /* of the status head, on a screen of so many rows */
	struct cursor *(*cursor)(struct ui *ui);
	/* Of a screen of text; then count, matches and draw_lines are NULL. */
	const struct page *(*page)(const struct ui *ui);
	size_t (*count)(const struct ui *ui); /* lines */
	bool (*matches)(const struct ui *ui, size_t line, const char *needle);
	void (*refresh)(struct ui *ui); /* the data have changed */
	void (*moved)(struct ui *ui);	/* the user has moved the cursor; NULL: nothing to do */
	/* Draws below the head; returns the rows used for titles, which do not scroll. NULL: none
	 */
	int (*draw_titles)(struct ui *ui, struct canvas *canvas, int row);
	void (*draw_lines)(struct ui *ui, struct canvas *canvas, int row, int rows);
	/* What stands in the status line as long as there is nothing to say; NULL: the rows. */
	void (*describe)(const struct ui *ui, char *out, size_t out_size);
	/* What keys do here; NULL: see ui_actions. */
	void (*actions[KEY_COUNT])(struct ui *ui, int code);
};

extern const struct screen screen_table, screen_stacks, screen_memory, screen_timeline, screen_help;
extern const struct screen screen_types, screen_type_stack, screen_cache;

/* Screens that have a digit, as groupings have (model/grouping.c): one line each in
 * digit_screens.c. */
struct digit_screen {
	char digit;
	const char *name, *summary; /* the name is one of --by */
	const struct screen *screen;
	/* What it shows as text, below the head: as view_text. */
	int (*print)(FILE *out, const struct snapshot *snapshot, const struct view_options *options,
		     unsigned int width);
};
extern const struct digit_screen digit_screens[];		/* ends with a digit of 0 */
const struct digit_screen *digit_screen_find(const char *name); /* NULL when there is none */

int cache_text(FILE *out, const struct snapshot *snapshot, const struct view_options *options,
	       unsigned int width);
int types_text(FILE *out, const struct snapshot *snapshot, const struct view_options *options,
	       unsigned int width);

/* What keys do on every screen. */
extern void (*const ui_actions[KEY_COUNT])(struct ui *ui, int code);

#define UI_TEXT 256

struct prompt {
	char mark; /* '/' or 'f'; 0: not open */
	char text[UI_TEXT];
	struct cursor origin; /* where the search began */
};

struct ui {
	const struct live_source *source; /* for saving; its poll is live.c's business */
	size_t top;
	bool unicode, quit;

	struct snapshot shown, pending; /* pending: came while paused */
	bool has_shown, has_pending, paused;
	struct history history;
	struct rss parts;    /* the last that were known: they are not read in each interval */
	int64_t now_unix_ns; /* set by who knows the time */
	char end[UI_TEXT];   /* why there will be no more data, "" while there may be */

	const struct grouping *grouping;
	enum value value;
	const struct column *sort;
	bool reversed;
	struct view_filter *filter;
	char filter_text[UI_TEXT], search[UI_TEXT];
	struct listing listing;
	struct row_id selected; /* that the cursor sticks to; none: it stays on its line */

	const struct screen *screen, *before_help, *home;
	struct cursor table_cursor, stacks_cursor, memory_cursor, help_cursor, timeline_cursor,
		cache_cursor;
	struct row_id opened; /* whose stacks are shown */
	struct cursor types_cursor;
	struct type_lines types; /* made for the screens of types */
	uint64_t selected_type;	 /* type_row.id, that the cursor sticks to; 0: none */
	struct page stacks, help, caches;
	struct series *series, *own_series; /* own: NULL when the caller gave one */
	struct timeline timeline;
	bool fit; /* the timeline is to begin with all of the series */

	struct prompt prompt;
	char status[512]; /* until the next key */
	int body_rows;	  /* lines that the last picture had room for */
};

/* `source` may be NULL (nothing can be saved). The options' filter has been checked by the command;
 * a bad one is reported: -EINVAL. -ENOMEM is reported. */
int ui_new(const struct live_source *source, const struct view_options *options, bool unicode,
	   struct ui **ret);
void ui_free(struct ui *ui);

/* A new snapshot, copied. */
void ui_update(struct ui *ui, const struct snapshot *snapshot);
/* There will be no more; the last data stay. */
void ui_end(struct ui *ui, const char *reason);
/* A character or enum key_code. */
void ui_key(struct ui *ui, int code);
void ui_draw(struct ui *ui, struct canvas *canvas);

/* ---- for screens ---- */
void ui_say(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes the listing anew, after a change of what is shown. */
void ui_rebuild(struct ui *ui);
void ui_show(struct ui *ui, const struct screen *screen);
/* The grouping or screen of a digit, from wherever one is. */
void ui_pick(struct ui *ui, int code);
/* What keys that lead back do. */
void ui_to_table(struct ui *ui, int code);
/* The line from which keys move: the selected one, or the first one shown. */
size_t ui_position(struct ui *ui);
void ui_move_to(struct ui *ui, size_t line);
/* What the screen that is shown has, whichever kind it is. */
size_t ui_count(const struct ui *ui);
bool ui_matches(const struct ui *ui, size_t line, const char *needle);
int ui_draw_titles(struct ui *ui, struct canvas *canvas, int row);
void ui_draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows);
/* What keys do on a screen of text. */
void ui_pan_left(struct ui *ui, int code);
void ui_pan_right(struct ui *ui, int code);
/* The line to be marked on a screen of text: the one that was searched for, or SIZE_MAX. */
size_t ui_marked(struct ui *ui);
/* The first match from `from` on in the direction, around the end; false when there is none. */
bool ui_find(struct ui *ui, const char *needle, size_t from, bool backwards, size_t *ret);

void prompt_open(struct ui *ui, int mark, const char *text);
void prompt_key(struct ui *ui, int code);

#endif
