/* Differences of counters, and the allocator's rounding. */
#include "model/class_counts.h"

#include "model/unknown.h"

#define HEADER_BYTES	8     /* mallocHeaderSize */
#define HEADERLESS_MOST 512   /* minSizeForMallocHeader, on 64 bits */
#define SMALL_MOST	32768 /* maxSmallSize */
#define TINY_BLOCK	16
#define TINY_ALIGNMENT	8
#define LARGE_PAGE	8192 /* pageSize: large objects are whole pages */

bool class_counts_between(const struct size_class before[SIZE_CLASSES], int64_t mallocs_before,
			  const struct size_class now[SIZE_CLASSES], int64_t mallocs_now,
			  struct class_counts *ret)
{
	int64_t rest = mallocs_now - mallocs_before;

	if (mallocs_before < 0 || mallocs_now < mallocs_before)
		return false;
	for (int class = 0; class < SIZE_CLASSES; class ++) {
		int64_t objects = now[class].mallocs - before[class].mallocs;
		int64_t bytes = now[class].alloc_bytes - before[class].alloc_bytes;

		if (before[class].mallocs == UNKNOWN || objects < 0 || bytes < 0)
			return false;
		ret->objects[class] = (double)objects;
		ret->bytes[class] = (double)bytes;
		rest -= objects;
	}
	ret->objects[CLASS_OF_BLOCKS] += (double)rest;
	return rest >= 0;
}

uint32_t class_of_allocation(uint64_t size_bytes, bool has_pointers, bool has_header)
{
	uint32_t class = 1;

	if (size_bytes < TINY_BLOCK && !has_pointers)
		return CLASS_TINY;
	if (size_bytes > SMALL_MOST - (has_header ? HEADER_BYTES : 0))
		return CLASS_LARGE;
	if (has_header && has_pointers && size_bytes > HEADERLESS_MOST)
		size_bytes += HEADER_BYTES;
	while (class < SIZE_CLASSES - 1 && size_class_bytes[class] < size_bytes)
		class ++;
	return class;
}

static double block_bytes(uint64_t size_bytes)
{
	uint64_t alignment = TINY_ALIGNMENT;

	if (size_bytes > TINY_BLOCK / 2)
		return TINY_BLOCK;
	while (alignment > 1 && size_bytes % alignment)
		alignment /= 2;
	return (double)((size_bytes + alignment - 1) / alignment * alignment);
}

double class_object_bytes(uint32_t size_class, uint64_t size_bytes)
{
	if (size_class == CLASS_TINY)
		return block_bytes(size_bytes);
	if (size_class == CLASS_LARGE)
		return (double)((size_bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
	return size_class_bytes[size_class];
}
