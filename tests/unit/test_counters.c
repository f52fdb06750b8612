/* The counters in a made-up runtime, whose allocator can be stopped between any two reads. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "memory_image.h"
#include "target/counters.h"
#include "target/heap_goal.h"

DEFINE_CLEANUP(cleanup_reader, struct counter_reader, counter_reader_free)

/* ---- a runtime ---- */

enum {
	MEMSTATS = IMAGE_BASE,
	CONTROLLER = IMAGE_BASE + 0x4000,
	GLOBALS_AT = IMAGE_BASE + 0x5000,
	ALLP = IMAGE_BASE + 0x6000,
	PS = IMAGE_BASE + 0x7000,
	MCACHES = IMAGE_BASE + 0x8000,
	SPANS = IMAGE_BASE + 0xa000,
	EMPTY_SPAN = IMAGE_BASE + 0x9f00,
	SPAN_STRIDE = 160,
	CLASS_48 = 5, /* of 48 bytes; 10 and 11 are its span classes */
	SWEEPGEN = 20,
};

static struct memory_image image;
static struct layout layout;
static const struct globals globals = {
	.memstats = MEMSTATS,
	.gc_controller = CONTROLLER,
	.allp = ALLP,
	.emptymspan = EMPTY_SPAN,
	.gomaxprocs = GLOBALS_AT,
	.mheap = GLOBALS_AT + 0x100,
	.itab_table = GLOBALS_AT + 8,
};

static void put_delta(int index, int32_t offset, int class, uint64_t value)
{
	image_put(&image,
		  MEMSTATS + (uint64_t)(index * layout.heap_stats_delta_bytes + offset + 8 * class),
		  value, 8);
}

static void put_gogc(int32_t percent, uint64_t minimum)
{
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_percent, (uint32_t)percent, 4);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_heap_minimum, minimum, 8);
}

static uint64_t span_at(int index)
{
	return (uint64_t)(SPANS + index * SPAN_STRIDE);
}

static void put_span(int index, uint32_t sweepgen, uint16_t used, uint16_t before)
{
	image_put(&image, span_at(index) + (uint64_t)layout.mspan_alloc_count - 8, sweepgen, 4);
	image_put(&image, span_at(index) + (uint64_t)layout.mspan_alloc_count, used, 2);
	image_put(&image, span_at(index) + (uint64_t)layout.mspan_alloc_count_before_cache, before,
		  2);
}

/* The caches stand 0x800 apart. */
static uint64_t cache_slot(int cache, int span_class)
{
	return (uint64_t)(MCACHES + cache * 0x800 + layout.mcache_alloc + 8 * span_class);
}

/* Four Ps: two with a cache (0 and 1), one without, one that never was. */
static void begin(int minor)
{
	const struct go_version version = { .major = 1, .minor = minor };

	memset(&image, 0, sizeof(image));
	CHECK_INT(layout_from_table(&version, &layout), 0);
	layout.mheap_sweepgen = 8; /* the made-up mheap_ is small */
	layout.p_mcache = 64;
	put_gogc(100, 4 << 20);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_memory_limit, INT64_MAX, 8);
	image_put(&image, globals.gomaxprocs, 4, 4);
	image_put(&image, globals.mheap + 8, SWEEPGEN, 4);
	image_put(&image, globals.itab_table, GLOBALS_AT + 0x200, 8);
	image_put(&image, GLOBALS_AT + 0x200 + (uint64_t)layout.itab_table_count, 77, 8);
	image_put(&image, ALLP, PS, 8);
	image_put(&image, ALLP + 8, 4, 8);
	for (int p = 0; p < 3; p++)
		image_put(&image, (uint64_t)(PS + 8 * p), (uint64_t)(PS + 0x100 * (p + 1)), 8);
	image_put(&image, PS + 0x100 + 64, MCACHES, 8);
	image_put(&image, PS + 0x300 + 64, MCACHES + 0x800, 8);
	for (int cache = 0; cache < 2; cache++)
		for (int class = 0; class < 2 * SIZE_CLASSES; class ++)
			image_put(&image, cache_slot(cache, class), EMPTY_SPAN, 8);
	/* the placeholder is never to be counted, whatever stands in it */
	image_put(&image, EMPTY_SPAN + (uint64_t)layout.mspan_alloc_count, 999, 2);
	image_put(&image, EMPTY_SPAN + (uint64_t)layout.mspan_alloc_count - 8, SWEEPGEN + 3, 4);
}

