/* UTF-8 of foreign origin: names come from the target's binary and may be anything. Pure. */
#ifndef VIEW_UTF8_H
#define VIEW_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xfffdu /* stands for bytes that are not UTF-8 */

/* Decodes one character of the NUL-terminated `text`, which is not at its end; returns the bytes
 * used, 1 for a byte that starts no valid sequence (RFC 3629: no overlong forms, no surrogates). */
size_t utf8_decode(const char *text, uint32_t *ret);

/* What is shown of a character: '?' for control characters, which do not reach a terminal. */
uint32_t utf8_shown(uint32_t character);

/* Writes at most 4 bytes, no NUL; returns how many. */
size_t utf8_encode(uint32_t character, char *out);

/* A copy in which every invalid byte is U+FFFD; to be freed, NULL without memory. */
char *utf8_clean(const char *text);

#endif
