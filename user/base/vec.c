/* Growing arrays. */
#include "base/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int vec_reserve(void **items, size_t *capacity, size_t need, size_t element_bytes, size_t max)
{
	size_t wanted = *capacity ? *capacity : 16;
	void *grown;

	if (need <= *capacity)
		return 0;
	if (need > max)
		return -E2BIG;
	while (wanted < need)
		wanted *= 2;
	if (wanted > max)
		wanted = max;
	grown = reallocarray(*items, wanted, element_bytes);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	*capacity = wanted;
	return 0;
}

void *vec_copy(const void *items, size_t count, size_t element_bytes)
{
	size_t bytes = count * element_bytes;
	void *copy = malloc(bytes ? bytes : 1);

	if (copy && bytes)
		memcpy(copy, items, bytes);
	return copy;
}
