/* The terminal: paints canvases, reads keys, restores itself. The only file that knows curses. */
#ifndef VIEW_TERMINAL_H
#define VIEW_TERMINAL_H

#include <stdbool.h>

#include "view/canvas.h"

struct terminal;

/* On standard input and output, in full-screen mode. -EINVAL, reported, when this kind of terminal
 * cannot show one. */
int terminal_open(bool colour, struct terminal **ret);
/* Restores the terminal. */
void terminal_close(struct terminal *terminal);

void terminal_size(const struct terminal *terminal, int *ret_rows, int *ret_columns);
/* Only what changed since the last picture is sent. */
void terminal_paint(struct terminal *terminal, const struct canvas *canvas);
/* The next character or enum key_code; 0 when no key is waiting. */
int terminal_key(struct terminal *terminal);

#endif