static void keep_quiet(void *context, enum diag_level level, const char *text)
{
	(void)level;
	snprintf(context, 256, "%s", text);
}

/* What the reader says of the runtime as it stands: 0 or an error with its sentence. */
static int open_reader(struct memory *memory, struct counter_reader **ret, char said[256])
{
	int error;

	said[0] = 0;
	diag_set_sink(keep_quiet, said);
	error = counter_reader_new(memory, &layout, &globals, ret);
	diag_set_sink(NULL, NULL);
	return error;
}

static struct counters read_once(void)
{
	struct memory memory = image_memory(&image);
	struct counter_reader *reader CLEANUP(cleanup_reader) = NULL;
	struct counters counters;
	char said[256];

	CHECK_INT(open_reader(&memory, &reader, said), 0);
	CHECK_INT(counter_reader_poll(reader, &counters), 0);
	return counters;
}

/* ---- sums ---- */

/* The ring is written to at 1; what was merged stands at 0. */
static void fill_ring(void)
{
	image_put(&image, MEMSTATS + 3 * (uint64_t)layout.heap_stats_delta_bytes, 1, 4);
	put_delta(0, layout.delta_small_alloc_count, CLASS_48, 100);
	put_delta(1, layout.delta_small_alloc_count, CLASS_48, 7);
	put_delta(0, layout.delta_small_free_count, CLASS_48, 40);
	put_delta(1, layout.delta_small_free_count, CLASS_48, 2);
	put_delta(1, layout.delta_small_alloc_count, 67, 3); /* of 32768 bytes */
	put_delta(0, layout.delta_tiny_alloc_count, 0, 500);
	put_delta(1, layout.delta_tiny_alloc_count, 0, 11);
	put_delta(0, layout.delta_large_alloc, 0, 400000);
	put_delta(0, layout.delta_large_alloc_count, 0, 4);
	put_delta(1, layout.delta_large_free, 0, 100000);
	put_delta(1, layout.delta_large_free_count, 0, 1);
	put_delta(0, layout.delta_in_stacks, 0, 65536);
	put_delta(1, layout.delta_in_stacks, 0, (uint64_t)-32768); /* deltas may fall */
}

static void check_ring(int minor)
{
	struct counters counters;

	begin(minor);
	fill_ring();
	counters = read_once();
	CHECK_INT(counters.classes[CLASS_48].mallocs, 107);
	CHECK_INT(counters.classes[CLASS_48].frees, 42);
	CHECK_INT(counters.classes[0].mallocs, 4);
	CHECK_INT(counters.classes[0].frees, 1);
	CHECK_INT(counters.memstats.mallocs, 107 + 3 + 4 + 511);
	CHECK_INT(counters.memstats.frees, 42 + 1 + 511);
	CHECK_INT(counters.memstats.total_alloc, 107 * 48 + 3 * 32768 + 400000);
	CHECK_INT(counters.memstats.heap_alloc, 65 * 48 + 3 * 32768 + 300000);
	CHECK_INT(counters.memstats.heap_objects, 65 + 3 + 3);
	CHECK_INT(counters.classes[0].alloc_bytes, 400000);
	CHECK_INT(counters.classes[0].free_bytes, 100000);
	CHECK_INT(counters.memstats.stack_inuse, 32768);
	CHECK_INT(counters.itabs, 77);
	CHECK(!counters.torn);
}

TEST("the totals are the sums over the ring, in both its forms")
{
	check_ring(19);
	check_ring(27);
}

