/* From allp over the Ps and their mcaches to the spans in use: one batch of reads per step. */
#include "target/mcaches.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"

#define SPAN_CLASSES (2 * SIZE_CLASSES) /* with and without pointers */

/* The part of an mcache that is read: from tinyAllocs to the end of alloc. */
struct mcache_image {
	uint64_t words[SPAN_CLASSES + 8];
};

struct span_image {
	uint16_t alloc_count, alloc_count_before;
	uint8_t span_class;
};

struct mcaches {
	struct memory *memory;
	const struct layout *layout;
	const struct globals *globals;
	size_t count;	    /* Ps */
	size_t cache_count; /* those with an mcache */
	struct {
		uint64_t *items;
		size_t capacity;
	} ps, caches, span_addresses;
	struct {
		struct mcache_image *items;
		size_t capacity;
	} images;
	struct {
		struct span_image *items;
		size_t capacity;
	} spans;
	struct {
		struct memory_piece *items;
		size_t capacity;
	} pieces;
};

int mcaches_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
		struct mcaches **ret)
{
	struct mcaches *mcaches = calloc(1, sizeof(*mcaches));

	if (!mcaches)
		return -ENOMEM;
	mcaches->memory = memory;
	mcaches->layout = layout;
	mcaches->globals = globals;
	*ret = mcaches;
	return 0;
}

void mcaches_free(struct mcaches *mcaches)
{
	if (!mcaches)
		return;
	free(mcaches->ps.items);
	free(mcaches->caches.items);
	free(mcaches->span_addresses.items);
	free(mcaches->images.items);
	free(mcaches->spans.items);
	free(mcaches->pieces.items);
	free(mcaches);
}

size_t mcaches_count(const struct mcaches *mcaches)
{
	return mcaches->count;
}

static int reserve(struct mcaches *mcaches, size_t ps)
{
	size_t spans = ps * SPAN_CLASSES;

	if (VEC_RESERVE(&mcaches->ps, ps, LIMIT_PROCS) < 0 ||
	    VEC_RESERVE(&mcaches->caches, ps, LIMIT_PROCS) < 0 ||
	    VEC_RESERVE(&mcaches->images, ps, LIMIT_PROCS) < 0 ||
	    VEC_RESERVE(&mcaches->span_addresses, spans, LIMIT_PROCS * SPAN_CLASSES) < 0 ||
	    VEC_RESERVE(&mcaches->spans, spans, LIMIT_PROCS * SPAN_CLASSES) < 0 ||
	    VEC_RESERVE(&mcaches->pieces, 3 * spans, 3 * LIMIT_PROCS * SPAN_CLASSES) < 0)
		return -ENOMEM;
	return 0;
}

static int read_ps(struct mcaches *mcaches)
{
	uint64_t slice[2]; /* array, len */
	int error = memory_read(mcaches->memory, mcaches->globals->allp, slice, sizeof(slice));

	if (error < 0)
		return error;
	if (slice[1] == 0 || slice[1] > LIMIT_PROCS)
		return -EBADMSG;
	error = reserve(mcaches, slice[1]);
	if (error < 0)
		return error;
	mcaches->count = slice[1];
	return memory_read(mcaches->memory, slice[0], mcaches->ps.items, mcaches->count * 8);
}

/* A P that was never started is nil, one that is not running has no mcache. */
static int read_cache_addresses(struct mcaches *mcaches)
{
	size_t used = 0;
	int error;

	for (size_t i = 0; i < mcaches->count; i++) {
		if (!mcaches->ps.items[i])
			continue;
		mcaches->pieces.items[used] =
			(struct memory_piece){ mcaches->ps.items[i] +
						       (uint64_t)mcaches->layout->p_mcache,
					       &mcaches->caches.items[used], 8 };
		used++;
	}
	error = memory_read_pieces(mcaches->memory, mcaches->pieces.items, used);
	if (error < 0)
		return error;
	mcaches->cache_count = 0;
	for (size_t i = 0; i < used; i++)
		if (mcaches->caches.items[i])
			mcaches->caches.items[mcaches->cache_count++] = mcaches->caches.items[i];
	return 0;
}

static size_t image_bytes(const struct layout *layout)
{
	return (size_t)(layout->mcache_alloc - layout->mcache_tiny_allocs) + SPAN_CLASSES * 8;
}

static int read_images(struct mcaches *mcaches)
{
	size_t bytes = image_bytes(mcaches->layout);

	if (bytes > sizeof(struct mcache_image))
		return -EBADMSG;
	for (size_t i = 0; i < mcaches->cache_count; i++)
		mcaches->pieces.items[i] = (struct memory_piece){
			mcaches->caches.items[i] + (uint64_t)mcaches->layout->mcache_tiny_allocs,
			&mcaches->images.items[i], bytes
		};
	return memory_read_pieces(mcaches->memory, mcaches->pieces.items, mcaches->cache_count);
}

/* The addresses of the spans in all mcaches, without the placeholder that stands for none. */
static size_t list_spans(struct mcaches *mcaches)
{
	size_t first = (size_t)(mcaches->layout->mcache_alloc -
				mcaches->layout->mcache_tiny_allocs) /
		       8,
	       count = 0;

	for (size_t i = 0; i < mcaches->cache_count; i++) {
		for (size_t class = 0; class < SPAN_CLASSES; class ++) {
			uint64_t span = mcaches->images.items[i].words[first + class];

			if (span && span != mcaches->globals->emptymspan)
				mcaches->span_addresses.items[count++] = span;
		}
	}
	return count;
}

static int read_spans(struct mcaches *mcaches, size_t count)
{
	const struct layout *layout = mcaches->layout;
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t address = mcaches->span_addresses.items[i];
		struct span_image *span = &mcaches->spans.items[i];
		struct memory_piece *pieces = mcaches->pieces.items;

		pieces[used++] =
			(struct memory_piece){ address + (uint64_t)layout->mspan_alloc_count,
					       &span->alloc_count, 2 };
		pieces[used++] = (struct memory_piece){
			address + (uint64_t)layout->mspan_alloc_count_before_cache,
			&span->alloc_count_before, 2
		};
		pieces[used++] = (struct memory_piece){ address + (uint64_t)layout->mspan_spanclass,
							&span->span_class, 1 };
	}
	return memory_read_pieces(mcaches->memory, mcaches->pieces.items, used);
}

int mcaches_add(struct mcaches *mcaches, struct counters *ret, uint64_t *tiny_allocs)
{
	int error = read_ps(mcaches);
	size_t count;

	if (error == 0)
		error = read_cache_addresses(mcaches);
	if (error == 0)
		error = read_images(mcaches);
	if (error < 0)
		return error;
	count = list_spans(mcaches);
	error = read_spans(mcaches, count);
	if (error < 0)
		return error;
	for (size_t i = 0; i < mcaches->cache_count; i++)
		*tiny_allocs += mcaches->images.items[i].words[0];
	for (size_t i = 0; i < count; i++) {
		const struct span_image *span = &mcaches->spans.items[i];
		unsigned int class = span->span_class >> 1;

		if (class < SIZE_CLASSES && span->alloc_count > span->alloc_count_before)
			ret->allocs_by_class[class] +=
				(uint64_t)(span->alloc_count - span->alloc_count_before);
	}
	return 0;
}
