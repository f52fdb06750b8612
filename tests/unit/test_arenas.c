/* The pages of a made-up arena, and the runtime's own memory found from made-up pointers. */
#include <errno.h>

#include "harness/test.h"
#include "memory_image.h"
#include "target/arenas.h"
#include "target/runtime_memory.h"

#define MHEAP	     IMAGE_BASE
#define ALLP	     (IMAGE_BASE + 0x800)
#define INDICES	     (IMAGE_BASE + 0x1000) /* allArenas' elements */
#define INDEX	     (IMAGE_BASE + 0x2000) /* the table of metadata */
#define METADATA     (IMAGE_BASE + 0x4000)
#define GROUP	     (IMAGE_BASE + 0x20000) /* of chunks */
#define SPAN(number) (IMAGE_BASE + 0x30000 + 0x100 * (number))
#define CHUNK_AT(n)  (IMAGE_BASE + 0x38000 + 0x100 * (n))
#define ARENA	     3 /* its index: the address space begins with a negative half */
#define ARENA_START  (0xffff800000000000ULL + ARENA * ARENA_BYTES)

static const struct layout layout = {
	.mheap_all_arenas = 0x10,
	.mheap_arenas = 0x40,
	.mheap_all_spans = 0x50,
	.mheap_pages = 0x100,
	.page_alloc_chunks = 120,
	.page_alloc_scavenge_index = 160,
	.heap_arena_bytes = 69648,
	.heap_arena_spans = 0,
	.heap_arena_page_in_use = 65536,
	.mspan_state = 99,
	.p_palloc = 0x20,
};

static struct memory_image image;

static void put_page(size_t page, uint64_t span, bool allocated, bool scavenged)
{
	uint64_t chunk = GROUP + (ARENA * 16 + page / 512) * 128, word = 8 * (page % 512 / 64);

	image_put(&image, METADATA + 8 * page, span, 8);
	image_put(&image, chunk + word,
		  image_get(&image, chunk + word, 8) | (uint64_t)allocated << (page % 64), 8);
	image_put(&image, chunk + 64 + word,
		  image_get(&image, chunk + 64 + word, 8) | (uint64_t)scavenged << (page % 64), 8);
}

static void make_image(void)
{
	memset(&image, 0, sizeof(image));
	image_put(&image, MHEAP + 0x10, INDICES, 8);
	image_put(&image, MHEAP + 0x18, 1, 8);
	image_put(&image, INDICES, ARENA, 8);
	image_put(&image, MHEAP + 0x40, INDEX, 8);
	image_put(&image, INDEX + 8 * ARENA, METADATA, 8);
	image_put(&image, MHEAP + 0x100 + 120, GROUP, 8);
	/* spans: 1 with objects, 2 taken by the runtime, 3 dead; what a free page says is stale */
	image_put(&image, SPAN(1) + 99, 1, 1);
	image_put(&image, SPAN(2) + 99, 2, 1);
	put_page(510, SPAN(1), true, false);
	put_page(511, SPAN(1), true, false);
	put_page(512, SPAN(1), true, false);
	image_put(&image, METADATA + 65536 + 510 / 8, 1 << 510 % 8, 1);
	put_page(513, SPAN(2), true, false);
	put_page(514, SPAN(2), true, false);
	put_page(515, SPAN(3), true, false);
	put_page(516, SPAN(1), false, false);
	put_page(517, SPAN(1), false, true);
	put_page(518, 0, true, false);
}

static void check_pages(size_t first)
{
	static const uint8_t expected[] = {
		ARENA_PAGE_SPAN,   ARENA_PAGE_SPAN,	ARENA_PAGE_SPAN,
		ARENA_PAGE_MANUAL, ARENA_PAGE_MANUAL,	ARENA_PAGE_FREE,
		ARENA_PAGE_FREE,   ARENA_PAGE_RETURNED, ARENA_PAGE_FREE
	};
	struct memory memory = image_memory(&image);
	static uint8_t states[ARENA_PAGES];
	struct arenas arenas = { 0 };

	CHECK_INT(arenas_read(&memory, &layout, MHEAP, &arenas), 0);
	CHECK_INT(arenas.count, 1);
	CHECK(arenas.items[0].start == ARENA_START);
	CHECK_INT(arenas.items[0].metadata, METADATA);
	CHECK_INT(arena_pages_read(&memory, &layout, MHEAP, &arenas.items[0], first,
				   sizeof(expected) + 510 - first, states),
		  0);
	for (size_t page = first; page < 510 + sizeof(expected); page++)
		CHECK_INT(states[page], expected[page - 510]);
	arenas_clear(&arenas);
}