TEST("what the caches hold back is added, but not what is being given back")
{
	struct counters counters;

	begin(23);
	put_delta(0, layout.delta_small_alloc_count, CLASS_48, 1000);
	put_span(0, SWEEPGEN + 3, 30, 10); /* 20 objects */
	put_span(1, SWEEPGEN + 3, 4, 4);   /* none */
	put_span(2, SWEEPGEN + 1, 12, 7);  /* 5; came into the cache before a collection */
	put_span(3, SWEEPGEN, 170, 0);	   /* counted already */
	put_span(4, SWEEPGEN + 3, 9, 3);   /* 6 blocks of tiny objects */
	image_put(&image, cache_slot(0, 2 * CLASS_48), span_at(0), 8);
	image_put(&image, cache_slot(0, 2 * CLASS_48 + 1), span_at(1), 8);
	image_put(&image, cache_slot(1, 2 * CLASS_48), span_at(2), 8);
	image_put(&image, cache_slot(1, 2 * CLASS_48 + 1), span_at(3), 8);
	image_put(&image, cache_slot(1, 5), span_at(4), 8);
	image_put(&image, (uint64_t)(MCACHES + 0x800 + layout.mcache_tiny_allocs), 50, 8);
	counters = read_once();
	CHECK_INT(counters.classes[CLASS_48].mallocs, 1025);
	CHECK_INT(counters.classes[2].mallocs, 6);
	CHECK_INT(counters.memstats.mallocs, 1025 + 6 + 50);
	CHECK_INT(counters.memstats.frees, 50);
	CHECK_INT(counters.memstats.total_alloc, 1025 * 48 + 6 * 16);
	CHECK(!counters.torn);
}

TEST("a ring that is being merged is not believed")
{
	struct memory memory = image_memory(&image);
	struct counter_reader *reader CLEANUP(cleanup_reader) = NULL;
	struct counters counters;
	char said[256];

	begin(23);
	fill_ring();
	CHECK_INT(open_reader(&memory, &reader, said), 0);
	put_delta(2, layout.delta_small_alloc_count, CLASS_48, 107); /* twice for a moment */
	CHECK_INT(counter_reader_poll(reader, &counters), 0);
	CHECK(counters.torn);
	CHECK_INT(counters.classes[CLASS_48].mallocs, 107);
	put_delta(2, layout.delta_small_alloc_count, CLASS_48, 0);
	CHECK_INT(counter_reader_poll(reader, &counters), 0);
	CHECK(!counters.torn);
	CHECK_INT(counters.classes[CLASS_48].mallocs, 107);
}

/* ---- an allocator that runs while it is read ---- */

#define RUNNERS 6 /* slots: 3 span classes of each cache */
static const int running_classes[3] = { 2 * CLASS_48, 2 * CLASS_48 + 1, 24 };

/* One slot's allocation, as runtime.mcache does it: step by step, in the runtime's order. */
struct runner {
	int step, span; /* index of the span in the cache; the next one is the other of a pair */
	uint64_t slots, counted;
};

static struct allocator {
	struct runner runners[RUNNERS];
	uint64_t allocated; /* the truth */
	uint32_t random;
	unsigned int speed; /* steps per piece that is read */
} allocator;

static uint32_t next_random(void)
{
	allocator.random = allocator.random * 1664525 + 1013904223;
	return allocator.random >> 8;
}

static void hand_over(int index)
{
	uint64_t at = MEMSTATS + (uint64_t)layout.delta_small_alloc_count +
		      8 * (uint64_t)(running_classes[index % 3] / 2);
	struct runner *runner = &allocator.runners[index];

	image_put(&image, at, image_get(&image, at, 8) + runner->slots - runner->counted, 8);
}

static void take_span(int index)
{
	struct runner *runner = &allocator.runners[index];
	uint16_t used = (uint16_t)(next_random() % 50);

	runner->span ^= 1;
	runner->slots = runner->counted = used;
	put_span(2 * index + runner->span, SWEEPGEN + 3, used, used);
	image_put(&image, cache_slot(index / 3, running_classes[index % 3]),
		  span_at(2 * index + runner->span), 8);
}

static void step(int index)
{
	struct runner *runner = &allocator.runners[index];
	int span = 2 * index + runner->span;

	switch (runner->step) {
	case 0: /* allocates, until the span is full */
		if (runner->slots < 64) {
			runner->slots++;
			allocator.allocated++;
			put_span(span, SWEEPGEN + 3, (uint16_t)runner->slots,
				 (uint16_t)runner->counted);
			return;
		}
		/* uncacheSpan, and the totals a few instructions later: no look comes between */
		put_span(span, SWEEPGEN, (uint16_t)runner->slots, (uint16_t)runner->counted);
		hand_over(index);
		break;
	case 1:
		put_span(span, SWEEPGEN, (uint16_t)runner->slots, 0);
		break;
	default: /* cacheSpan takes its time */
		if (next_random() % 4)
			return;
		take_span(index);
		runner->step = 0;
		return;
	}
	runner->step++;
}

