/* The heap's arenas, its pages and the runtime's own memory in a hostile process: lists without
 * end, pointers to nowhere, chains that go round. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fuzz/image.h"
#include "target/arenas.h"
#include "target/runtime_memory.h"

#define BASE  IMAGE_BASE /* mheap_ is there, allp 256 bytes on */
#define PAGES 96	 /* of an arena, looked at */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ranges(struct ranges *ranges)
{
	ranges_sort(ranges);
	for (size_t i = 0; i < ranges->count; i++) {
		assert(ranges->items[i].start < ranges->items[i].end);
		assert(i == 0 || ranges->items[i - 1].end <= ranges->items[i].start);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t states[ARENA_PAGES];
	struct image image = { data, size };
	struct memory memory = { .read = read_image, .context = &image };
	struct layout layout = { .mheap_all_arenas = 0,
				 .mheap_arenas = 24,
				 .mheap_all_spans = 32,
				 .mheap_pages = 64,
				 .page_alloc_chunks = 120,
				 .page_alloc_scavenge_index = 160,
				 .heap_arena_bytes = 69648,
				 .mspan_state = 8 };
	struct globals globals = { .mheap = BASE, .allp = BASE + 256 };
	struct arenas arenas = { 0 };
	struct persistent_chunks chunks = { 0 };
	struct ranges ranges = { 0 };

	arenas_read(&memory, &layout, BASE, &arenas);
	for (size_t i = 0; i < arenas.count && i < 4; i++) {
		if (arena_pages_read(&memory, &layout, BASE, &arenas.items[i], 8, PAGES, states) <
		    0)
			continue;
		for (size_t page = 8; page < 8 + PAGES; page++)
			assert(states[page] <= ARENA_PAGE_MANUAL);
	}
	runtime_memory_find(&memory, &layout, &globals, &arenas, &chunks, &ranges);
	check_ranges(&ranges);
	persistent_chunks_clear(&chunks);
	ranges_clear(&ranges);
	arenas_clear(&arenas);
	return 0;
}
