/* What `top --json` says beyond what all groupings have in common. */
#ifndef VIEW_JSON_GROUPING_H
#define VIEW_JSON_GROUPING_H

#include "base/json_text.h"
#include "view/listing.h"

/* The share of boxing in what was allocated since the observation began. A new reference, or NULL.
 */
json_t *json_boxing(const struct snapshot *snapshot);

/* Adds the fields that rows of the listing's grouping have beside the others. */
void json_grouping_add(json_t *json, const struct listing *listing, const struct row *row);

#endif
