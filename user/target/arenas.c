/*
 * Three tables of the runtime say what a page is: the page allocator's bitmaps whether it is
 * allocated, heapArena.spans of which span, and heapArena.pageInUse which pages begin a span with
 * objects. An allocated page of another span is a stack's or a work buffer's; so few remain that
 * mspan.state of those can be asked for. They change while they are read, which costs some pages
 * the wrong state and nothing else.
 */
#include "target/arenas.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

#define ARENA_BASE_OFFSET 0xffff800000000000ULL /* arenaBaseOffset: of the arena with index 0 */
#define ARENA_INDICES	  (ARENA_INDEX_BYTES / 8)
#define CHUNK_BYTES	  (4ULL << 20) /* pallocChunkBytes */
#define CHUNK_PAGES	  (CHUNK_BYTES / ARENA_PAGE_BYTES)
#define CHUNK_L2_BITS	  13 /* pallocChunksL2Bits */
#define ARENA_CHUNKS	  (ARENA_BYTES / CHUNK_BYTES)
#define SPAN_IN_USE	  1 /* mSpanInUse */
#define SPAN_MANUAL	  2 /* mSpanManual */

/* runtime.pallocData */
struct chunk {
	uint64_t allocated[CHUNK_PAGES / 64], scavenged[CHUNK_PAGES / 64];
};

void arenas_clear(struct arenas *arenas)
{
	free(arenas->items);
	*arenas = (struct arenas){ 0 };
}

