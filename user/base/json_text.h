/* Building JSON out of foreign names: the one door to jansson. */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* A string; bytes that are not UTF-8 become '?'. NULL without memory. */
json_t *json_text(const char *text);

/* A number as an integer (rounded), null for NAN. */
json_t *json_count(double number);

/* The array or object when it has `size` elements; freed and NULL when adding some of them failed.
 * NULL stays NULL. */
json_t *json_complete(json_t *container, size_t size);

/*
 * Compact JSON in ASCII. With `in_html`, '<' is written as an escape, so that no name can end a
 * script element. 0 or -EIO.
 */
int json_write(FILE *out, const json_t *value, bool in_html);

/* A string of its own, as json_text makes it: for writers that never hold a whole document. 0,
 * -ENOMEM or -EIO. */
int json_write_text(FILE *out, const char *text);

static inline void cleanup_json(json_t **value)
{
	json_decref(*value);
}

#endif
