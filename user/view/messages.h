/* What is reported while a screen is up: shown in its status line, printed after it closes. */
#ifndef VIEW_MESSAGES_H
#define VIEW_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

/* Takes over what diag_* says, from any thread. */
void messages_begin(void);
/* The latest message that has not been fetched yet; false when there is none. */
bool messages_fetch(char *out, size_t out_size);
/* Gives diag back and lets it print everything. */
void messages_end(void);

#endif
