/* How numbers and names of the model are written in every JSON of heaptap: what is not known is
 * null, names are made valid UTF-8. The caller owns what it gets. */
#ifndef VIEW_JSON_PARTS_H
#define VIEW_JSON_PARTS_H

#include <stdint.h>

#include "base/json_text.h"
#include "judge/finding.h"
#include "model/snapshot.h"

/* 15 digits: what a double holds of a decimal number, so that 0.1 is printed as 0.1. */
#define JSON_DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

json_t *json_of_text(const char *value);	/* NULL: null */
json_t *json_of_known_text(const char *value);	/* NULL or "": null */
json_t *json_of_integer(int64_t value);		/* UNKNOWN: null */
json_t *json_of_whole(double value);		/* an estimate of something that is counted */
json_t *json_of_real(double value, int places); /* rounded: more decimals would only be noise */

json_t *json_of_losses(const struct snapshot *snapshot); /* by reason, 0 as well */

/* Where something was found, with its value and the value's unit. */
json_t *json_of_place(const struct finding_place *place);

/* One object on a line. 0, -ENOMEM for NULL, or a negative errno of writing. */
int json_write_line(FILE *out, const json_t *json);

#endif
