/* The currency's numbers as JSON. */
#include "view/json_parts.h"

#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "model/unknown.h"
#include "view/utf8.h"

#define PLACE_DECIMALS 6

json_t *json_of_text(const char *value)
{
	AUTO_FREE char *clean = value ? utf8_clean(value) : NULL;

	return value ? json_string(clean) : json_null();
}

json_t *json_of_known_text(const char *value)
{
	return json_of_text(value && *value ? value : NULL);
}

json_t *json_of_integer(int64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer(value);
}

json_t *json_of_whole(double value)
{
	return isfinite(value) && fabs(value) < 0x1p62 ? json_integer(llround(value)) : json_null();
}

json_t *json_of_real(double value, int places)
{
	double scale = pow(10, places);

	return isfinite(value) ? json_real(round(value * scale) / scale) : json_null();
}

json_t *json_of_losses(const struct snapshot *snapshot)
{
	json_t *losses = json_object();

	for (int i = 0; i < LOSS_COUNT; i++)
		json_object_set_new(losses, loss_key((enum loss)i),
				    json_integer((json_int_t)snapshot->losses[i]));
	return losses;
}

json_t *json_of_place(const struct finding_place *place)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "name", json_of_text(place->name),
			 "file", json_of_known_text(place->file), "line",
			 place->line ? json_integer(place->line) : json_null(), "type",
			 json_of_text(place->type), "value",
			 json_of_real(place->value, PLACE_DECIMALS), "unit", place->unit, "share",
			 json_of_real(place->share, PLACE_DECIMALS));
}

int json_write_line(FILE *out, const json_t *json)
{
	if (!json)
		return -ENOMEM;
	errno = 0;
	if (json_dumpf(json, out, JSON_DUMP_FLAGS) < 0 || fputc('\n', out) == EOF)
		return errno ? -errno : -EIO;
	return 0;
}
