/* From allp over the Ps and their mcaches to the spans in use: one batch of reads per step. */
#include "target/mcaches.h"

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"
#include "limits.h"

#define SPAN_CLASSES	(2 * SIZE_CLASSES) /* with and without pointers */
#define TINY_SPAN_CLASS 5		   /* whose refill hands over tinyAllocs */
#define PIECES_MAX	((size_t)LIMIT_PROCS * (SPAN_CLASSES + 1) + 16)

/* mspan.sweepgen stands two words of 32 bits before allocCount in Go 1.19-1.27 (runtime/mheap.go);
 * the part of an mspan that is read begins there and ends after allocCountBeforeCache. */
#define SWEEPGEN_BEFORE_ALLOC_COUNT 8
#define SPAN_PART_MAX		    32

/* The part of an mcache that is read: from tinyAllocs to the end of alloc. */
struct cache_image {
	uint64_t words[SPAN_CLASSES + 8];
};

struct slot {
	uint64_t span; /* 0: none */
	uint8_t part[SPAN_PART_MAX];
};

struct pass {
	struct {
		struct cache_image *items;
		size_t capacity;
	} images;
	struct {
		struct slot *items; /* SPAN_CLASSES for each cache */
		size_t capacity;
	} slots;
	uint32_t sweepgen; /* mheap_'s, read after the spans */
};

struct mcaches {
	struct memory *memory;
	const struct layout *layout;
	const struct globals *globals;
	size_t image_bytes, first_span, part_bytes;
	size_t count;	    /* Ps */
	size_t cache_count; /* those with an mcache */
	struct {
		uint64_t *items;
		size_t capacity;
	} caches;
	struct {
		struct memory_piece *items;
		size_t capacity, count;
	} pieces;
	struct pass passes[2], *last, *previous;
};

int mcaches_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
		struct mcaches **ret)
{
	int32_t first_span = layout->mcache_alloc - layout->mcache_tiny_allocs;
	int32_t part_bytes = layout->mspan_alloc_count_before_cache + 2 -
			     (layout->mspan_alloc_count - SWEEPGEN_BEFORE_ALLOC_COUNT);
	struct mcaches *mcaches;

	if (first_span < 8 || first_span > 64 || first_span % 8 != 0 ||
	    part_bytes < SWEEPGEN_BEFORE_ALLOC_COUNT + 4 || part_bytes > SPAN_PART_MAX)
		return -ENOTSUP;
	mcaches = calloc(1, sizeof(*mcaches));
	if (!mcaches)
		return -ENOMEM;
	mcaches->memory = memory;
	mcaches->layout = layout;
	mcaches->globals = globals;
	mcaches->first_span = (size_t)first_span / 8;
	mcaches->image_bytes = (size_t)first_span + SPAN_CLASSES * 8;
	mcaches->part_bytes = (size_t)part_bytes;
	mcaches->last = &mcaches->passes[0];
	mcaches->previous = &mcaches->passes[1];
	*ret = mcaches;
	return 0;
}

void mcaches_free(struct mcaches *mcaches)
{
	if (!mcaches)
		return;
	for (int i = 0; i < 2; i++) {
		free(mcaches->passes[i].images.items);
		free(mcaches->passes[i].slots.items);
	}
	free(mcaches->caches.items);
	free(mcaches->pieces.items);
	free(mcaches);
}

size_t mcaches_count(const struct mcaches *mcaches)
{
	return mcaches->count;
}

static int add_piece(struct mcaches *mcaches, uint64_t address, void *buffer, size_t length)
{
	int error = VEC_RESERVE(&mcaches->pieces, mcaches->pieces.count + 1, PIECES_MAX);

	if (error == 0)
		mcaches->pieces.items[mcaches->pieces.count++] =
			(struct memory_piece){ address, buffer, length };
	return error;
}

/* Reads what was added, and begins anew. `error` is that of adding. */
static int read_pieces(struct mcaches *mcaches, int error)
{
	size_t count = mcaches->pieces.count;

	mcaches->pieces.count = 0;
	return error < 0 || count == 0
		       ? error
		       : memory_read_pieces(mcaches->memory, mcaches->pieces.items, count);
}

static int reserve_passes(struct mcaches *mcaches)
{
	for (int i = 0; i < 2; i++) {
		struct pass *pass = &mcaches->passes[i];

		if (VEC_RESERVE(&pass->images, mcaches->count, LIMIT_PROCS) < 0 ||
		    VEC_RESERVE(&pass->slots, mcaches->count * SPAN_CLASSES,
				(size_t)LIMIT_PROCS * SPAN_CLASSES) < 0)
			return -ENOMEM;
	}
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
	mcaches->count = slice[1];
	error = VEC_RESERVE(&mcaches->caches, mcaches->count, LIMIT_PROCS);
	return error < 0 ? error
			 : memory_read(mcaches->memory, slice[0], mcaches->caches.items,
				       mcaches->count * 8);
}

/* Keeps the entries that are not nil: a P that was never started, one that has no mcache. */
static void keep_found(struct mcaches *mcaches, size_t count)
{
	mcaches->cache_count = 0;
	for (size_t i = 0; i < count; i++)
		if (mcaches->caches.items[i])
			mcaches->caches.items[mcaches->cache_count++] = mcaches->caches.items[i];
}

int mcaches_find(struct mcaches *mcaches)
{
	int error = read_ps(mcaches);

	if (error == 0)
		error = reserve_passes(mcaches);
	if (error < 0)
		return error;
	keep_found(mcaches, mcaches->count);
	for (size_t i = 0; i < mcaches->cache_count && error == 0; i++) {
		uint64_t *entry = &mcaches->caches.items[i];

		error = add_piece(mcaches, *entry + (uint64_t)mcaches->layout->p_mcache, entry, 8);
	}
	error = read_pieces(mcaches, error);
	if (error == 0)
		keep_found(mcaches, mcaches->cache_count);
	return error;
}

