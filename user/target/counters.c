/*
 * runtime.MemStats from outside (runtime/mstats.go, readmemstats_m): the sums over heap_stats.h's
 * totals, and what stands in memstats and gcController as it is.
 *
 * What is cumulative stays so: a reading that was torn may miss objects that an earlier one had.
 */
#include "target/counters.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"
#include "target/heap_goal.h"
#include "target/heap_stats.h"

#define PAUSES	    256 /* len(mstats.pause_ns) */
#define MAX_PERCENT 10000000
#define PAGE_BYTES  8192 /* of the runtime, not of the machine */

struct counter_reader {
	struct memory *memory;
	struct layout layout;
	struct globals globals;
	struct heap_reader *heap;
	struct heap_totals last;
};

void counter_reader_free(struct counter_reader *reader)
{
	if (!reader)
		return;
	heap_reader_free(reader->heap);
	free(reader);
}

DEFINE_CLEANUP(cleanup_reader, struct counter_reader, counter_reader_free)

static uint64_t word(struct span span, int32_t offset)
{
	uint64_t value = 0;

	(void)span_u64(span, (uint64_t)offset, &value);
	return value;
}

/* ---- may these be the runtime's variables? ---- */

/* heapMinimum is defaultHeapMinimum * GOGC / 100, in unsigned arithmetic also for -1, "off"; the
 * default is 4 MiB, 512 KiB under an experiment (runtime/mgcpacer.go, setGCPercent). */
static bool gc_controller_fits(const struct counter_reader *reader)
{
	struct span gc = heap_reader_gc_controller(reader->heap);
	uint64_t minimum = word(gc, reader->layout.gc_heap_minimum);
	int32_t percent;

	return span_i32(gc, (uint64_t)reader->layout.gc_percent, &percent) == 0 && percent >= -1 &&
	       percent <= MAX_PERCENT &&
	       (minimum == (4ULL << 20) * (uint64_t)percent / 100 ||
		minimum == (512ULL << 10) * (uint64_t)percent / 100) &&
	       word(gc, reader->layout.gc_heap_in_use) % PAGE_BYTES == 0;
}

static bool procs_fit(const struct counter_reader *reader)
{
	uint32_t gomaxprocs;

	return !reader->globals.gomaxprocs ||
	       memory_read_u32(reader->memory, reader->globals.gomaxprocs, &gomaxprocs) < 0 ||
	       gomaxprocs == heap_reader_procs(reader->heap);
}

static int check(struct counter_reader *reader)
{
	struct heap_totals totals;
	int error = heap_reader_read(reader->heap, &totals);

	if (error < 0 && error != -EPROTO)
		return diag_fail(error, "the Go runtime's statistics cannot be read");
	if (error == -EPROTO || !procs_fit(reader))
		return diag_fail(-ENOTSUP, "what should be the Go runtime's list of Ps is not");
	if (!gc_controller_fits(reader))
		return diag_fail(-ENOTSUP, "what should be the Go runtime's gcController is not");
	return 0;
}

int counter_reader_new(struct memory *memory, const struct layout *layout,
		       const struct globals *globals, struct counter_reader **ret)
{
	CLEANUP(cleanup_reader) struct counter_reader *reader = calloc(1, sizeof(*reader));
	int error = -ENOMEM;

	if (reader) {
		reader->memory = memory;
		reader->layout = *layout;
		reader->globals = *globals;
		error = heap_reader_new(memory, layout, globals, &reader->heap);
	}
	if (error < 0)
		return diag_fail(error, "the Go runtime's statistics: memstats, gcController or "
					"allp was not found");
	error = check(reader);
	if (error < 0)
		return error;
	*ret = TAKE(reader);
	return 0;
}

/* ---- the numbers ---- */

static void raise_to(uint64_t *count, uint64_t least)
{
	if (*count < least)
		*count = least;
}

