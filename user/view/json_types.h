/* The `types` of a line of `top --json`. */
#ifndef VIEW_JSON_TYPES_H
#define VIEW_JSON_TYPES_H

#include "base/json_text.h"

#include "model/snapshot.h"

/* At most `top` rows, and so many itabs (0: all): the newest first. NULL without memory. */
json_t *json_types(const struct snapshot *snapshot, size_t top);

#endif
