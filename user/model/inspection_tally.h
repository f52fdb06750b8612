/* Counting by name: the row of a section that belongs to a name, found in constant time. */
#ifndef MODEL_INSPECTION_TALLY_H
#define MODEL_INSPECTION_TALLY_H

#include "base/cleanup.h"
#include "model/inspection.h"

struct inspection_tally;

/* `section` is borrowed. NULL without memory. */
struct inspection_tally *inspection_tally_new(struct inspection_section *section);
void inspection_tally_free(struct inspection_tally *tally);
DEFINE_CLEANUP(cleanup_tally, struct inspection_tally, inspection_tally_free)

/* The row of this name, all numbers 0 when it is new; valid until the next call. `name` is
 * interned: equal names are the same pointer. NULL without memory or beyond the section's limit. */
struct inspection_row *inspection_tally_row(struct inspection_tally *tally, const char *name);

#endif
