/* An inspected executable, or the comparison of two, as text and as JSON. */
#ifndef VIEW_INSPECT_H
#define VIEW_INSPECT_H

#include <stdio.h>

#include "model/inspection.h"

#define INSPECT_TEXT_COLUMNS 100 /* where there is no terminal */
#define INSPECT_TEXT_LEAST   80

/* At most `top` rows of each section (0: all), no line wider than `columns` (0:
 * INSPECT_TEXT_COLUMNS; INSPECT_TEXT_LEAST at least). 0 or -EIO, silent. */
int view_inspection_text(FILE *out, const struct inspection *inspection, size_t top,
			 unsigned int columns);
/* One object on one line, schema heaptap.inspect/1, or heaptap.inspect-diff/1 of a comparison. 0,
 * -ENOMEM or -EIO, silent. */
int view_inspection_json(FILE *out, const struct inspection *inspection, size_t top);

#endif
