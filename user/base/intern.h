/*
 * Each distinct string once: names of functions, files and types live here as long as the
 * observation, so that everything else can borrow them and compare pointers.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stddef.h>

struct intern;

/* 0 or -ENOMEM, silent. */
int intern_new(struct intern **ret);
void intern_free(struct intern *intern);

/* The one copy of the `length` bytes at `text` (no NUL needed), valid until intern_free.
 * NULL when memory or LIMIT_STRINGS_BYTES is used up. */
const char *intern_bytes(struct intern *intern, const char *text, size_t length);
const char *intern_string(struct intern *intern, const char *text);

#endif
