/*
 * MemStats from outside. One poll copies runtime.memstats and gcController, adds what the mcaches
 * hold back, and reads the cycle count again: a collection in between moves counts from the mcaches
 * to the totals, so then it starts over.
 */
#include "target/counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"
#include "target/heap_goal.h"
#include "target/heap_stats.h"
#include "target/mcaches.h"

#define TRIES		   4
#define PAUSES		   256 /* len(memstats.pause_ns) */
#define MEMSTATS_BYTES_MAX 16384
#define CONTROLLER_BYTES   512

struct counter_reader {
	struct memory *memory;
	const struct layout *layout;
	const struct globals *globals;
	struct mcaches *mcaches;
	size_t memstats_bytes, controller_bytes; /* as far as needed */
	uint64_t alloc_bytes_before, mallocs_before, frees_before;
	uint8_t memstats[MEMSTATS_BYTES_MAX];
	uint8_t controller[CONTROLLER_BYTES];
};

void counter_reader_free(struct counter_reader *reader)
{
	if (!reader)
		return;
	mcaches_free(reader->mcaches);
	free(reader);
}
DEFINE_CLEANUP(cleanup_reader, struct counter_reader, counter_reader_free)

static struct span memstats_of(const struct counter_reader *reader)
{
	return (struct span){ reader->memstats, reader->memstats_bytes };
}

static struct span controller_of(const struct counter_reader *reader)
{
	return (struct span){ reader->controller, reader->controller_bytes };
}

/* heapMinimum is the default times gcPercent, reckoned in unsigned words also for -1, "off"; the
 * default is 512 KiB under an experiment of the toolchain (runtime/mgcpacer.go, init and
 * setGCPercent). Nothing else writes either. */
static bool controller_fits(const struct counter_reader *reader)
{
	int32_t percent = -2;
	uint64_t minimum = 0;

	span_i32(controller_of(reader), (uint64_t)reader->layout->gc_percent, &percent);
	span_u64(controller_of(reader), (uint64_t)reader->layout->gc_heap_minimum, &minimum);
	return percent >= -1 && (minimum == (4ULL << 20) * (uint64_t)percent / 100 ||
				 minimum == (512ULL << 10) * (uint64_t)percent / 100);
}

static int read_statistics(struct counter_reader *reader)
{
	struct memory_piece pieces[] = {
		{ reader->globals->memstats, reader->memstats, reader->memstats_bytes },
		{ reader->globals->gc_controller, reader->controller, reader->controller_bytes },
	};

	return memory_read_pieces(reader->memory, pieces, 2);
}

/* gomaxprocs is the number of Ps in use; allp may be longer after it was lowered. */
static int check_ps(struct counter_reader *reader)
{
	struct counters ignored = { 0 };
	uint64_t tiny = 0;
	uint32_t used = 1;
	int error = mcaches_add(reader->mcaches, &ignored, &tiny);

	if (error == 0 && reader->globals->gomaxprocs)
		error = memory_read_u32(reader->memory, reader->globals->gomaxprocs, &used);
	if (error < 0 || used > mcaches_count(reader->mcaches))
		return diag_fail(-ENOTSUP,
				 "the runtime's list of Ps is not where this Go version has it");
	return 0;
}

/* The program may be setting GOGC just now: two words that do not fit are read again. */
static int check_controller(struct counter_reader *reader)
{
	for (int tries = 0; tries < TRIES; tries++) {
		int error = read_statistics(reader);

		if (error < 0)
			return diag_fail(error, "cannot read the runtime's statistics");
		if (controller_fits(reader))
			return 0;
	}
	return diag_fail(-ENOTSUP,
			 "the runtime's statistics are not where this Go version has them "
			 "(gcPercent and heapMinimum do not fit)");
}

static int check(struct counter_reader *reader)
{
	int error = check_controller(reader);

	return error < 0 ? error : check_ps(reader);
}

static const char *missing_global(const struct globals *globals)
{
	if (!globals->memstats)
		return "memstats";
	if (!globals->gc_controller)
		return "gcController";
	if (!globals->allp)
		return "allp";
	return globals->emptymspan ? NULL : "emptymspan";
}

