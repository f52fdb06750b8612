/* The caches of a snapshot as JSON. */
#ifndef VIEW_JSON_CACHE_H
#define VIEW_JSON_CACHE_H

#include "base/json_text.h"
#include "model/snapshot.h"

/* null when nothing is watched; NULL without memory. */
json_t *cache_json(const struct snapshot *snapshot);

#endif
