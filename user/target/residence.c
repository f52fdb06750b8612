/*
 * The one idea: a list of address ranges whose purpose is known, and a list of mappings with how
 * much of each is resident. A mapping that is in one range is of its class. One that is not, since
 * the kernel merges neighbours and Go's memory lies beside C's, is divided by asking for the single
 * pages of the ranges in it; what is left of it then is of the class that its name tells.
 */
#include "target/residence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/unknown.h"
#include "target/arenas.h"
#include "target/mapping_class.h"
#include "target/pagemap.h"
#include "target/process_files.h"
#include "target/runtime_memory.h"
#include "target/smaps.h"

/* Of ranges only: the arenas; their pages are of four classes. */
#define CLASS_HEAP RSS_CLASS_SPANS

struct residence {
	pid_t pid;
	struct memory *memory;
	const struct layout *layout;
	const struct globals *globals;
	const struct elf_image *image;
	uint64_t bias, stack_bytes;
	struct smaps smaps;
	struct arenas arenas;
	struct persistent_chunks chunks;
	struct ranges ranges;
	struct pagemap pagemap;
	uint8_t states[ARENA_PAGES];
};

void residence_free(struct residence *residence)
{
	if (!residence)
		return;
	smaps_clear(&residence->smaps);
	arenas_clear(&residence->arenas);
	persistent_chunks_clear(&residence->chunks);
	ranges_clear(&residence->ranges);
	free(residence);
}

int residence_new(pid_t pid, struct memory *memory, const struct layout *layout,
		  const struct globals *globals, const struct elf_image *image, uint64_t bias,
		  struct residence **ret)
{
	struct residence *residence;

	if (!globals->mheap || !globals->allp)
		return -ENOTSUP;
	residence = calloc(1, sizeof(*residence));
	if (!residence)
		return -ENOMEM;
	residence->pid = pid;
	residence->memory = memory;
	residence->layout = layout;
	residence->globals = globals;
	residence->image = image;
	residence->bias = bias;
	residence->stack_bytes = thread_stack_bytes(pid);
	*ret = residence;
	return 0;
}

/* ---- what is known of addresses ---- */

static int add_executable(struct residence *residence)
{
	struct elf_segment segment;
	int error = 0;

	for (size_t i = 0; error == 0 && elf_image_segment(residence->image, i, &segment); i++) {
		uint64_t start = segment.address + residence->bias;

		error = ranges_add(
			&residence->ranges,
			(struct range){
				.start = start & ~4095ULL,
				.end = (start + segment.memory_bytes + 4095) & ~4095ULL,
				.class = segment.writable ? RSS_CLASS_DATA : RSS_CLASS_TEXT,
			});
	}
	return error;
}

static int add_arenas(struct residence *residence)
{
	int error = arenas_read(residence->memory, residence->layout, residence->globals->mheap,
				&residence->arenas);

	for (size_t i = 0; error == 0 && i < residence->arenas.count; i++) {
		uint64_t start = residence->arenas.items[i].start;

		error = ranges_add(&residence->ranges,
				   (struct range){ start, start + ARENA_BYTES, CLASS_HEAP, false });
	}
	return error;
}

