/* Decoding by the ranges of RFC 3629. The locale's own mbrtowc is not used: names are UTF-8
 * whatever the terminal speaks. */
#include "view/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Length of the sequence and bits of its first byte; 0 for a byte that cannot be first. */
static size_t first_byte(unsigned char byte, uint32_t *bits)
{
	static const struct {
		unsigned char low, high, mask;
	} lengths[] = {
		{ 0, 0x7f, 0x7f }, { 0xc2, 0xdf, 0x1f }, { 0xe0, 0xef, 0x0f }, { 0xf0, 0xf4, 0x07 }
	};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		if (byte >= lengths[i].low && byte <= lengths[i].high) {
			*bits = byte & lengths[i].mask;
			return i + 1;
		}
	return 0;
}

size_t utf8_decode(const char *text, uint32_t *ret)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character;
	size_t length = first_byte((unsigned char)text[0], &character);

	*ret = UTF8_REPLACEMENT;
	if (!length)
		return 1;
	for (size_t i = 1; i < length; i++) {
		/* a NUL is no continuation byte, so this cannot run past the end */
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 1;
		character = character << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (character < smallest[length] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 1;
	*ret = character;
	return length;
}

uint32_t utf8_shown(uint32_t character)
{
	bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);

	return control ? '?' : character;
}

size_t utf8_encode(uint32_t character, char *out)
{
	static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	out[0] = (char)(marks[length] | character);
	return length;
}

char *utf8_clean(const char *text)
{
	char *clean = malloc(strlen(text) * 3 + 1); /* U+FFFD takes three bytes */
	size_t used = 0;
	uint32_t character;

	if (!clean)
		return NULL;
	while (*text) {
		text += utf8_decode(text, &character);
		used += utf8_encode(character, clean + used);
	}
	clean[used] = '\0';
	return clean;
}