static int compare_arenas(const void *left, const void *right)
{
	const struct arena *a = left, *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

/* From the indices, which are in `start`, to addresses and metadata. */
static int find_metadata(struct memory *memory, struct arenas *arenas)
{
	AUTO_FREE struct memory_piece *pieces = calloc(arenas->count, sizeof(*pieces));

	if (!pieces)
		return -ENOMEM;
	for (size_t i = 0; i < arenas->count; i++) {
		struct arena *arena = &arenas->items[i];

		if (arena->start >= ARENA_INDICES)
			return -EPROTO;
		pieces[i] = (struct memory_piece){ arenas->index + 8 * arena->start,
						   &arena->metadata, 8 };
		arena->start = arena->start * ARENA_BYTES + ARENA_BASE_OFFSET;
	}
	return memory_read_pieces(memory, pieces, arenas->count);
}

static int read_indices(struct memory *memory, uint64_t list, size_t count, struct arenas *arenas)
{
	AUTO_FREE uint64_t *indices = calloc(count, sizeof(*indices));
	int error;

	if (!indices || VEC_RESERVE(arenas, count, LIMIT_ARENAS) < 0)
		return -ENOMEM;
	error = memory_read(memory, list, indices, count * sizeof(*indices));
	if (error < 0)
		return error;
	for (size_t i = 0; i < count; i++)
		arenas->items[i].start = indices[i];
	arenas->count = count;
	error = find_metadata(memory, arenas);
	if (error < 0)
		arenas->count = 0;
	return error;
}

int arenas_read(struct memory *memory, const struct layout *layout, uint64_t mheap,
		struct arenas *arenas)
{
	uint64_t list[2]; /* pointer and length */
	struct memory_piece pieces[] = {
		{ mheap + (uint64_t)layout->mheap_all_arenas, list, sizeof(list) },
		{ mheap + (uint64_t)layout->mheap_arenas, &arenas->index, 8 },
	};
	int error = memory_read_pieces(memory, pieces, 2);

	arenas->count = 0;
	if (error < 0)
		return error;
	if (list[1] == 0 || list[1] > LIMIT_ARENAS)
		return -EPROTO;
	error = read_indices(memory, list[0], list[1], arenas);
	if (error == 0)
		qsort(arenas->items, arenas->count, sizeof(*arenas->items), compare_arenas);
	return error;
}

/* ---- the pages of one ---- */

struct page_tables {
	uint64_t spans[ARENA_PAGES];
	uint8_t in_use[ARENA_PAGES / 8];
	struct chunk chunks[ARENA_CHUNKS];
	/* runs of pages whose span is to be asked for its state */
	struct run {
		uint64_t span;
		size_t first, count;
		uint8_t state;
	} runs[ARENA_PAGES];
	size_t run_count;
};

/* The chunks of one arena lie side by side: 8192 of them do, from a multiple of 32 GiB on. */
static int read_chunks(struct memory *memory, const struct layout *layout, uint64_t mheap,
		       const struct arena *arena, struct page_tables *tables)
{
	uint64_t index = (arena->start - ARENA_BASE_OFFSET) / CHUNK_BYTES, group;
	int error = memory_read_u64(memory,
				    mheap + (uint64_t)layout->mheap_pages +
					    (uint64_t)layout->page_alloc_chunks +
					    8 * (index >> CHUNK_L2_BITS),
				    &group);

	if (error < 0)
		return error;
	return memory_read(memory,
			   group + (index & ((1U << CHUNK_L2_BITS) - 1)) * sizeof(struct chunk),
			   tables->chunks, sizeof(tables->chunks));
}

static int read_spans(struct memory *memory, const struct layout *layout, const struct arena *arena,
		      size_t first, size_t count, struct page_tables *tables)
{
	struct memory_piece pieces[] = {
		{ arena->metadata + (uint64_t)layout->heap_arena_spans + 8 * first,
		  &tables->spans[first], 8 * count },
		{ arena->metadata + (uint64_t)layout->heap_arena_page_in_use, tables->in_use,
		  sizeof(tables->in_use) },
	};

	return memory_read_pieces(memory, pieces, 2);
}

static bool bit(const uint64_t *words, size_t index)
{
	return words[index / 64] >> (index % 64) & 1;
}

static uint8_t state_of(struct page_tables *tables, size_t page, bool continues, uint8_t previous)
{
	const struct chunk *chunk = &tables->chunks[page / CHUNK_PAGES];

	if (!bit(chunk->allocated, page % CHUNK_PAGES))
		return bit(chunk->scavenged, page % CHUNK_PAGES) ? ARENA_PAGE_RETURNED
								 : ARENA_PAGE_FREE;
	if (continues) {
		if (previous == ARENA_PAGE_MANUAL)
			tables->runs[tables->run_count - 1].count++;
		return previous;
	}
	if (tables->in_use[page / 8] >> (page % 8) & 1)
		return ARENA_PAGE_SPAN;
	if (!tables->spans[page])
		return ARENA_PAGE_FREE;
	tables->runs[tables->run_count++] = (struct run){ tables->spans[page], page, 1, 0 };
	return ARENA_PAGE_MANUAL;
}

/* Whether a page goes on what the page before began. */
static bool continues(const struct page_tables *tables, size_t page, uint8_t previous)
{
	return (previous == ARENA_PAGE_SPAN || previous == ARENA_PAGE_MANUAL) &&
	       tables->spans[page] == tables->spans[page - 1];
}

static int ask_states(struct memory *memory, const struct layout *layout,
		      struct page_tables *tables, uint8_t states[ARENA_PAGES])
{
	AUTO_FREE struct memory_piece *pieces = calloc(tables->run_count + 1, sizeof(*pieces));
	int error;

	if (!pieces)
		return -ENOMEM;
	for (size_t i = 0; i < tables->run_count; i++)
		pieces[i] =
			(struct memory_piece){ tables->runs[i].span + (uint64_t)layout->mspan_state,
					       &tables->runs[i].state, 1 };
	error = memory_read_pieces(memory, pieces, tables->run_count);
	for (size_t i = 0; error == 0 && i < tables->run_count; i++) {
		const struct run *run = &tables->runs[i];
		uint8_t state = run->state == SPAN_IN_USE   ? ARENA_PAGE_SPAN
				: run->state == SPAN_MANUAL ? ARENA_PAGE_MANUAL
							    : ARENA_PAGE_FREE; /* in a P's cache */

		for (size_t page = run->first; page < run->first + run->count; page++)
			states[page] = state;
	}
	return error;
}

int arena_pages_read(struct memory *memory, const struct layout *layout, uint64_t mheap,
		     const struct arena *arena, size_t first, size_t count,
		     uint8_t states[ARENA_PAGES])
{
	AUTO_FREE struct page_tables *tables = malloc(sizeof(*tables));
	int error;

	if (!tables)
		return -ENOMEM;
	tables->run_count = 0;
	error = read_chunks(memory, layout, mheap, arena, tables);
	if (error == 0)
		error = read_spans(memory, layout, arena, first, count, tables);
	if (error < 0)
		return error;
	for (size_t page = first; page < first + count; page++) {
		uint8_t previous = page > first ? states[page - 1] : ARENA_PAGE_FREE;

		states[page] = state_of(tables, page, continues(tables, page, previous), previous);
	}
	return ask_states(memory, layout, tables, states);
}
