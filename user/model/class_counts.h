/*
 * How many objects of each class of sizes were allocated, as the runtime counts them without any
 * sampling, and which class an allocation is of.
 */
#ifndef MODEL_CLASS_COUNTS_H
#define MODEL_CLASS_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/memstats.h"

#define CLASS_LARGE 0
/* The tiny allocator (runtime/malloc.go) puts small objects without pointers into blocks of this
 * class. The object that makes a block needed is counted as one of the class, those that fit into
 * it apart from all classes: so all of them together are calibrated as this class. */
#define CLASS_OF_BLOCKS 2 /* 16 bytes, maxTinySize */

struct class_counts {
	double objects[SIZE_CLASSES];
	double bytes[SIZE_CLASSES];
};

/* Of a site, besides the size classes: its objects go to the tiny allocator. */
#define CLASS_TINY SIZE_CLASSES
/* In which class those of such a site are counted. */
static inline uint32_t class_counted(uint32_t size_class)
{
	return size_class == CLASS_TINY ? CLASS_OF_BLOCKS : size_class;
}

/* What was allocated between two looks, whose MemStats.Mallocs are given too. False when it is not
 * known: a number was not read, or is smaller than before. */
bool class_counts_between(const struct size_class before[SIZE_CLASSES], int64_t mallocs_before,
			  const struct size_class now[SIZE_CLASSES], int64_t mallocs_now,
			  struct class_counts *ret);

/*
 * The class of an allocation of `size_bytes` (runtime/malloc.go, mallocgc). `has_header`: Go 1.22
 * and newer put 8 bytes before an object that has pointers and more than 512 bytes, and call large
 * what leaves no room for them.
 */
uint32_t class_of_allocation(uint64_t size_bytes, bool has_pointers, bool has_header);

/* The bytes that the allocator takes for it; for a tiny one its part of a block:
 * of more than 8 bytes no two go into one; smaller ones are aligned to the power of two that
 * divides their size, up to 8. */
double class_object_bytes(uint32_t size_class, uint64_t size_bytes);

#endif
