/*
 * Two walks, both forwards, so that a large executable costs page faults in order and no index in
 * memory. First over the name table for the offsets of the wanted names: the linker writes a name
 * once per symbol, so that one name may have several offsets, and a name that was only ever
 * inlined belongs to no function. Then over the functab, comparing offsets.
 */
#include "target/function_search.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

#define LENGTHS	 256	   /* lengths told apart by the filter; longer names share its last bit */
#define MAX_HITS (1 << 16) /* 1.19 calls every instantiation of a generic function the same */

struct hit {
	uint32_t offset, name;
};

struct hits {
	struct hit *items;
	size_t count, capacity;
};

static size_t length_class(size_t length)
{
	return length < LENGTHS ? length : LENGTHS - 1;
}

static int add_hit(struct hits *hits, uint32_t offset, uint32_t name)
{
	int error = VEC_RESERVE(hits, hits->count + 1, MAX_HITS);

	if (error == 0)
		hits->items[hits->count++] = (struct hit){ offset, name };
	return error;
}

/* Most names fall through on their length alone. */
static int find_offsets(struct span table, const char *const *names, size_t count,
			struct hits *hits)
{
	bool wanted[LENGTHS] = { false };
	const char *name;

	for (size_t i = 0; i < count; i++)
		wanted[length_class(strlen(names[i]))] = true;
	for (uint64_t at = 0; (name = span_string(table, at, table.length)) != NULL;) {
		size_t length = strlen(name);

		for (size_t i = 0; wanted[length_class(length)] && i < count; i++) {
			int error = strcmp(name, names[i])
					    ? 0
					    : add_hit(hits, (uint32_t)at, (uint32_t)i);

			if (error < 0)
				return error;
		}
		at += length + 1;
	}
	return 0;
}

/* The first hit at or behind an offset: the walk over the names found them in that order. */
static size_t first_hit(const struct hits *hits, uint32_t offset)
{
	size_t low = 0, high = hits->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hits->items[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Stops when every hit has met its function: no two symbols share a name's offset. */
static size_t match_functions(const struct pclntab *table, const struct hits *hits,
			      struct function_match *matches)
{
	size_t count = 0;

	for (uint32_t i = 0; i < table->function_count && count < hits->count; i++) {
		uint32_t offset = pclntab_function_name(table, i);

		for (size_t k = first_hit(hits, offset);
		     k < hits->count && hits->items[k].offset == offset && count < hits->count; k++)
			matches[count++] = (struct function_match){ hits->items[k].name, i };
	}
	return count;
}

int function_search(const struct pclntab *table, const char *const *names, size_t count,
		    struct function_match **ret, size_t *ret_count)
{
	struct hits hits = { 0 };
	struct hit *owned AUTO_FREE = NULL;
	struct function_match *matches;
	int error = find_offsets(table->names, names, count, &hits);

	owned = hits.items;
	if (error < 0)
		return error;
	matches = calloc(hits.count + 1, sizeof(*matches));
	if (!matches)
		return -ENOMEM;
	*ret_count = match_functions(table, &hits, matches);
	*ret = matches;
	return 0;
}