static void run_allocator(struct memory_image *of)
{
	(void)of;
	for (unsigned int i = 0; i < allocator.speed; i++)
		step((int)(next_random() % RUNNERS));
}

static void begin_allocator(uint32_t seed, unsigned int speed)
{
	begin(23);
	allocator = (struct allocator){ .random = seed, .speed = speed };
	for (int i = 0; i < RUNNERS; i++)
		take_span(i);
	image.on_piece = run_allocator;
}

/* Polls, and counts the torn ones; what is not torn is within what was true meanwhile. */
static unsigned int poll_running(uint32_t seed, unsigned int speed, unsigned int polls)
{
	struct memory memory = image_memory(&image);
	struct counter_reader *reader CLEANUP(cleanup_reader) = NULL;
	struct counters counters, last = { 0 };
	unsigned int torn = 0;
	char said[256];

	begin_allocator(seed, speed);
	CHECK_INT(open_reader(&memory, &reader, said), 0);
	for (unsigned int i = 0; i < polls; i++) {
		uint64_t before = allocator.allocated;

		image.calls = 0;
		CHECK_INT(counter_reader_poll(reader, &counters), 0);
		CHECK(image.calls <= 15);
		CHECK((uint64_t)counters.memstats.mallocs <= allocator.allocated);
		CHECK(counters.torn || (uint64_t)counters.memstats.mallocs >= before);
		CHECK_INT(counters.memstats.heap_objects,
			  counters.memstats.mallocs - counters.memstats.frees);
		for (int class = 0; class < SIZE_CLASSES; class ++)
			CHECK(counters.classes[class].mallocs >= last.classes[class].mallocs);
		torn += counters.torn;
		last = counters;
	}
	return torn;
}

TEST("while the allocator runs, every count is one that was true during the poll")
{
	for (uint32_t seed = 1; seed <= 20; seed++) {
		poll_running(seed, 1, 200);
		poll_running(seed, 7, 200);
		poll_running(seed, 60, 200);
	}
}

TEST("of the polls of a busy allocator hardly one is torn")
{
	CHECK(poll_running(1, 1, 2000) <= 20);
	CHECK(poll_running(2, 7, 2000) <= 20);
	CHECK(poll_running(3, 60, 2000) <= 20);
}

/* ---- GC ---- */

static void put_pause(uint64_t index)
{
	image_put(&image, MEMSTATS + (uint64_t)layout.memstats_pause_ns + 8 * index, 1000 + index,
		  8);
	image_put(&image, MEMSTATS + (uint64_t)layout.memstats_pause_end + 8 * index, 5000 + index,
		  8);
}

TEST("the pauses come oldest first, also after the ring went round")
{
	struct memstats memstats;

	begin(23);
	for (uint64_t i = 0; i < 256; i++)
		put_pause(i);
	image_put(&image, MEMSTATS + (uint64_t)layout.memstats_numgc, 3, 4);
	memstats = read_once().memstats;
	CHECK_INT(memstats.pause_count, 3);
	CHECK_INT(memstats.pause_ns[0], 1000);
	CHECK_INT(memstats.pause_end_unix_ns[0], 5000);
	CHECK_INT(memstats.pause_ns[2], 1002);
	image_put(&image, MEMSTATS + (uint64_t)layout.memstats_numgc, 258, 4);
	image_put(&image, MEMSTATS + (uint64_t)layout.memstats_pause_total_ns, 123456, 8);
	memstats = read_once().memstats;
	CHECK_INT(memstats.num_gc, 258);
	CHECK_INT(memstats.pause_total_ns, 123456);
	CHECK_INT(memstats.pause_count, 256);
	CHECK_INT(memstats.pause_ns[255], 1001);
	CHECK_INT(memstats.pause_end_unix_ns[255], 5001);
	CHECK_INT(memstats.pause_ns[254], 1000);
	CHECK_INT(memstats.pause_ns[253], 1255);
	CHECK_INT(memstats.pause_ns[0], 1002);
	CHECK_INT(memstats.pause_end_unix_ns[0], 5002);
}

/* 0 or the error for a program with this GOGC. */
static int open_with(int32_t percent, uint64_t minimum)
{
	struct memory memory = image_memory(&image);
	struct counter_reader *reader CLEANUP(cleanup_reader) = NULL;
	char said[256];
	int error;

	begin(23);
	put_gogc(percent, minimum);
	error = open_reader(&memory, &reader, said);
	CHECK(error == 0 ? !said[0] : strstr(said, "gcPercent") != NULL);
	return error;
}