/* The first range that ends after `address`; the count when there is none. */
static size_t range_after(const struct ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Stacks of C's threads: up to where something else is known to be. */
static int add_stacks(struct residence *residence)
{
	const struct smaps *smaps = &residence->smaps;
	struct ranges *ranges = &residence->ranges;
	size_t known = ranges->count;
	int error = 0;

	for (size_t i = 1; error == 0 && i < smaps->count; i++) {
		struct range stack = { .class = RSS_CLASS_NATIVE_STACK };
		size_t next;

		if (!mapping_is_stack(&smaps->items[i - 1], &smaps->items[i]))
			continue;
		stack.start = smaps->items[i].start;
		stack.end = smaps->items[i].end;
		if (stack.end - stack.start > residence->stack_bytes)
			stack.end = stack.start + residence->stack_bytes;
		next = range_after(&(struct ranges){ ranges->items, known, 0 }, stack.start);
		if (next < known && ranges->items[next].start < stack.end)
			stack.end = ranges->items[next].start;
		error = ranges_add(ranges, stack);
	}
	ranges_sort(ranges);
	return error;
}

static int find_ranges(struct residence *residence)
{
	int error;

	residence->ranges.count = 0;
	error = add_executable(residence);
	if (error == 0)
		error = add_arenas(residence);
	if (error == 0)
		error = runtime_memory_find(residence->memory, residence->layout,
					    residence->globals, &residence->arenas,
					    &residence->chunks, &residence->ranges);
	if (error < 0)
		return error;
	ranges_sort(&residence->ranges);
	return add_stacks(residence);
}

/* ---- the heap, page by page ---- */

/* In the order in which they give when the pages have become fewer than the mapping had. */
static const enum rss_class heap_classes[] = { RSS_CLASS_SPANS, RSS_CLASS_MANUAL, RSS_CLASS_FREE,
					       RSS_CLASS_RETURNED };

static enum rss_class heap_class(uint8_t state)
{
	switch (state) {
	case ARENA_PAGE_FREE:
		return RSS_CLASS_FREE;
	case ARENA_PAGE_RETURNED:
		return RSS_CLASS_RETURNED;
	case ARENA_PAGE_MANUAL:
		return RSS_CLASS_MANUAL;
	default:
		return RSS_CLASS_SPANS;
	}
}

/*
 * Pages and mappings are not looked at in one moment: the mapping's number is the one that holds.
 * What the pages lack was returned to the kernel meanwhile, as far as `absent`, the bytes of free
 * pages that are not resident, goes.
 */
static void reconcile(int64_t bytes, int64_t absent, int64_t counted[RSS_CLASS_COUNT])
{
	int64_t returned;

	for (size_t i = 0; i < sizeof(heap_classes) / sizeof(heap_classes[0]); i++)
		bytes -= counted[heap_classes[i]];
	if (bytes > 0) {
		returned = bytes < absent ? bytes : absent;
		counted[RSS_CLASS_FREE] += returned;
		counted[RSS_CLASS_SPANS] += bytes - returned;
	}
	for (size_t i = 0; bytes < 0; i++) {
		int64_t *class = &counted[heap_classes[i]];
		int64_t less = *class < -bytes ? *class : -bytes;

		*class -= less;
		bytes += less;
	}
}

static const struct arena *arena_at(const struct residence *residence, uint64_t address)
{
	const struct arena *items = residence->arenas.items;
	size_t low = 0, high = residence->arenas.count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (items[middle].start <= address)
			low = middle;
		else
			high = middle;
	}
	return &items[low];
}

/* [start, end) is in one arena; `bytes` of it are resident. */
static void place_heap(struct residence *residence, uint64_t start, uint64_t end, int64_t bytes,
		       bool full, struct rss_resident *ret)
{
	const struct arena *arena = arena_at(residence, start);
	size_t first = (start - arena->start) / ARENA_PAGE_BYTES;
	size_t last = (end - 1 - arena->start) / ARENA_PAGE_BYTES;
	int64_t counted[RSS_CLASS_COUNT] = { 0 }, absent = 0;

	if (arena_pages_read(residence->memory, residence->layout, residence->globals->mheap, arena,
			     first, last - first + 1, residence->states) < 0)
		memset(residence->states, ARENA_PAGE_SPAN, sizeof(residence->states));
	if (!full)
		pagemap_load(&residence->pagemap, start, end);
	for (size_t page = first; page <= last; page++) {
		uint64_t from = arena->start + page * ARENA_PAGE_BYTES;
		uint64_t to = from + ARENA_PAGE_BYTES < end ? from + ARENA_PAGE_BYTES : end;
		enum rss_class class = heap_class(residence->states[page]);
		int64_t resident;

		from = from > start ? from : start;
		resident = (int64_t)(full ? to - from
					  : pagemap_resident(&residence->pagemap, from, to));
		counted[class] += resident;
		if (class == RSS_CLASS_FREE || class == RSS_CLASS_RETURNED)
			absent += (int64_t)(to - from) - resident;
	}
	reconcile(bytes, absent, counted);
	for (int class = 0; class < RSS_CLASS_COUNT; class ++)
		ret->bytes[class] += counted[class];
}

/* ---- mappings ---- */

static void count_mapped(const struct range *range, uint64_t bytes, struct rss_resident *ret)
{
	if (!range->accounted)
		return;
	if (range->class == RSS_CLASS_INDEX)
		ret->index_mapped_bytes += (int64_t)bytes;
	else
		ret->persistent_mapped_bytes += (int64_t)bytes;
}

