/* Option values: numbers with units, lists, names out of registries. */
#include "cmd/parse.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "model/table.h"
#include "view/view.h"

int parse_flag(const char *option, const char *text, void *member)
{
	(void)option;
	(void)text;
	*(bool *)member = true;
	return 0;
}

int parse_text(const char *option, const char *text, void *member)
{
	(void)option;
	*(const char **)member = text;
	return 0;
}

int parse_texts(const char *option, const char *text, void *member)
{
	struct text_list *list = member;

	if (!*text)
		return diag_fail(-EINVAL, "--%s: the text is empty", option);
	if (list->count == LIMIT_GLOBS)
		return diag_fail(-EINVAL, "--%s: at most %d times", option, LIMIT_GLOBS);
	list->texts[list->count++] = text;
	return 0;
}

int parse_count(const char *option, const char *text, void *member)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || strchr(text, '-') || value > SIZE_MAX)
		return diag_fail(-EINVAL, "--%s: '%s' is not a number", option, text);
	*(size_t *)member = (size_t)value;
	return 0;
}

const struct unit units_time[] = { { "", 1 },
				   { "ns", 1e-9 },
				   { "us", 1e-6 },
				   { "ms", 1e-3 },
				   { "s", 1 },
				   { "m", 60 },
				   { "h", 3600 },
				   { "\xc2\xb5s", 1e-6 }, /* the micro sign, as Go prints it */
				   { "\xce\xbcs", 1e-6 }, /* the Greek letter */
				   { NULL, 0 } };
const struct unit units_percent[] = { { "", 1 }, { "%", 1 }, { NULL, 0 } };
const struct unit units_count[] = {
	{ "", 1 }, { "k", 1e3 }, { "M", 1e6 }, { "G", 1e9 }, { NULL, 0 }
};
const struct unit units_bytes[] = { { "", 1 },		{ "B", 1 },	  { "K", 1 << 10 },
				    { "KiB", 1 << 10 }, { "k", 1 << 10 }, { "M", 1 << 20 },
				    { "MiB", 1 << 20 }, { "G", 1 << 30 }, { "GiB", 1 << 30 },
				    { NULL, 0 } };

int parse_quantity(const char *text, const struct unit *units, double *ret)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || !isfinite(value) || value < 0)
		return -EINVAL;
	for (; units->name; units++) {
		if (!strcmp(end, units->name)) {
			*ret = value * units->factor;
			return 0;
		}
	}
	return -EINVAL;
}

/* "ns, us, ms": those in ASCII, which are enough to choose from. */
static void list_units(const struct unit *units, char *names, size_t size)
{
	names[0] = '\0';
	for (; units->name; units++)
		if (units->name[0] > 0) {
			strncat(names, names[0] ? ", " : "", size - strlen(names) - 1);
			strncat(names, units->name, size - strlen(names) - 1);
		}
}

/* `what`: "a time, such as 10s". Where there is a number, it is its unit that is wrong. */
static int fail_quantity(const char *option, const char *text, const struct unit *units,
			 const char *what)
{
	char names[64];
	char *unit;
	double value = strtod(text, &unit);

	if (unit == text || !*unit || !isfinite(value) || value < 0)
		return diag_fail(-EINVAL, "--%s: '%s' is not %s", option, text, what);
	list_units(units, names, sizeof(names));
	return diag_fail(-EINVAL, "--%s: '%s' has a unit that is none here (there are %s)", option,
			 text, names);
}

int parse_seconds(const char *option, const char *text, void *member)
{
	if (parse_quantity(text, units_time, member) < 0)
		return fail_quantity(option, text, units_time,
				     "a time, such as 200us, 1.5ms, 10s or 2m");
	return 0;
}

int parse_percent(const char *option, const char *text, void *member)
{
	if (parse_quantity(text, units_percent, member) < 0)
		return fail_quantity(option, text, units_percent, "a percentage, such as 1%");
	return 0;
}

int parse_bytes(const char *option, const char *text, void *member)
{
	double value;

	if (parse_quantity(text, units_bytes, &value) < 0)
		return fail_quantity(option, text, units_bytes,
				     "a size, such as 4096, 64KiB or 1MiB");
	if (value > 9e15)
		return diag_fail(-EINVAL, "--%s: '%s' is more than any memory", option, text);
	*(uint64_t *)member = (uint64_t)value;
	return 0;
}

int parse_pids(const char *option, const char *text, void *member)
{
	struct pid_list *list = member;
	const char *rest = text;

	for (;;) {
		char *end;
		long pid = strtol(rest, &end, 10);

		if (end == rest || pid <= 0 || pid > INT32_MAX || (*end && *end != ','))
			return diag_fail(-EINVAL, "--%s: '%s' is not a process number", option,
					 text);
		if (list->count == LIMIT_TARGETS)
			return diag_fail(-EINVAL, "--%s: at most %d processes at once", option,
					 LIMIT_TARGETS);
		list->pids[list->count++] = (pid_t)pid;
		if (!*end)
			return 0;
		rest = end + 1;
	}
}

static int fail_choice(const char *option, const char *what, const char *text,
		       const char *(*choice)(size_t index))
{
	char names[256] = "";

	for (size_t i = 0; choice(i); i++) {
		strncat(names, i ? ", " : "", sizeof(names) - strlen(names) - 1);
		strncat(names, choice(i), sizeof(names) - strlen(names) - 1);
	}
	return diag_fail(-EINVAL, "--%s: no %s '%s' (there are %s)", option, what, text, names);
}

static const char *grouping_choice(size_t index)
{
	return index < grouping_count ? groupings[index].name : NULL;
}

static const char *by_choice(size_t index)
{
	return index < grouping_count ? groupings[index].name
				      : view_screen_name(index - grouping_count);
}

static const char *value_choice(size_t index)
{
	return index < VALUE_COUNT ? value_name((enum value)index) : NULL;
}

int parse_grouping(const char *option, const char *text, void *member)
{
	const struct grouping *grouping = grouping_find(text);

	if (!grouping)
		return fail_choice(option, "grouping", text, grouping_choice);
	*(const struct grouping **)member = grouping;
	return 0;
}

int parse_by(const char *option, const char *text, void *member)
{
	struct rows_wanted *rows = member;

	rows->screen = view_has_screen(text) ? text : NULL;
	if (rows->screen)
		return 0;
	if (!grouping_find(text))
		return fail_choice(option, "grouping", text, by_choice);
	rows->by = grouping_find(text);
	return 0;
}

int parse_value(const char *option, const char *text, void *member)
{
	int value = value_find(text);

	if (value < 0)
		return fail_choice(option, "value", text, value_choice);
	*(int *)member = value;
	return 0;
}

const char *parse_choice(int (*parser)(const char *, const char *, void *), size_t index)
{
	if (parser == parse_grouping)
		return grouping_choice(index);
	if (parser == parse_by)
		return by_choice(index);
	return parser == parse_value ? value_choice(index) : NULL;
}
