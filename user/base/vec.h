/* Growing arrays of any element type, with the cap that STYLE asks for. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

/*
 * Makes room for `need` elements in *items (a malloc'd array, or NULL), doubling. *capacity is
 * updated. 0, -ENOMEM, or -E2BIG when need > max; on failure nothing changed. Silent.
 */
int vec_reserve(void **items, size_t *capacity, size_t need, size_t element_bytes, size_t max);

/* The same for a struct with members `items` and `capacity`. */
#define VEC_RESERVE(vec, need, max)                                                                \
	vec_reserve((void **)&(vec)->items, &(vec)->capacity, (need), sizeof(*(vec)->items), (max))

/* A copy of an array, which may be empty: not NULL then either. NULL without memory; silent. */
void *vec_copy(const void *items, size_t count, size_t element_bytes);

#endif
