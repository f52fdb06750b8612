/* Units to the ways of writing them; a unit that is not here is a rate, and stands behind. */
#include "view/verdict_text.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "view/utf8.h"

static struct number probability(double p)
{
	struct number ret;

	snprintf(ret.text, sizeof(ret.text), "%.2g", p);
	return ret;
}

static struct number ratio(double value)
{
	struct number ret;

	snprintf(ret.text, sizeof(ret.text), "%.2f", value);
	return ret;
}

static const struct {
	const char *unit;
	struct number (*number)(double value);
	const char *suffix;
} units[] = {
	{ "bytes", number_bytes, "" },
	{ "bytes/s", number_bytes_rate, "" },
	{ "bytes/h", number_bytes, "/h" },
	{ "bytes/call", number_bytes, "/call" },
	{ "share", number_share, "" },
	{ "ns", number_duration, "" },
	{ "count", number_count, "" },
	{ "p", probability, "" },
	{ "ratio", ratio, "" },
};

static void write_known(FILE *out, double value, const char *unit)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].unit, unit)) {
			fprintf(out, "%s%s", units[i].number(value).text, units[i].suffix);
			return;
		}
	fprintf(out, "%s %s", number_per_second(value).text, unit);
}

/* Numbers of base take what is negative for not known. */
void verdict_write_value(FILE *out, double value, const char *unit)
{
	if (isnan(value)) {
		fputc('?', out);
		return;
	}
	if (value < 0)
		fputc('-', out);
	write_known(out, fabs(value), unit);
}

void verdict_write_number(FILE *out, const struct finding_number *number)
{
	verdict_write_value(out, number->value, number->unit);
	fputs(" (", out);
	if (number->kind != NUMBER_EXACT &&
	    !(isnan(number->bounds.low) && isnan(number->bounds.high))) {
		fputs("95 %: ", out);
		verdict_write_value(out, number->bounds.low, number->unit);
		fputs(" to ", out);
		verdict_write_value(out, number->bounds.high, number->unit);
		fputs(", ", out);
	}
	fprintf(out, "%s)", number_kind_name(number->kind));
}

void verdict_write_text(FILE *out, const char *text)
{
	while (*text) {
		char bytes[4];
		uint32_t character;

		text += utf8_decode(text, &character);
		fwrite(bytes, 1, utf8_encode(utf8_shown(character), bytes), out);
	}
}

static void write_type(FILE *out, const char *type)
{
	fputs(" (", out);
	verdict_write_text(out, type);
	fputc(')', out);
}

void verdict_write_place(FILE *out, const struct finding_place *place, const char *code)
{
	fputs(code, out);
	verdict_write_text(out, place->name);
	fputs(code, out);
	if (place->file[0]) {
		fputc(' ', out);
		verdict_write_text(out, place->file);
		fprintf(out, ":%u", place->line);
	}
	if (place->type && strcmp(place->type, place->name) != 0)
		write_type(out, place->type);
	if (!isnan(place->share)) {
		fprintf(out, ", %s of all", number_share(place->share).text);
	} else if (!isnan(place->value)) {
		fputs(", ", out);
		verdict_write_value(out, place->value, place->unit);
	}
}
