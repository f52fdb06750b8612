/* A limit's text: [GLOB=] and a number with a unit. What is not known is answered with the nearest
 * that is. */
#include "cmd/limit_options.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/parse.h"
#include "model/glob.h"

#define LINE_BYTES	    1024
#define NEAR_ENOUGH	    8 /* changed letters of an option's name */
#define NEAR_ENOUGH_OF_UNIT 2
#define ALL_PERCENT	    100 /* a share is no more */

static const struct units_of {
	const struct unit *units;
	double factor; /* from what the units give to the limit's */
	const char *example;
} units_of[LIMIT_UNITS] = {
	[LIMIT_BYTES] = { units_bytes, 1, "a size, such as 4096, 64KiB or 1MiB" },
	[LIMIT_BYTES_PER_S] = { units_bytes, 1, "bytes per second, such as 64KiB or 1MiB" },
	[LIMIT_COUNT] = { units_count, 1, "a number, such as 100, 20k or 1M" },
	[LIMIT_NS] = { units_time, 1e9, "a time, such as 500us, 10ms or 1s" },
	[LIMIT_SHARE] = { units_percent, 0.01, "a percentage, such as 5%" },
};

static const char *nearest_unit(const struct unit *units, const char *text)
{
	const char *nearest = NULL;
	size_t best = NEAR_ENOUGH_OF_UNIT;

	for (; units->name; units++) {
		size_t distance = glob_distance(text, units->name, best);
		bool begins = *units->name == *text; /* "KB" is KiB rather than B */

		if (*units->name && distance <= best && (!nearest || distance < best || begins)) {
			best = distance;
			nearest = units->name;
		}
	}
	return nearest;
}

static int refuse_number(const char *option, const char *text, const struct units_of *of)
{
	const char *unit = text + strspn(text, "0123456789.");
	const char *nearest = *unit && unit > text ? nearest_unit(of->units, unit) : NULL;

	if (nearest)
		return diag_fail(-EINVAL, "--%s: there is no unit '%s' here; did you mean '%s'?",
				 option, unit, nearest);
	return diag_fail(-EINVAL, "--%s: '%s' is not %s", option, text, of->example);
}

static int refuse_name(const char *name)
{
	const char *nearest = NULL;
	size_t best = NEAR_ENOUGH;

	for (const struct limit_kind *kind = limit_kinds; kind->name; kind++) {
		size_t distance = glob_distance(name, kind->name, best);

		if (distance <= best && (!nearest || distance < best)) {
			best = distance;
			nearest = kind->name;
		}
	}
	if (nearest)
		return diag_fail(-EINVAL, "there is no limit '%s'; did you mean '%s'?", name,
				 nearest);
	return diag_fail(-EINVAL, "there is no limit '%s' (see 'heaptap help check')", name);
}

/* Of rates "/s" may be said or not. */
static char *plain_number(const char *text, enum limit_unit unit)
{
	size_t length = strlen(text);
	bool said = unit == LIMIT_BYTES_PER_S && length > 2 && !strcmp(text + length - 2, "/s");

	return strndup(text, length - (said ? 2 : 0));
}

int parse_limit(const char *option, const char *text, void *member)
{
	const struct limit_kind *kind = limit_kind_find(option);
	const char *equals = strrchr(text, '=');
	AUTO_FREE char *number = NULL;
	double most;
	int error;

	if (!kind)
		return refuse_name(option);
	if (equals && (!kind->takes_glob || equals == text))
		return diag_fail(-EINVAL, "--%s: '%s' is not %s%s", option, text,
				 kind->takes_glob ? "GLOB=, then " : "",
				 units_of[kind->unit].example);
	number = plain_number(equals ? equals + 1 : text, kind->unit);
	if (!number)
		return diag_fail(-ENOMEM, "--%s", option);
	if (parse_quantity(number, units_of[kind->unit].units, &most) < 0)
		return refuse_number(option, number, &units_of[kind->unit]);
	if (kind->unit == LIMIT_SHARE && most >= ALL_PERCENT)
		return diag_fail(-EINVAL, "--%s: '%s' would always pass: give less than 100%%",
				 option, number);
	error = limits_add(member, kind, equals ? text : NULL, equals ? (size_t)(equals - text) : 0,
			   most * units_of[kind->unit].factor);
	return error < 0 ? diag_fail(error, "--%s: at most %d limits", option, LIMITS_MOST) : 0;
}

/* Cuts the comment and the spaces around off; returns the beginning. */
static char *trim(char *line)
{
	size_t length;

	for (char *at = line; *at; at++) {
		if (*at == '#' && (at == line || at[-1] == ' ' || at[-1] == '\t')) {
			*at = '\0';
			break;
		}
	}
	line += strspn(line, " \t");
	length = strlen(line);
	while (length && strchr(" \t\r\n", line[length - 1]))
		line[--length] = '\0';
	return line;
}

static int parse_line(char *line, struct limits *limits)
{
	char *name = trim(line), *value = name + strcspn(name, " \t");

	if (!*name)
		return 0;
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");
	if (!limit_kind_find(name))
		return refuse_name(name);
	if (!*value)
		return diag_fail(-EINVAL, "'%s' needs a value", name);
	return parse_limit(name, value, limits);
}

/* What parse_line reports, with the place before it. */
static int parse_numbered(const char *path, size_t number, char *line, struct limits *limits)
{
	char reason[512] = "";
	int error;

	diag_capture(reason, sizeof(reason));
	error = parse_line(line, limits);
	diag_release();
	return error < 0 ? diag_fail(-EINVAL, "%s:%zu: %s", path, number, reason) : 0;
}

int parse_limits_file(const char *option, const char *path, void *member)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char line[LINE_BYTES];
	int error = 0;

	if (!file)
		return diag_fail(-errno, "--%s: cannot open '%s'", option, path);
	for (size_t number = 1; error == 0 && fgets(line, sizeof(line), file); number++) {
		if (strlen(line) == sizeof(line) - 1)
			return diag_fail(-EINVAL, "%s:%zu: the line is too long", path, number);
		error = parse_numbered(path, number, line, member);
	}
	if (error == 0 && ferror(file))
		error = diag_fail(-EIO, "--%s: cannot read '%s'", option, path);
	return error;
}