int counter_reader_new(struct memory *memory, const struct layout *layout,
		       const struct globals *globals, struct counter_reader **ret)
{
	CLEANUP(cleanup_reader) struct counter_reader *reader = NULL;
	const char *missing = missing_global(globals);
	int error;

	if (missing)
		return diag_fail(-ENOTSUP,
				 "runtime.%s was not found in this program, so it cannot be "
				 "observed (stripped "
				 "and built without optimisation?)",
				 missing);
	reader = calloc(1, sizeof(*reader));
	if (!reader || mcaches_new(memory, layout, globals, &reader->mcaches) < 0)
		return diag_fail(-ENOMEM, "cannot read the runtime's statistics");
	reader->memory = memory;
	reader->layout = layout;
	reader->globals = globals;
	reader->memstats_bytes = (size_t)layout->memstats_gc_cpu_fraction + 8;
	reader->controller_bytes = (size_t)layout->gc_mapped_ready + 8;
	if (reader->memstats_bytes > MEMSTATS_BYTES_MAX ||
	    reader->controller_bytes > CONTROLLER_BYTES)
		return diag_fail(-ENOTSUP, "the runtime's statistics are larger than any known");
	error = check(reader);
	if (error < 0)
		return error;
	*ret = TAKE(reader);
	return 0;
}

/* The ring's entry (NumGC+255)%256 is the last pause. */
static void fill_pauses(const struct counter_reader *reader, struct counters *ret)
{
	uint64_t offset = (uint64_t)reader->layout->memstats_pause_ns;

	ret->pause_count = ret->gc_cycles < PAUSES ? ret->gc_cycles : PAUSES;
	for (uint32_t i = 0; i < ret->pause_count; i++)
		span_u64(memstats_of(reader),
			 offset + 8 * ((ret->gc_cycles + PAUSES - 1 - i) % PAUSES),
			 &ret->pauses_ns[i]);
}

static void fill_gc(const struct counter_reader *reader, struct counters *ret)
{
	const struct layout *layout = reader->layout;
	struct span memstats = memstats_of(reader), controller = controller_of(reader);
	uint64_t fraction = 0;

	span_u32(memstats, (uint64_t)layout->memstats_numgc, &ret->gc_cycles);
	span_u64(memstats, (uint64_t)layout->memstats_pause_total_ns, &ret->pause_total_ns);
	span_u64(memstats, (uint64_t)layout->memstats_gc_cpu_fraction, &fraction);
	memcpy(&ret->gc_cpu_fraction, &fraction, sizeof(fraction));
	span_u64(controller, (uint64_t)layout->gc_heap_in_use, &ret->heap_inuse_bytes);
	span_u64(controller, (uint64_t)layout->gc_heap_released, &ret->heap_released_bytes);
	span_u64(controller, (uint64_t)layout->gc_heap_free, &ret->heap_free_bytes);
	ret->heap_goal_bytes = heap_goal_bytes(controller, layout);
	fill_pauses(reader, ret);
}

static int64_t itab_count(struct counter_reader *reader)
{
	uint64_t table, count;

	if (!reader->globals->itab_table ||
	    memory_read_u64(reader->memory, reader->globals->itab_table, &table) < 0 ||
	    memory_read_u64(reader->memory, table + (uint64_t)reader->layout->itab_table_count,
			    &count) < 0 ||
	    count > INT32_MAX)
		return -1;
	return (int64_t)count;
}

/* One try. *ret_same: no collection finished meanwhile. */
static int poll_once(struct counter_reader *reader, struct counters *ret, bool *ret_same)
{
	uint64_t tiny;
	uint32_t cycles_after;
	int error;

	memset(ret, 0, sizeof(*ret));
	error = read_statistics(reader);
	if (error < 0)
		return error;
	if (heap_stats_add_ring(memstats_of(reader), reader->layout, ret) < 0 ||
	    heap_stats_tiny(memstats_of(reader), reader->layout, &tiny) < 0)
		return -EBADMSG;
	error = mcaches_add(reader->mcaches, ret, &tiny);
	if (error < 0)
		return error;
	fill_gc(reader, ret);
	heap_stats_total(tiny, ret);
	error = memory_read_u32(reader->memory,
				reader->globals->memstats +
					(uint64_t)reader->layout->memstats_numgc,
				&cycles_after);
	*ret_same = error == 0 && cycles_after == ret->gc_cycles;
	return error;
}

static uint64_t later(uint64_t now, uint64_t *before)
{
	if (now > *before)
		*before = now;
	return *before;
}

int counter_reader_poll(struct counter_reader *reader, struct counters *ret)
{
	bool same = false;

	for (int tries = 0; tries < TRIES && !same; tries++) {
		int error = poll_once(reader, ret, &same);

		if (error < 0)
			return error;
	}
	/* A span that went from an mcache to the totals between the two reads is missing for a
	 * moment: what only grows must not shrink for that. */
	ret->total_alloc_bytes = later(ret->total_alloc_bytes, &reader->alloc_bytes_before);
	ret->mallocs = later(ret->mallocs, &reader->mallocs_before);
	ret->frees = later(ret->frees, &reader->frees_before);
	ret->torn = !same;
	ret->itabs = itab_count(reader);
	return 0;
}
