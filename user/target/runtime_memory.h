/*
 * Where the Go runtime has memory outside of its heap, as far as its own pointers say: the tables
 * about arenas and pages, the list of spans, and the chunks that are never freed, which hold spans,
 * mcaches, profiling buckets, itabs and more (runtime/malloc.go persistentalloc). Mark bits, the
 * hash table of profiling and trace buffers are not among them.
 */
#ifndef TARGET_RUNTIME_MEMORY_H
#define TARGET_RUNTIME_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/rss_split.h"
#include "target/arenas.h"
#include "target/globals.h"

struct range {
	uint64_t start, end;
	enum rss_class class; /* of what is in it */
	bool accounted;	      /* what is mapped of it is in MemStats */
};

/* Zero-initialised is empty. Sorted, without overlaps, once ranges_sort was called. */
struct ranges {
	struct range *items;
	size_t count, capacity;
};
#define RANGES_MAX (LIMIT_ARENAS * 2 + LIMIT_CHUNKS + LIMIT_MAPPINGS)

/* 0 or -ENOMEM; a range without bytes is left out. Silent. */
int ranges_add(struct ranges *ranges, struct range range);
/* Of two that overlap, the one that begins first wins, and what begins first at one place. */
void ranges_sort(struct ranges *ranges);
void ranges_clear(struct ranges *ranges);

/* The chunks found until now: they stay where they are, so each is followed once. Zero-initialised
 * is none. */
struct persistent_chunks {
	uint64_t *items; /* sorted */
	size_t count, capacity;
};
void persistent_chunks_clear(struct persistent_chunks *chunks);

/* Adds the ranges. Addresses in `globals` are in the process. 0, -ENOMEM or the error of a read;
 * silent. */
int runtime_memory_find(struct memory *memory, const struct layout *layout,
			const struct globals *globals, const struct arenas *arenas,
			struct persistent_chunks *chunks, struct ranges *ranges);

#endif
