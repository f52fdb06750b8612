/* Names as Go's toolchain writes them, made readable. Pure string work. */
#ifndef MODEL_GONAME_H
#define MODEL_GONAME_H

#include <stdbool.h>
#include <stddef.h>

/* "example.com/a/b.(*T[go.shape.string,example.com/c.X]).M" -> "b.(*T[string,c.X]).M": import paths
 * shortened to the package, "go.shape." left out, long argument lists cut to "[...]" beyond
 * `max_args_bytes` (0: never). Always terminated. */
void goname_short(const char *name, size_t max_args_bytes, char *out, size_t out_size);

/* "example.com/a/b" of the same; "runtime" of "runtime.mallocgc"; path escapes (%2e) undone. */
void goname_package(const char *name, char *out, size_t out_size);

/* The generic function without its arguments, "example.com/a/b.(*T[...]).M"; 0 when the name is not
 * generic, else 1. */
int goname_generic(const char *name, char *out, size_t out_size);
bool goname_is_generic(const char *name);

#endif
