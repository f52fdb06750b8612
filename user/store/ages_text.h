/* Histograms of ages as a column: {"12":3,"14":1}, slots without a death left out. */
#ifndef STORE_AGES_TEXT_H
#define STORE_AGES_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/bucket.h"

#define AGES_TEXT_BYTES (AGE_SLOTS * 27 + 3) /* "36":-9223372036854775808, */

/* False, and an empty text, when every slot is 0. Counts are written as signed numbers. */
bool ages_to_text(const struct ages *ages, char text[AGES_TEXT_BYTES]);
/* NULL is no death. -EBADMSG, silent, when it is no such text. */
int ages_from_text(const char *text, struct ages *ret);

#endif
