/*
 * The totals, and what the Ps' caches hold back until they give up a span: two places that change
 * between the looks at them.
 *
 * Totals first and the caches after never have an object twice, but lack the spans that were given
 * back in between. So everything is read pass by pass - caches, totals, caches, totals - and the
 * totals of one pass go with the caches of the next. Per class, that is believed when
 * - nothing was given back from one pass to the next, or
 * - it was, but the totals of both passes agree: then the first of them had it already, or
 * - the sum is at least the most that the program can have had at the first pass.
 * Otherwise another pass looks at those classes only.
 */
#include "target/heap_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/mcaches.h"

#define PASSES 5

struct totals {
	struct runtime_image image;
	struct heap_stats stats;
};

struct heap_reader {
	struct memory *memory;
	const struct layout *layout;
	const struct globals *globals;
	struct mcaches *mcaches;
	struct totals passes[2], *last, *previous;
	uint64_t most_at_first[COUNTED_CLASSES];
	bool done[COUNTED_CLASSES]; /* of this reading */
	struct heap_stats reading;  /* also the floor of the next */
};

void heap_reader_free(struct heap_reader *reader)
{
	if (!reader)
		return;
	mcaches_free(reader->mcaches);
	free(reader);
}
DEFINE_CLEANUP(cleanup_reader, struct heap_reader, heap_reader_free)

int heap_reader_new(struct memory *memory, const struct layout *layout,
		    const struct globals *globals, struct heap_reader **ret)
{
	CLEANUP(cleanup_reader) struct heap_reader *reader = calloc(1, sizeof(*reader));
	int error;

	if (!reader)
		return -ENOMEM;
	if (!runtime_image_fits(layout))
		return -ENOTSUP;
	error = mcaches_new(memory, layout, globals, &reader->mcaches);
	if (error < 0)
		return error;
	reader->memory = memory;
	reader->layout = layout;
	reader->globals = globals;
	reader->last = &reader->passes[0];
	reader->previous = &reader->passes[1];
	*ret = TAKE(reader);
	return 0;
}

const struct runtime_image *heap_reader_image(const struct heap_reader *reader)
{
	return &reader->last->image;
}

size_t heap_reader_procs(const struct heap_reader *reader)
{
	return mcaches_count(reader->mcaches);
}

static int pass(struct heap_reader *reader)
{
	struct totals *totals = reader->previous;
	struct memory_piece pieces[RUNTIME_PIECES];
	size_t count =
		runtime_image_pieces(&totals->image, reader->layout, reader->globals, pieces);
	int error;

	reader->previous = reader->last;
	reader->last = totals;
	error = mcaches_pass(reader->mcaches, reader->done, pieces, count);
	return error < 0 ? error
			 : heap_stats_read(runtime_image_memstats(&totals->image), reader->layout,
					   &totals->stats);
}

static int first_pass(struct heap_reader *reader)
{
	int error = mcaches_find(reader->mcaches);

	memset(reader->done, 0, sizeof(reader->done));
	if (error == 0)
		error = pass(reader);
	if (error < 0)
		return error;
	mcaches_held(reader->mcaches, reader->most_at_first);
	for (int class = 0; class < COUNTED_CLASSES; class ++)
		reader->most_at_first[class] += reader->last->stats.allocs[class];
	return 0;
}

static void raise_to(uint64_t *count, uint64_t now)
{
	if (*count < now)
		*count = now;
}

/* Never more frees than allocations: those come from the same copy of the totals. */
static void set_count(struct heap_reader *reader, int class, uint64_t allocs)
{
	const struct heap_stats *stats = &reader->previous->stats;
	struct heap_stats *reading = &reader->reading;

	raise_to(&reading->allocs[class], allocs);
	raise_to(&reading->frees[class], class == COUNTED_TINY ? allocs : stats->frees[class]);
	if (reading->frees[class] > reading->allocs[class])
		reading->frees[class] = reading->allocs[class];
	if (class == 0) {
		raise_to(&reading->large_alloc_bytes, stats->large_alloc_bytes);
		raise_to(&reading->large_free_bytes, stats->large_free_bytes);
	}
}

/* Puts together the last two passes. Returns how many classes are not believed yet; `settle` takes
 * those too, as they are. */
static int put_together(struct heap_reader *reader, bool settle)
{
	const struct heap_stats *before = &reader->previous->stats, *after = &reader->last->stats;
	uint64_t held[COUNTED_CLASSES];
	bool given_back[COUNTED_CLASSES];
	int open = 0;

	if (!before->settled || !after->settled || before->generation != after->generation)
		return COUNTED_CLASSES; /* nor is it of any use */
	mcaches_held(reader->mcaches, held);
	mcaches_given_back(reader->mcaches, given_back);
	for (int class = 0; class < COUNTED_CLASSES; class ++) {
		uint64_t allocs = before->allocs[class] + held[class];
		bool believed = !given_back[class] ||
				before->allocs[class] == after->allocs[class] ||
				allocs >= reader->most_at_first[class];

		if (reader->done[class])
			continue;
		open += !believed;
		reader->done[class] = believed;
		if (believed || settle)
			set_count(reader, class, allocs);
	}
	return open;
}

int heap_reader_read(struct heap_reader *reader, struct heap_stats *ret, bool *ret_torn)
{
	int open = COUNTED_CLASSES;
	int error = first_pass(reader);

	for (int i = 1; i < PASSES && open > 0 && error == 0; i++) {
		error = pass(reader);
		if (error == 0)
			open = put_together(reader, i == PASSES - 1);
	}
	if (error < 0)
		return error;
	reader->reading.stacks_bytes = reader->last->stats.stacks_bytes;
	reader->reading.gc_bytes = reader->last->stats.gc_bytes;
	*ret = reader->reading;
	*ret_torn = open > 0;
	return 0;
}
