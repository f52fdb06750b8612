/* JSON values of what a snapshot holds: what is not known is null. For view/json*.c. */
#ifndef VIEW_JSON_VALUE_H
#define VIEW_JSON_VALUE_H

#include <math.h>

#include "base/cleanup.h"
#include "base/json_text.h"
#include "model/snapshot.h"
#include "view/utf8.h"

static inline json_t *text(const char *value)
{
	AUTO_FREE char *clean = value ? utf8_clean(value) : NULL;

	return value ? json_string(clean) : json_null();
}

static inline json_t *known_text(const char *value)
{
	return text(value && *value ? value : NULL);
}

/* The model's integers: UNKNOWN is null. */
static inline json_t *integer(int64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer(value);
}

/* An estimate of something that is counted. */
static inline json_t *whole(double value)
{
	return isfinite(value) && fabs(value) < 0x1p62 ? json_integer(llround(value)) : json_null();
}

/* Rounded to `places` decimals: more would only be noise. */
static inline json_t *real(double value, int places)
{
	double scale = pow(10, places);

	return isfinite(value) ? json_real(round(value * scale) / scale) : json_null();
}

#endif
