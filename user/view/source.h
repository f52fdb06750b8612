/* Source lines around a place, when the file is readable on this host. */
#ifndef VIEW_SOURCE_H
#define VIEW_SOURCE_H

#include <stdint.h>

#include "view/page.h"

/* Appends up to 2 * context + 1 lines with their numbers, the one at `line` strong, or a sentence
 * on why there are none. `path` is what the target's binary says: not trusted. */
void source_write(const char *path, uint32_t line, uint32_t context, struct page *page);

#endif
