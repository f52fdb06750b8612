/* Go version strings: the numbers are what decides, everything behind them is only shown. */
#include "target/go_version.h"

#include <ctype.h>
#include <stdio.h>

/* Reads digits at *at; -EINVAL when there are none or absurdly many. */
static int read_number(const char **at, int *ret)
{
	int value = 0, digits = 0;

	for (; isdigit((unsigned char)**at) && digits < 6; (*at)++, digits++)
		value = value * 10 + (**at - '0');
	if (!digits || isdigit((unsigned char)**at))
		return -EINVAL;
	*ret = value;
	return 0;
}

static int read_dotted_number(const char **at, int *ret)
{
	if (**at != '.')
		return -EINVAL;
	(*at)++;
	return read_number(at, ret);
}

int go_version_parse(struct span text, struct go_version *ret)
{
	struct go_version version = { 0 };
	const char *at = version.text;

	snprintf(version.text, sizeof(version.text), "%.*s",
		 (int)(text.length < sizeof(version.text) ? text.length : sizeof(version.text)),
		 text.length ? (const char *)text.data : "");
	for (char *byte = version.text; *byte; byte++)
		if (!isprint((unsigned char)*byte))
			return -EINVAL;
	if (!strncmp(at, "devel ", 6))
		at += 6;
	if (strncmp(at, "go", 2))
		return -EINVAL;
	at += 2;
	if (read_number(&at, &version.major) < 0 || read_dotted_number(&at, &version.minor) < 0)
		return -EINVAL;
	if (*at == '.' && read_dotted_number(&at, &version.patch) < 0)
		return -EINVAL;
	*ret = version;
	return 0;
}

bool go_version_supported(const struct go_version *version)
{
	return version->major == 1 && version->minor >= GO_MINOR_OLDEST &&
	       version->minor <= GO_MINOR_NEWEST;
}
