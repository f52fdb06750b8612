/* RFC 3339 times and offsets. */
#include "cmd/moment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/diag.h"
#include "cmd/parse.h"

/* "Z" or "+01:30", to the end of the text. */
static int parse_zone(const char *text, int *ret_s)
{
	int hours, minutes, length = 0;

	*ret_s = 0;
	if (!strcmp(text, "Z") || !strcmp(text, "z"))
		return 0;
	if ((text[0] != '+' && text[0] != '-') ||
	    sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &length) != 2 || length != 5 ||
	    text[6] || hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_s = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
	return 0;
}

/* Digits after the second, as nanoseconds. */
static const char *parse_fraction(const char *text, int64_t *ret_ns)
{
	int64_t digit_ns = 100000000;

	*ret_ns = 0;
	if (*text != '.')
		return text;
	for (text++; *text >= '0' && *text <= '9'; text++, digit_ns /= 10)
		*ret_ns += (*text - '0') * digit_ns;
	return text;
}

static int parse_time(const char *text, int64_t *ret_ns)
{
	struct tm time = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &time);
	int64_t fraction_ns;
	int zone_s;

	if (!rest)
		rest = strptime(text, "%Y-%m-%d %H:%M:%S", &time);
	if (!rest)
		return -EINVAL;
	rest = parse_fraction(rest, &fraction_ns);
	if (parse_zone(rest, &zone_s) < 0 || time.tm_year > 290 || time.tm_year < 70)
		return -EINVAL;
	*ret_ns = ((int64_t)timegm(&time) - zone_s) * 1000000000 + fraction_ns;
	return 0;
}

int parse_moment(const char *option, const char *text, void *member)
{
	struct moment *moment = member;
	double offset_s;

	if (strchr(text, ':')) {
		moment->kind = MOMENT_ABSOLUTE;
		if (parse_time(text, &moment->ns) == 0)
			return 0;
		return diag_fail(-EINVAL,
				 "--%s: '%s' is not a moment, such as 30s, -30s or "
				 "2026-11-24T07:30:00Z",
				 option, text);
	}
	moment->kind = text[0] == '-' ? MOMENT_END : MOMENT_BEGIN;
	if (parse_seconds(option, text + (text[0] == '-'), &offset_s) < 0)
		return -EINVAL;
	moment->ns = offset_s < 9e9 ? (int64_t)(offset_s * 1e9) : (int64_t)9e18;
	return 0;
}

int64_t moment_ns(const struct moment *moment, int64_t first_ns, int64_t last_ns, int64_t otherwise)
{
	int64_t ns;

	switch (moment->kind) {
	case MOMENT_ABSOLUTE:
		return moment->ns;
	case MOMENT_BEGIN:
		return __builtin_add_overflow(first_ns, moment->ns, &ns) ? INT64_MAX : ns;
	case MOMENT_END:
		return __builtin_sub_overflow(last_ns, moment->ns, &ns) ? INT64_MIN : ns;
	case MOMENT_NONE:
		break;
	}
	return otherwise;
}
