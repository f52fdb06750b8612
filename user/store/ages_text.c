/* JSON that SQLite's json_each can take apart, and so short that its own parser is shorter still.
 */
#include "store/ages_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

bool ages_to_text(const struct ages *ages, char text[AGES_TEXT_BYTES])
{
	size_t length = 0;

	for (int i = 0; i < AGE_SLOTS; i++)
		if (ages->slots[i])
			length += (size_t)snprintf(text + length, AGES_TEXT_BYTES - length,
						   "%c\"%d\":%" PRId64, length ? ',' : '{', i,
						   (int64_t)ages->slots[i]);
	snprintf(text + length, AGES_TEXT_BYTES - length, "%s", length ? "}" : "");
	return length > 0;
}

static bool take(const char **text, char wanted)
{
	if (**text != wanted)
		return false;
	++*text;
	return true;
}

static bool take_number(const char **text, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(*text, &end, 10);
	if (errno || end == *text)
		return false;
	*text = end;
	return true;
}

int ages_from_text(const char *text, struct ages *ret)
{
	int64_t slot, count;

	*ret = (struct ages){ 0 };
	if (!text || !*text)
		return 0;
	if (!take(&text, '{'))
		return -EBADMSG;
	do {
		if (!take(&text, '"') || !take_number(&text, &slot) || !take(&text, '"') ||
		    !take(&text, ':') || !take_number(&text, &count) || slot < 0 ||
		    slot >= AGE_SLOTS || count < 0 || count > UINT32_MAX)
			return -EBADMSG;
		ret->slots[slot] = (uint32_t)count;
	} while (take(&text, ','));
	return take(&text, '}') && !*text ? 0 : -EBADMSG;
}