TEST("every GOGC that can be set is accepted, what cannot be is refused")
{
	CHECK_INT(open_with(100, 4194304), 0);
	CHECK_INT(open_with(0, 0), 0);
	CHECK_INT(open_with(150, 6291456), 0);
	CHECK_INT(open_with(33, 1384120), 0);
	CHECK_INT(open_with(100, 524288), 0);		 /* HeapMinimum512KiB */
	CHECK_INT(open_with(-1, 184467440737053573), 0); /* "off", as seen in Go 1.23.5 */
	CHECK_INT(open_with(-2, 184467440737053573), -ENOTSUP);
	CHECK_INT(open_with(100, 4194305), -ENOTSUP);
	CHECK_INT(open_with(-1, 4194304), -ENOTSUP);
}

TEST("a list of Ps that cannot be one is refused with a sentence")
{
	struct memory memory = image_memory(&image);
	struct counter_reader *reader CLEANUP(cleanup_reader) = NULL;
	static const uint64_t lengths[] = { 0, 3, 1 << 20 };
	char said[256];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		begin(23);
		image_put(&image, ALLP + 8, lengths[i], 8); /* gomaxprocs is 4 */
		CHECK_INT(open_reader(&memory, &reader, said), -ENOTSUP);
		CHECK(strstr(said, "list of Ps"));
	}
}

static uint64_t goal(uint64_t percent_goal, uint64_t limit, uint64_t ready, uint64_t heap_free)
{
	struct span controller = { image.bytes + (CONTROLLER - IMAGE_BASE), 512 };

	image_put(&image, CONTROLLER + (uint64_t)layout.gc_percent_heap_goal, percent_goal, 8);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_memory_limit, limit, 8);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_mapped_ready, ready, 8);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_heap_free, heap_free, 8);
	return heap_goal_bytes(controller, &layout);
}

#define MIB (1ULL << 20)

TEST("without a memory limit the goal is GOGC's, pushed up by sweeping and by a late trigger")
{
	begin(27);
	layout.goal_headroom_percent = 3;
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_triggered, UINT64_MAX, 8);
	CHECK_INT(goal(8 * MIB, INT64_MAX, 20 * MIB, 0), 8 * MIB);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_sweep_trigger, 9 * MIB, 8);
	CHECK_INT(goal(8 * MIB, INT64_MAX, 20 * MIB, 0), 9 * MIB);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_triggered, 10 * MIB, 8);
	CHECK_INT(goal(8 * MIB, INT64_MAX, 20 * MIB, 0), 10 * MIB + 65536);
}

static void begin_limited(int minor, int32_t headroom_percent)
{
	begin(minor);
	layout.goal_headroom_percent = headroom_percent;
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_triggered, UINT64_MAX, 8);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_total_alloc, 500 * MIB, 8);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_total_free, 430 * MIB, 8);
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_heap_marked, 30 * MIB, 8);
	/* never used in this regime */
	image_put(&image, CONTROLLER + (uint64_t)layout.gc_sweep_trigger, 900 * MIB, 8);
}

TEST("a memory limit leaves the heap what others do not use, less a headroom")
{
	/* 90 MiB mapped: 70 of objects, 10 free, so 10 of others; 100 - 10 = 90 for the heap */
	begin_limited(27, 3);
	CHECK_INT(goal(200 * MIB, 100 * MIB, 90 * MIB, 10 * MIB), 90 * MIB - 90 * MIB / 100 * 3);
	begin_limited(19, 0);
	CHECK_INT(goal(200 * MIB, 100 * MIB, 90 * MIB, 10 * MIB), 89 * MIB);
	/* over the limit by 20 MiB */
	begin_limited(19, 0);
	CHECK_INT(goal(200 * MIB, 70 * MIB, 90 * MIB, 10 * MIB), (70 - 10 - 20 - 1) * MIB);
	/* never below what is alive */
	CHECK_INT(goal(200 * MIB, 50 * MIB, 90 * MIB, 10 * MIB), 30 * MIB);
	/* a copy with more heap than memory: nothing is left for others */
	CHECK_INT(goal(200 * MIB, 100 * MIB, 79 * MIB, 10 * MIB), 99 * MIB);
}
