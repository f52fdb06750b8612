/*
 * The address ranges of the Go heap and what the page allocator says of their pages: runtime.mheap_
 * read from outside (runtime/mheap.go, mpagealloc.go). Nothing is assumed about the addresses: Go
 * 1.26 places the heap at random. Constants here are those of 64-bit Linux on amd64.
 */
#ifndef TARGET_ARENAS_H
#define TARGET_ARENAS_H

#include <stddef.h>
#include <stdint.h>

#include "target/layout.h"
#include "target/memory.h"

#define ARENA_BYTES	 (64ULL << 20)
#define ARENA_PAGE_BYTES 8192ULL
#define ARENA_PAGES	 (ARENA_BYTES / ARENA_PAGE_BYTES)

struct arena {
	uint64_t start;
	uint64_t metadata; /* its runtime.heapArena */
};

/* In order of addresses. Zero-initialised is empty. */
struct arenas {
	struct arena *items;
	size_t count, capacity;
	uint64_t index; /* address of the table of metadata, ARENA_INDEX_BYTES long */
};
#define ARENA_INDEX_BYTES (8ULL << 22)

/* `mheap` is its address in the process. 0, -ENOMEM, -EPROTO when it is not a list of arenas, or
 * the error of the read. Silent; *arenas is valid in every case. */
int arenas_read(struct memory *memory, const struct layout *layout, uint64_t mheap,
		struct arenas *arenas);
void arenas_clear(struct arenas *arenas);

enum arena_page {
	ARENA_PAGE_FREE,     /* or in the cache of a P */
	ARENA_PAGE_RETURNED, /* free, and returned to the system */
	ARENA_PAGE_SPAN,     /* of a span with objects */
	ARENA_PAGE_MANUAL,   /* of a span that the runtime took for stacks or work buffers */
};

/* The state of `count` pages of an arena from `first` on. At most four system calls, eight when
 * nearly all are manual. 0 or the error of the read, silent. */
int arena_pages_read(struct memory *memory, const struct layout *layout, uint64_t mheap,
		     const struct arena *arena, size_t first, size_t count,
		     uint8_t states[ARENA_PAGES]);

#endif
