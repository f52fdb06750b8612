/* The rows of a report on two recordings. */
#ifndef CMD_DIFF_ROWS_H
#define CMD_DIFF_ROWS_H

#include "cmd/diff.h"
#include "cmd/diff_text.h"

/* Grown, shrunk, new and gone apart, then those without a significant change, as one line or
 * (--all) one by one. In the JSON all that is shown is in "rows". */
void diff_add_rows(struct paper *paper, const struct diff_settings *settings,
		   const struct comparison *comparison, enum value value);

/* A number with its bounds: three cells. */
void diff_add_side(struct paper *paper, const struct measure_side *side,
		   const struct diff_unit *unit);

#endif
