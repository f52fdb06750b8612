/* Opens and checks what is read, and puts together a poll: the allocator's counts (heap_reader.h)
 * and what stands in the runtime's variables as it is. */
#include "target/counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"
#include "model/unknown.h"
#include "target/gc_reader.h"
#include "target/heap_reader.h"
#include "target/memstats_reader.h"
#include "target/span_counts.h"

#define TRIES 4

struct counter_reader {
	struct memory *memory;
	const struct layout *layout;
	const struct globals *globals;
	struct heap_reader *heap;
};

void counter_reader_free(struct counter_reader *reader)
{
	if (!reader)
		return;
	heap_reader_free(reader->heap);
	free(reader);
}
DEFINE_CLEANUP(cleanup_reader, struct counter_reader, counter_reader_free)

/* heapMinimum is the default times gcPercent, reckoned in unsigned words also for -1, "off"; the
 * default is 512 KiB under an experiment of the toolchain (runtime/mgcpacer.go, init and
 * setGCPercent). Nothing else writes either. */
static bool controller_fits(const struct counter_reader *reader)
{
	struct span controller = runtime_image_controller(heap_reader_image(reader->heap));
	int32_t percent = -2;
	uint64_t minimum = 0;

	span_i32(controller, (uint64_t)reader->layout->gc_percent, &percent);
	span_u64(controller, (uint64_t)reader->layout->gc_heap_minimum, &minimum);
	return percent >= -1 && (minimum == (4ULL << 20) * (uint64_t)percent / 100 ||
				 minimum == (512ULL << 10) * (uint64_t)percent / 100);
}

/* gomaxprocs is the number of Ps in use; allp may be longer after it was lowered. */
static bool procs_fit(const struct counter_reader *reader)
{
	uint32_t used;

	return !reader->globals->gomaxprocs ||
	       (memory_read_u32(reader->memory, reader->globals->gomaxprocs, &used) == 0 &&
		used <= procs_count(heap_reader_procs(reader->heap)));
}

/* The program may be setting GOGC just now: two words that do not fit are read again. */
static int check(struct counter_reader *reader)
{
	for (int tries = 0; tries < TRIES; tries++) {
		struct heap_stats ignored;
		bool torn;
		int error = heap_reader_read(reader->heap, &ignored, &torn);

		if (error == -EBADMSG || (error == 0 && !procs_fit(reader)))
			return diag_fail(
				-ENOTSUP,
				"the runtime's list of Ps is not where this Go version has it");
		if (error < 0)
			return diag_fail(error, "cannot read the runtime's statistics");
		if (controller_fits(reader))
			return 0;
	}
	return diag_fail(-ENOTSUP,
			 "the runtime's statistics are not where this Go version has them "
			 "(gcPercent and heapMinimum do not fit)");
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
				 "observed (stripped and built without optimisation?)",
				 missing);
	reader = calloc(1, sizeof(*reader));
	error = reader ? heap_reader_new(memory, layout, globals, &reader->heap) : -ENOMEM;
	if (error < 0)
		return diag_fail(error, "cannot read the runtime's statistics");
	reader->memory = memory;
	reader->layout = layout;
	reader->globals = globals;
	error = check(reader);
	if (error < 0)
		return error;
	*ret = TAKE(reader);
	return 0;
}

static int64_t itab_count(struct counter_reader *reader, const struct runtime_image *image)
{
	int64_t itabs = runtime_image_itabs(image);
	uint64_t count;

	/* the table was replaced by a larger one since the last poll */
	if (itabs < 0 && image->itab_table &&
	    memory_read_u64(reader->memory,
			    image->itab_table + (uint64_t)reader->layout->itab_table_count,
			    &count) == 0 &&
	    count <= INT32_MAX)
		itabs = (int64_t)count;
	return itabs;
}

/* As runtime.gcount has it: all that were ever made, less the dead ones that wait to be used again
 * and the runtime's own. The runtime does not ask for more agreement between them than this. */
static int64_t goroutine_count(const struct runtime_image *image, const struct procs *procs)
{
	int64_t count;

	if (image->goroutines_made < 0)
		return UNKNOWN;
	count = image->goroutines_made - image->goroutines_system - image->goroutines_dead[0] -
		image->goroutines_dead[1] - procs_dead_goroutines(procs);
	return count < 1 ? 1 : count;
}

int counter_reader_poll(struct counter_reader *reader, struct counters *ret)
{
	const struct runtime_image *image;
	uint32_t cached[SIZE_CLASSES];
	struct heap_stats stats;
	bool torn;
	int error = heap_reader_read(reader->heap, &stats, &torn);

	if (error < 0)
		return error;
	image = heap_reader_image(reader->heap);
	*ret = (struct counters){ .torn = torn };
	memstats_read(image, &stats, reader->layout, &ret->memstats);
	heap_stats_classes(&stats, ret->classes);
	heap_reader_cached(reader->heap, cached);
	span_counts_read(runtime_image_central(image), reader->layout, cached, ret->classes);
	gc_read_cycle(image, &ret->memstats, reader->layout, &ret->cycle);
	gc_read_cpu(image, reader->layout, &ret->gc_cpu);
	ret->goroutines = goroutine_count(image, heap_reader_procs(reader->heap));
	ret->itabs = itab_count(reader, image);
	ret->reflected = runtime_image_reflected(image);
	return 0;
}
