/* Foreign names in JSON. */
#include "base/json_text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	char *copy AUTO_FREE = NULL;

	if (value)
		return value;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *at = copy; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	return json_string(copy);
}

json_t *json_count(double number)
{
	return isnan(number) ? json_null() : json_integer(llround(number));
}

json_t *json_complete(json_t *container, size_t size)
{
	if (json_array_size(container) + json_object_size(container) == size)
		return container;
	json_decref(container);
	return NULL;
}

static int write_plain(const char *text, size_t size, void *out)
{
	return fwrite(text, 1, size, out) == size ? 0 : -1;
}

static int write_escaped(const char *text, size_t size, void *out)
{
	for (size_t i = 0; i < size; i++)
		if ((text[i] == '<' ? fputs("\\u003c", out) : putc(text[i], out)) == EOF)
			return -1;
	return 0;
}

int json_write(FILE *out, const json_t *value, bool in_html)
{
	return json_dump_callback(value, in_html ? write_escaped : write_plain, out,
				  JSON_COMPACT | JSON_ENSURE_ASCII) < 0
		       ? -EIO
		       : 0;
}

int json_write_text(FILE *out, const char *text)
{
	CLEANUP(cleanup_json) json_t *value = json_text(text);

	if (!value)
		return -ENOMEM;
	return json_dump_callback(value, write_plain, out, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) < 0
		       ? -EIO
		       : 0;
}
