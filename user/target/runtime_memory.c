/*
 * Each chunk begins with the address of the one that was newest before it
 * (runtime.persistentChunks). The head of that list is a variable that cannot be found in a
 * stripped file, but every P has the chunk that it takes from, and all older ones follow from
 * those.
 */
#include "target/runtime_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

#define PERSISTENT_CHUNK_BYTES (256U << 10) /* persistentChunkSize */
#define SUMMARY_LEVELS	       5
#define CHUNK_GROUP_BYTES      (1U << 20)    /* 8192 pallocData of 128 bytes */
#define CHUNK_GROUP_SPAN       (32ULL << 30) /* of heap that such a group is about */
#define ARENA_BASE	       0xffff800000000000ULL

struct slice {
	uint64_t data, length, capacity;
};

int ranges_add(struct ranges *ranges, struct range range)
{
	if (range.start >= range.end)
		return 0;
	if (VEC_RESERVE(ranges, ranges->count + 1, RANGES_MAX) < 0)
		return -ENOMEM;
	ranges->items[ranges->count++] = range;
	return 0;
}

static int compare_ranges(const void *left, const void *right)
{
	const struct range *a = left, *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

void ranges_sort(struct ranges *ranges)
{
	uint64_t end = 0;
	size_t kept = 0;

	qsort(ranges->items, ranges->count, sizeof(*ranges->items), compare_ranges);
	for (size_t i = 0; i < ranges->count; i++) {
		struct range range = ranges->items[i];

		if (range.start < end)
			range.start = end;
		if (range.start >= range.end)
			continue;
		ranges->items[kept++] = range;
		end = range.end;
	}
	ranges->count = kept;
}

void ranges_clear(struct ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct ranges){ 0 };
}

void persistent_chunks_clear(struct persistent_chunks *chunks)
{
	free(chunks->items);
	*chunks = (struct persistent_chunks){ 0 };
}

/* ---- tables about the heap ---- */

static uint64_t page_aligned(uint64_t address)
{
	return (address + 4095) & ~4095ULL;
}

/* data + bytes, or data when that is beyond all addresses: then nothing is added. */
static struct range range_of(uint64_t data, uint64_t bytes, enum rss_class class)
{
	uint64_t end = bytes < 1ULL << 47 ? page_aligned(data + bytes) : data;

	return (struct range){ data, end > data ? end : data, class, true };
}

static int add_arena_tables(const struct layout *layout, const struct arenas *arenas,
			    struct ranges *ranges)
{
	/* "there's no statistic we can comfortably account for this space in" (mheap.go) */
	struct range index = range_of(arenas->index, ARENA_INDEX_BYTES, RSS_CLASS_INDEX);
	int error;

	index.accounted = false;
	error = ranges_add(ranges, index);
	for (size_t i = 0; error == 0 && i < arenas->count; i++)
		error = ranges_add(ranges,
				   range_of(arenas->items[i].metadata,
					    (uint64_t)layout->heap_arena_bytes, RSS_CLASS_INDEX));
	return error;
}

/* pageAlloc.summary, its first field: reserved at once, mapped where it is needed. */
static int add_summaries(struct memory *memory, uint64_t pages, struct ranges *ranges)
{
	struct slice levels[SUMMARY_LEVELS];
	int error = memory_read(memory, pages, levels, sizeof(levels));

	for (int i = 0; error == 0 && i < SUMMARY_LEVELS; i++)
		error = ranges_add(
			ranges, range_of(levels[i].data, 8 * levels[i].capacity, RSS_CLASS_INDEX));
	return error;
}

static int add_bitmaps(struct memory *memory, uint64_t groups, const struct arenas *arenas,
		       struct ranges *ranges)
{
	uint64_t last = UINT64_MAX, address;
	int error = 0;

	for (size_t i = 0; error == 0 && i < arenas->count; i++) {
		uint64_t group = (arenas->items[i].start - ARENA_BASE) / CHUNK_GROUP_SPAN;

		if (group == last)
			continue;
		last = group;
		error = memory_read_u64(memory, groups + 8 * group, &address);
		if (error == 0 && address)
			error = ranges_add(ranges,
					   range_of(address, CHUNK_GROUP_BYTES, RSS_CLASS_INDEX));
	}
	return error;
}

static int add_span_list(struct memory *memory, uint64_t field, struct ranges *ranges)
{
	struct slice spans;
	int error = memory_read(memory, field, &spans, sizeof(spans));

	if (error < 0)
		return error;
	return ranges_add(ranges, range_of(spans.data, 8 * spans.capacity, RSS_CLASS_PERSISTENT));
}

/* ---- chunks that are never freed ---- */

static size_t place_of(const struct persistent_chunks *chunks, uint64_t address)
{
	size_t low = 0, high = chunks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chunks->items[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The chunk and all older ones that are not known yet. */
static int follow(struct memory *memory, uint64_t chunk, struct persistent_chunks *chunks)
{
	while (chunk) {
		size_t place = place_of(chunks, chunk);
		uint64_t older;
		int error;

		if (place < chunks->count && chunks->items[place] == chunk)
			return 0;
		error = memory_read_u64(memory, chunk, &older);
		if (error < 0)
			return error;
		if (VEC_RESERVE(chunks, chunks->count + 1, LIMIT_CHUNKS) < 0)
			return -ENOMEM;
		memmove(&chunks->items[place + 1], &chunks->items[place],
			(chunks->count - place) * sizeof(*chunks->items));
		chunks->items[place] = chunk;
		chunks->count++;
		chunk = older;
	}
	return 0;
}

static int find_chunks(struct memory *memory, const struct layout *layout, uint64_t allp,
		       struct persistent_chunks *chunks)
{
	struct slice procs;
	int error = memory_read(memory, allp, &procs, sizeof(procs));

	if (error == 0 && procs.length > LIMIT_PROCS)
		return -EPROTO;
	for (uint64_t i = 0; error == 0 && i < procs.length; i++) {
		uint64_t proc, chunk;

		error = memory_read_u64(memory, procs.data + 8 * i, &proc);
		if (error == 0)
			error = memory_read_u64(memory, proc + (uint64_t)layout->p_palloc, &chunk);
		if (error == 0)
			error = follow(memory, chunk, chunks);
	}
	return error;
}

static int add_chunks(const struct persistent_chunks *chunks, struct ranges *ranges)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < chunks->count; i++)
		error = ranges_add(ranges, range_of(chunks->items[i], PERSISTENT_CHUNK_BYTES,
						    RSS_CLASS_PERSISTENT));
	return error;
}

int runtime_memory_find(struct memory *memory, const struct layout *layout,
			const struct globals *globals, const struct arenas *arenas,
			struct persistent_chunks *chunks, struct ranges *ranges)
{
	uint64_t pages = globals->mheap + (uint64_t)layout->mheap_pages;
	int error = add_arena_tables(layout, arenas, ranges);

	if (error == 0)
		error = add_summaries(memory, pages, ranges);
	if (error == 0)
		error = add_bitmaps(memory, pages + (uint64_t)layout->page_alloc_chunks, arenas,
				    ranges);
	if (error == 0)
		error = add_span_list(memory, globals->mheap + (uint64_t)layout->mheap_all_spans,
				      ranges);
	if (error == 0)
		error = find_chunks(memory, layout, globals->allp, chunks);
	return error < 0 ? error : add_chunks(chunks, ranges);
}