/* Returns how many bytes were placed. */
static uint64_t place_piece(struct residence *residence, const struct smaps_mapping *mapping,
			    const struct range *range, uint64_t left, struct rss_resident *ret)
{
	uint64_t start = range->start > mapping->start ? range->start : mapping->start;
	uint64_t end = range->end < mapping->end ? range->end : mapping->end;
	bool full = mapping->rss_bytes == mapping->end - mapping->start;
	uint64_t bytes;

	if (mapping->writable)
		count_mapped(range, end - start, ret);
	if (left == 0)
		return 0;
	if (end - start == mapping->end - mapping->start)
		bytes = mapping->rss_bytes;
	else
		bytes = full ? end - start : pagemap_resident(&residence->pagemap, start, end);
	bytes = bytes < left ? bytes : left;
	if (range->class == CLASS_HEAP)
		place_heap(residence, start, end, (int64_t)bytes, full, ret);
	else
		ret->bytes[range->class] += (int64_t)bytes;
	return bytes;
}

static void place_mapping(struct residence *residence, const struct smaps_mapping *mapping,
			  struct rss_resident *ret)
{
	const struct ranges *ranges = &residence->ranges;
	uint64_t left = mapping->rss_bytes, end = mapping->start;
	enum rss_class rest = mapping_class(mapping);
	size_t i = range_after(ranges, mapping->start);

	for (; i < ranges->count && ranges->items[i].start < mapping->end; i++) {
		const struct range *range = &ranges->items[i];

		left -= place_piece(residence, mapping, range, left, ret);
		if (range->start <= end)
			end = range->end;
	}
	/* gone between the looks at the mapping and at its pages: what a heap gives back was free
	 */
	if (end >= mapping->end)
		rest = ranges->items[i - 1].class == CLASS_HEAP ? RSS_CLASS_FREE
								: ranges->items[i - 1].class;
	ret->bytes[rest] += (int64_t)left;
}

static void place_all(struct residence *residence, struct rss_resident *ret)
{
	ret->swap_bytes = 0;
	for (size_t i = 0; i < residence->smaps.count; i++) {
		const struct smaps_mapping *mapping = &residence->smaps.items[i];

		place_mapping(residence, mapping, ret);
		ret->swap_bytes += (int64_t)mapping->swap_bytes;
		ret->named |= mapping_is_named_by_go(mapping);
	}
}

/* The statistics are kept as three deltas whose sum is the total (runtime/mstats.go); what a
 * program has that adds to them just now is in it or not. */
static int64_t work_buffers_bytes(struct residence *residence)
{
	const struct layout *layout = residence->layout;
	const int32_t fields[] = { layout->delta_in_work_bufs, layout->delta_in_ptr_scalar_bits };
	uint64_t deltas[3][2] = { { 0 } };
	struct memory_piece pieces[6];
	size_t count = 0;
	int64_t sum = 0;

	for (int i = 0; i < 6; i++) {
		if (fields[i % 2] == LAYOUT_ABSENT)
			continue;
		pieces[count++] = (struct memory_piece){
			residence->globals->memstats +
				(uint64_t)(i / 2 * layout->heap_stats_delta_bytes + fields[i % 2]),
			&deltas[i / 2][i % 2], 8
		};
	}
	if (memory_read_pieces(residence->memory, pieces, count) < 0)
		return UNKNOWN;
	for (int i = 0; i < 6; i++)
		sum += (int64_t)deltas[i / 2][i % 2];
	return sum;
}

int residence_read(struct residence *residence, struct rss_resident *ret)
{
	struct rss_resident resident = { .page_tables_bytes = page_tables_bytes(residence->pid) };
	int error = smaps_read(residence->pid, &residence->smaps);

	if (error == 0 && residence->smaps.left_out)
		error = -E2BIG;
	if (error == 0 && residence->smaps.count == 0)
		error = -ESRCH;
	if (error == 0)
		error = find_ranges(residence);
	if (error == 0)
		error = pagemap_open(residence->pid, &residence->pagemap);
	if (error < 0)
		return error;
	place_all(residence, &resident);
	resident.work_buffers_bytes = work_buffers_bytes(residence);
	pagemap_close(&residence->pagemap);
	*ret = resident;
	return 0;
}
