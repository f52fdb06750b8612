/*
 * Patterns over Go's names: `*` stands for any text, `?` for any character, and everything else for
 * itself - brackets too, which names of generic functions are full of. The `*` of a receiver is one
 * of those texts, so that "main.(*Cache*" means what it looks like.
 */
#ifndef MODEL_GLOB_H
#define MODEL_GLOB_H

#include <stdbool.h>
#include <stddef.h>

bool glob_matches(const char *glob, const char *name);

/* A function's name as the linker wrote it, or as it is shown (goname_short): either will do. */
bool glob_matches_function(const char *glob, const char *function);

/* How many characters have to be put in, left out or changed in the name for the glob to match
 * (Levenshtein 1966, `*` for free); `most` + 1 when they are more than `most`, or when one of both
 * is longer than GLOB_DISTANCE_BYTES. */
#define GLOB_DISTANCE_BYTES 256
size_t glob_distance(const char *glob, const char *name, size_t most);

#endif
