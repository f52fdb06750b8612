/* What cmd/ asks of view/: one text table, one JSON line, or the live screen - all made from
 * snapshots. */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "model/series.h"
#include "model/snapshot.h"
#include "model/table.h"

struct view_options {
	const struct grouping *grouping;
	const char *screen; /* in the table's place: a name of view_screen_name, or NULL */
	enum value value;
	size_t top;	    /* rows at most, 0: all */
	const char *filter; /* POSIX extended regular expression on row names and types, or NULL */
	bool colour;	    /* false: NO_COLOR, --no-color */
	bool timeline;	    /* the live screen opens with the timeline */
	struct series *series; /* what it shows, with what was seen before; NULL: one of its own */
};

/* Tables of other things than allocations, which --by takes too. */
bool view_has_screen(const char *name);
const char *view_screen_name(size_t index); /* NULL at the end */

/* Compiles options->filter; -EINVAL reported. Use with table_build's row_filter. */
struct view_filter;
int view_filter_new(const char *expression, struct view_filter **ret);
void view_filter_free(struct view_filter *filter);
bool view_filter_keeps(void *filter, const char *row_name, const char *type);

/* `top --once` and `top` without a terminal: head and table as plain text, at most `width` columns
 * (0: as wide as needed), without escape codes. -EINVAL (bad filter) is reported; -ENOMEM and
 * errors of writing are silent, and what is still buffered is the caller's to flush and check. */
int view_text(FILE *out, const struct snapshot *snapshot, const struct view_options *options,
	      unsigned int width);

/* `top --json`: one object on one line, keys as in the manual; schema "heaptap.top/1".
 * Errors as in view_text. */
int view_json(FILE *out, const struct snapshot *snapshot, const struct view_options *options);

/* `timeline` without a terminal: the head and all of the series as tracks, at most `width` columns
 * (0: 100). Only the options' grouping matters. Errors as in view_text. */
int view_timeline_text(FILE *out, const struct snapshot *snapshot, const struct series *series,
		       const struct view_options *options, unsigned int width);

/*
 * The live screen. `poll` waits at most `timeout_ms` (0: not at all, which is what the screen asks
 * for, 20 times a second: it waits on the keyboard) for the next snapshot: 1 with a snapshot (valid
 * until the next call; its strings and stacks until view_live returns), 0 when there is none yet, a
 * negative errno when there will be no more (the reason as text in *ret_end: "the process has
 * ended"). `save` writes what is on screen (key w) and returns the file's name, or NULL after it
 * has reported why not. What is reported by diag_* meanwhile, from any thread, is shown in the
 * status line and printed after the screen has closed. Returns 0 when the user quits (q, ^C,
 * SIGTERM, SIGHUP, a closed terminal); the terminal is restored in every case. A negative errno is
 * reported: -EINVAL for a terminal that cannot show a screen.
 */
struct live_source {
	int (*poll)(void *context, int timeout_ms, const struct snapshot **ret,
		    const char **ret_end);
	const char *(*save)(void *context, const struct snapshot *snapshot, enum value value);
	/* Of a recording, NULL otherwise: so many intervals on (or back) from the one that poll
	 * gave last, or as far as there are some; the next poll gives it. 0 or a negative errno,
	 * reported. */
	int (*move)(void *context, int steps);
	bool recorded; /* the data are of the past, and no older for that */
	void *context;
};
int view_live(const struct live_source *source, const struct view_options *options);

#endif