static int read_images(struct mcaches *mcaches)
{
	int error = 0;

	for (size_t i = 0; i < mcaches->cache_count && error == 0; i++)
		error = add_piece(mcaches,
				  mcaches->caches.items[i] +
					  (uint64_t)mcaches->layout->mcache_tiny_allocs,
				  &mcaches->last->images.items[i], mcaches->image_bytes);
	return read_pieces(mcaches, error);
}

/* emptymspan is the placeholder that stands for none. */
static int add_spans(struct mcaches *mcaches, size_t cache, const bool *skip)
{
	const uint64_t *spans = mcaches->last->images.items[cache].words + mcaches->first_span;
	struct slot *slots = mcaches->last->slots.items + cache * SPAN_CLASSES;
	int error = 0;

	for (size_t class = 0; class < SPAN_CLASSES && error == 0; class ++) {
		slots[class].span = spans[class] == mcaches->globals->emptymspan ? 0 : spans[class];
		if (slots[class].span && !skip[class / 2])
			error = add_piece(mcaches,
					  slots[class].span +
						  (uint64_t)mcaches->layout->mspan_alloc_count -
						  SWEEPGEN_BEFORE_ALLOC_COUNT,
					  slots[class].part, mcaches->part_bytes);
	}
	return error;
}

int mcaches_pass(struct mcaches *mcaches, const bool skip[COUNTED_CLASSES],
		 const struct memory_piece *then, size_t then_count)
{
	struct pass *pass = mcaches->previous;
	uint64_t sweepgen = mcaches->globals->mheap;
	int error;

	mcaches->previous = mcaches->last;
	mcaches->last = pass;
	error = read_images(mcaches);
	for (size_t i = 0; i < mcaches->cache_count && error == 0; i++)
		error = add_spans(mcaches, i, skip);
	if (error == 0 && sweepgen)
		error = add_piece(mcaches, sweepgen + (uint64_t)mcaches->layout->mheap_sweepgen,
				  &pass->sweepgen, sizeof(pass->sweepgen));
	for (size_t i = 0; i < then_count && error == 0; i++)
		error = add_piece(mcaches, then[i].address, then[i].buffer, then[i].length);
	return read_pieces(mcaches, error);
}

struct span_state {
	uint32_t sweepgen;
	uint16_t used, used_before; /* slots; when it came into the cache */
};

static struct span_state state_of(const struct mcaches *mcaches, const struct slot *slot)
{
	struct span part = { slot->part, mcaches->part_bytes };
	struct span_state state = { 0 };

	span_u32(part, 0, &state.sweepgen);
	span_u16(part, SWEEPGEN_BEFORE_ALLOC_COUNT, &state.used);
	span_u16(part, mcaches->part_bytes - 2, &state.used_before);
	return state;
}

/*
 * The slots that the totals do not have. When a span is given back, its sweepgen is changed first,
 * then the totals, and the cache's pointer only after another span was found: a span that is not
 * marked as cached has been counted already (mheap.go: sweepgen is mheap_'s + 3, or + 1 when a
 * collection began since).
 */
static uint32_t held(const struct mcaches *mcaches, const struct pass *pass,
		     const struct slot *slot)
{
	struct span_state state = state_of(mcaches, slot);
	uint32_t ahead = state.sweepgen - pass->sweepgen;

	if (!slot->span || (mcaches->globals->mheap && ahead != 1 && ahead != 3))
		return 0;
	return state.used > state.used_before ? (uint32_t)(state.used - state.used_before) : 0;
}

void mcaches_held(const struct mcaches *mcaches, uint64_t counts[COUNTED_CLASSES])
{
	const struct pass *pass = mcaches->last;

	for (size_t i = 0; i < COUNTED_CLASSES; i++)
		counts[i] = 0;
	for (size_t i = 0; i < mcaches->cache_count; i++) {
		counts[COUNTED_TINY] += pass->images.items[i].words[0];
		for (size_t class = 0; class < SPAN_CLASSES; class ++)
			counts[class / 2] +=
				held(mcaches, pass, &pass->slots.items[i * SPAN_CLASSES + class]);
	}
}

static bool is_same(const struct mcaches *mcaches, const struct slot *a, const struct slot *b)
{
	struct span_state was = state_of(mcaches, a), is = state_of(mcaches, b);

	return a->span == b->span &&
	       (!a->span || (was.sweepgen == is.sweepgen && was.used_before == is.used_before));
}

static void compare_cache(const struct mcaches *mcaches, size_t cache, bool *classes)
{
	const struct pass *previous = mcaches->previous, *last = mcaches->last;
	const struct slot *was = previous->slots.items + cache * SPAN_CLASSES;
	const struct slot *is = last->slots.items + cache * SPAN_CLASSES;
	uint64_t tiny = previous->images.items[cache].words[0];

	for (size_t class = 0; class < SPAN_CLASSES; class ++)
		if (held(mcaches, previous, &was[class]) &&
		    !is_same(mcaches, &was[class], &is[class]))
			classes[class / 2] = true;
	if (tiny && (last->images.items[cache].words[0] < tiny ||
		     !is_same(mcaches, &was[TINY_SPAN_CLASS], &is[TINY_SPAN_CLASS])))
		classes[COUNTED_TINY] = true;
}

void mcaches_given_back(const struct mcaches *mcaches, bool classes[COUNTED_CLASSES])
{
	for (size_t i = 0; i < COUNTED_CLASSES; i++)
		classes[i] = false;
	for (size_t i = 0; i < mcaches->cache_count; i++)
		compare_cache(mcaches, i, classes);
}
