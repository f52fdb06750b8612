/*
 * How many objects of each class of sizes were allocated, as the runtime counts them without any
 * sampling, and which class an allocation is of.
 */
#ifndef MODEL_CLASS_COUNTS_H
#define MODEL_CLASS_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/memstats.h"

/* [0]: large objects; the size classes; last the objects that the tiny allocator puts into blocks
 * of class CLASS_OF_BLOCKS, which counts those blocks beside its own objects. */
#define CLASS_LARGE	   0
#define CLASS_OF_BLOCKS	   2 /* 16 bytes (runtime/malloc.go, maxTinySize) */
#define CLASS_TINY	   SIZE_CLASSES
#define CALIBRATED_CLASSES (SIZE_CLASSES + 1)

struct class_counts {
	double objects[CALIBRATED_CLASSES];
	double large_bytes;
};

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

/* The bytes that the allocator takes for it; of a tiny one the part of a block. */
double class_object_bytes(uint32_t size_class, uint64_t size_bytes);

/* The part of a tiny allocator's block that such an object takes: of more than 8 bytes no two go
 * into one; smaller ones are aligned to the power of two that divides their size, up to 8. */
double class_block_part(uint64_t size_bytes);

#endif