static void keep_growing(struct heap_totals *totals, const struct heap_totals *last)
{
	for (int i = 0; i < SIZE_CLASSES; i++) {
		raise_to(&totals->allocs[i], last->allocs[i]);
		raise_to(&totals->frees[i], last->frees[i]);
	}
	raise_to(&totals->tiny_allocs, last->tiny_allocs);
	raise_to(&totals->large_alloc_bytes, last->large_alloc_bytes);
	raise_to(&totals->large_free_bytes, last->large_free_bytes);
}

static uint64_t difference(uint64_t all, uint64_t gone)
{
	return all > gone ? all - gone : 0; /* torn readings only */
}

/* A tiny allocation counts as made and as freed: its block is counted besides. */
static void fill_heap(const struct heap_totals *totals, struct counters *ret)
{
	uint64_t free_bytes = totals->large_free_bytes;

	ret->total_alloc_bytes = totals->large_alloc_bytes;
	ret->mallocs = ret->frees = totals->tiny_allocs;
	for (int i = 0; i < SIZE_CLASSES; i++) {
		ret->allocs_by_class[i] = totals->allocs[i];
		ret->frees_by_class[i] = totals->frees[i];
		ret->mallocs += totals->allocs[i];
		ret->frees += totals->frees[i];
		ret->total_alloc_bytes += totals->allocs[i] * size_class_bytes[i];
		free_bytes += totals->frees[i] * size_class_bytes[i];
	}
	ret->large_alloc_bytes = totals->large_alloc_bytes;
	ret->large_free_bytes = totals->large_free_bytes;
	ret->heap_alloc_bytes = difference(ret->total_alloc_bytes, free_bytes);
	ret->heap_objects = difference(ret->mallocs, ret->frees);
	ret->stacks_bytes = totals->stacks_bytes;
	ret->gc_cycles = totals->gc_cycles;
	ret->torn = totals->torn;
}

static void fill_gc(const struct counter_reader *reader, struct counters *ret)
{
	const struct layout *layout = &reader->layout;
	struct span stats = heap_reader_memstats(reader->heap);
	struct span gc = heap_reader_gc_controller(reader->heap);
	uint64_t fraction = word(stats, layout->memstats_gc_cpu_fraction);

	ret->heap_goal_bytes = heap_goal_bytes(gc, layout);
	ret->heap_inuse_bytes = word(gc, layout->gc_heap_in_use);
	ret->heap_released_bytes = word(gc, layout->gc_heap_released);
	ret->heap_free_bytes = word(gc, layout->gc_heap_free);
	ret->pause_total_ns = word(stats, layout->memstats_pause_total_ns);
	memcpy(&ret->gc_cpu_fraction, &fraction, sizeof(fraction));
	ret->pause_count = ret->gc_cycles < PAUSES ? ret->gc_cycles : PAUSES;
	for (uint32_t i = 0; i < ret->pause_count; i++) {
		uint32_t slot = (ret->gc_cycles - 1 - i) % PAUSES; /* newest first */

		ret->pauses_ns[i] = word(stats, layout->memstats_pause_ns + (int32_t)slot * 8);
	}
}

static int64_t read_itabs(const struct counter_reader *reader)
{
	uint64_t table, count;

	if (!reader->globals.itab_table ||
	    memory_read_u64(reader->memory, reader->globals.itab_table, &table) < 0 ||
	    memory_read_u64(reader->memory, table + (uint64_t)reader->layout.itab_table_count,
			    &count) < 0)
		return -1;
	return (int64_t)count;
}

int counter_reader_poll(struct counter_reader *reader, struct counters *ret)
{
	struct heap_totals totals;
	int error = heap_reader_read(reader->heap, &totals);

	if (error < 0)
		return error;
	if (totals.torn)
		keep_growing(&totals, &reader->last);
	reader->last = totals;
	*ret = (struct counters){ 0 };
	fill_heap(&totals, ret);
	fill_gc(reader, ret);
	ret->itabs = read_itabs(reader);
	return 0;
}