TEST("pages are of spans with objects, of the runtime's spans, free or returned")
{
	make_image();
	check_pages(510);
}

TEST("pages from the middle of a span on are known for what they are")
{
	make_image();
	check_pages(511);
}

TEST("what is no list of arenas is refused")
{
	struct memory memory;
	struct arenas arenas = { 0 };

	make_image();
	memory = image_memory(&image);
	image_put(&image, INDICES, 1ULL << 40, 8);
	CHECK_INT(arenas_read(&memory, &layout, MHEAP, &arenas), -EPROTO);
	image_put(&image, MHEAP + 0x18, 0, 8);
	CHECK_INT(arenas_read(&memory, &layout, MHEAP, &arenas), -EPROTO);
	CHECK_INT(arenas.count, 0);
	arenas_clear(&arenas);
}

static void find(struct persistent_chunks *chunks, struct ranges *ranges)
{
	const struct globals globals = { .mheap = MHEAP, .allp = ALLP };
	struct memory memory = image_memory(&image);
	struct arenas arenas = { 0 };

	ranges->count = 0;
	CHECK_INT(arenas_read(&memory, &layout, MHEAP, &arenas), 0);
	CHECK_INT(runtime_memory_find(&memory, &layout, &globals, &arenas, chunks, ranges), 0);
	ranges_sort(ranges);
	arenas_clear(&arenas);
}

TEST("chunks that are never freed are followed from every P, each once, also in a circle")
{
	struct persistent_chunks chunks = { 0 };
	struct ranges ranges = { 0 };

	make_image();
	image_put(&image, ALLP, ALLP + 0x40, 8);
	image_put(&image, ALLP + 8, 2, 8);
	image_put(&image, ALLP + 0x40, ALLP + 0x80, 8);
	image_put(&image, ALLP + 0x48, ALLP + 0x100, 8);
	image_put(&image, ALLP + 0x80 + 0x20, CHUNK_AT(2), 8);
	image_put(&image, ALLP + 0x100 + 0x20, CHUNK_AT(1), 8);
	image_put(&image, CHUNK_AT(2), CHUNK_AT(3), 8);
	image_put(&image, CHUNK_AT(3), CHUNK_AT(1), 8);
	find(&chunks, &ranges);
	CHECK_INT(chunks.count, 3);
	image_put(&image, CHUNK_AT(1), CHUNK_AT(2), 8);
	image_put(&image, ALLP + 0x80 + 0x20, CHUNK_AT(4), 8);
	image_put(&image, CHUNK_AT(4), CHUNK_AT(2), 8);
	find(&chunks, &ranges);
	CHECK_INT(chunks.count, 4);
	persistent_chunks_clear(&chunks);
	ranges_clear(&ranges);
}

TEST("ranges that overlap are cut where the one before ends")
{
	struct ranges ranges = { 0 };

	CHECK_INT(ranges_add(&ranges, (struct range){ 0x3000, 0x5000, RSS_CLASS_INDEX, true }), 0);
	CHECK_INT(ranges_add(&ranges, (struct range){ 0x1000, 0x4000, RSS_CLASS_TEXT, false }), 0);
	CHECK_INT(ranges_add(&ranges, (struct range){ 0x3500, 0x3600, RSS_CLASS_DATA, false }), 0);
	CHECK_INT(ranges_add(&ranges, (struct range){ 0x7000, 0x7000, RSS_CLASS_DATA, false }), 0);
	ranges_sort(&ranges);
	CHECK_INT(ranges.count, 2);
	CHECK_INT(ranges.items[0].end, 0x4000);
	CHECK_INT(ranges.items[1].start, 0x4000);
	CHECK_INT(ranges.items[1].end, 0x5000);
	ranges_clear(&ranges);
}
