/*
 * The table of types: a line for each kind of registration, then the itab table by interface. Drawn
 * by the live screen and by `top --once --by types`.
 */
#ifndef VIEW_TYPE_LINES_H
#define VIEW_TYPE_LINES_H

#include "model/snapshot.h"
#include "view/canvas.h"
#include "view/filter.h"

/* Lines of a snapshot, which must outlive them. Zero-initialised is empty. */
struct type_lines {
	const struct type_group *group;
	double interval_s;
	size_t row_count;  /* the first lines: indices into group->rows */
	size_t itab_count; /* behind a line for their title, when there are any */
	size_t filtered;
	uint32_t *rows, *itabs; /* which are shown; itabs by interface, then type */
};

/* filter NULL: all. 0 or -ENOMEM, silent, *ret then untouched. */
int type_lines_build(const struct snapshot *snapshot, struct view_filter *filter,
		     struct type_lines *ret);
void type_lines_clear(struct type_lines *lines);
#define AUTO_TYPE_LINES CLEANUP(type_lines_clear)

size_t type_lines_count(const struct type_lines *lines);
/* The line of the itab table's title; that of the count when there is none. */
size_t type_lines_itabs(const struct type_lines *lines);
/* NULL for a line that is no registration. */
const struct type_row *type_lines_row(const struct type_lines *lines, size_t line);
bool type_lines_match(const struct type_lines *lines, size_t line, const char *needle);

/* The totals, the note and the columns' titles; returns the rows used, at most
 * TYPE_TITLE_ROWS. */
#define TYPE_TITLE_ROWS 4
int type_lines_draw_titles(const struct snapshot *snapshot, struct canvas *canvas, int row);
void type_lines_draw(const struct type_lines *lines, struct canvas *canvas, int row, size_t line);

/* "io.Reader <- *os.File", "map[string]int": in short. */
void type_row_name(const struct type_row *row, char *out, size_t out_size);

#endif
