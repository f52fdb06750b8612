/* POSIX extended regular expressions on the names and types of rows. */
#include "view/filter.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"

struct view_filter {
	regex_t expression;
};

int filter_compile(const char *expression, struct view_filter **ret, char *why, size_t why_size)
{
	AUTO_FREE struct view_filter *filter = calloc(1, sizeof(*filter));
	int error;

	if (!filter)
		return -ENOMEM;
	error = regcomp(&filter->expression, expression, REG_EXTENDED | REG_NOSUB);
	if (error) {
		regerror(error, &filter->expression, why, why_size);
		return error == REG_ESPACE ? -ENOMEM : -EINVAL;
	}
	*ret = TAKE(filter);
	return 0;
}

int view_filter_new(const char *expression, struct view_filter **ret)
{
	char why[128];
	int error = filter_compile(expression, ret, why, sizeof(why));

	if (error == -EINVAL)
		return diag_fail(error, "bad regular expression '%s': %s", expression, why);
	return error < 0 ? diag_fail(error, "cannot compile '%s'", expression) : 0;
}

void view_filter_free(struct view_filter *filter)
{
	if (filter)
		regfree(&filter->expression);
	free(filter);
}

bool view_filter_keeps(void *filter, const char *row_name, const char *type)
{
	const struct view_filter *self = filter;

	return !regexec(&self->expression, row_name, 0, NULL, 0) ||
	       (type && !regexec(&self->expression, type, 0, NULL, 0));
}
