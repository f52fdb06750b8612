/*
 * From the Ps' mcaches to the spans in use. A cache keeps its spans for a while: so the spans that
 * were in it at the pass before are read together with the cache, and only those that turn out to
 * be others take a second system call.
 */
#include "target/mcaches.h"

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"
#include "limits.h"
#include "target/piece_list.h"

#define SPAN_CLASSES	(2 * SIZE_CLASSES) /* with and without pointers */
#define TINY_SPAN_CLASS 5		   /* whose refill hands over tinyAllocs */

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
	struct procs *procs; /* borrowed */
	size_t count;	     /* mcaches */
	bool known;	     /* the last pass tells where spans are to be expected */
	struct piece_list pieces;
	struct pass passes[2], *last, *previous;
};

int mcaches_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
		struct procs *procs, struct mcaches **ret)
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
	mcaches->procs = procs;
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
	piece_list_free(&mcaches->pieces);
	free(mcaches);
}

int mcaches_begin(struct mcaches *mcaches)
{
	size_t count = procs_cache_count(mcaches->procs);

	for (int i = 0; i < 2; i++) {
		struct pass *pass = &mcaches->passes[i];

		if (VEC_RESERVE(&pass->images, count, LIMIT_PROCS) < 0 ||
		    VEC_RESERVE(&pass->slots, count * SPAN_CLASSES,
				(size_t)LIMIT_PROCS * SPAN_CLASSES) < 0)
			return -ENOMEM;
	}
	mcaches->count = count;
	mcaches->known = false;
	return 0;
}

/* emptymspan is the placeholder that stands for none. */
static uint64_t span_in(const struct mcaches *mcaches, const struct cache_image *image,
			size_t class)
{
	uint64_t span = image->words[mcaches->first_span + class];

	return span == mcaches->globals->emptymspan ? 0 : span;
}

static int add_span(struct mcaches *mcaches, struct slot *slot)
{
	uint64_t begin = (uint64_t)mcaches->layout->mspan_alloc_count - SWEEPGEN_BEFORE_ALLOC_COUNT;

	return slot->span ? piece_list_add(&mcaches->pieces, slot->span + begin, slot->part,
					   mcaches->part_bytes)
			  : 0;
}

static int add_images(struct mcaches *mcaches)
{
	uint64_t begin = (uint64_t)mcaches->layout->mcache_tiny_allocs;
	int error = 0;

	for (size_t i = 0; i < mcaches->count && error == 0; i++)
		error = piece_list_add(&mcaches->pieces, procs_cache(mcaches->procs, i) + begin,
				       &mcaches->last->images.items[i], mcaches->image_bytes);
	return error;
}

/* The spans that were in the caches at the pass before. */
static int add_expected(struct mcaches *mcaches, const bool *skip)
{
	const struct slot *before = mcaches->previous->slots.items;
	struct slot *slots = mcaches->last->slots.items;
	int error = 0;

	for (size_t i = 0; i < mcaches->count * SPAN_CLASSES && error == 0; i++) {
		slots[i].span = mcaches->known ? before[i].span : 0;
		if (!skip[i % SPAN_CLASSES / 2])
			error = add_span(mcaches, &slots[i]);
	}
	return error;
}

/* Those that are in the caches now and were not expected there. */
static int add_unexpected(struct mcaches *mcaches, const bool *skip)
{
	struct pass *pass = mcaches->last;
	int error = 0;

	for (size_t i = 0; i < mcaches->count * SPAN_CLASSES && error == 0; i++) {
		size_t class = i % SPAN_CLASSES;
		uint64_t span = span_in(mcaches, &pass->images.items[i / SPAN_CLASSES], class);

		if (pass->slots.items[i].span == span)
			continue;
		pass->slots.items[i].span = span;
		if (!skip[class / 2])
			error = add_span(mcaches, &pass->slots.items[i]);
	}
	return error;
}

static int add_then(struct mcaches *mcaches, const struct memory_piece *then, size_t then_count)
{
	uint64_t mheap = mcaches->globals->mheap;
	int error = 0;

	if (mheap)
		error = piece_list_add(&mcaches->pieces,
				       mheap + (uint64_t)mcaches->layout->mheap_sweepgen,
				       &mcaches->last->sweepgen, sizeof(mcaches->last->sweepgen));
	for (size_t i = 0; i < then_count && error == 0; i++)
		error = piece_list_add(&mcaches->pieces, then[i].address, then[i].buffer,
				       then[i].length);
	return error;
}

int mcaches_pass(struct mcaches *mcaches, const bool skip[COUNTED_CLASSES],
		 const struct memory_piece *then, size_t then_count)
{
	struct pass *pass = mcaches->previous;
	int error;

	mcaches->previous = mcaches->last;
	mcaches->last = pass;
	error = procs_add_pieces(mcaches->procs, &mcaches->pieces);
	if (error == 0)
		error = add_images(mcaches);
	if (error == 0)
		error = add_expected(mcaches, skip);
	if (error == 0 && mcaches->known)
		error = add_then(mcaches, then, then_count);
	error = piece_list_read(&mcaches->pieces, error, mcaches->memory);
	if (error == 0)
		error = add_unexpected(mcaches, skip);
	if (error == 0 && (mcaches->pieces.count > 0 || !mcaches->known))
		error = add_then(mcaches, then, then_count);
	error = piece_list_read(&mcaches->pieces, error, mcaches->memory);
	mcaches->known = error == 0;
	return error;
}

void mcaches_cached(const struct mcaches *mcaches, uint32_t spans[SIZE_CLASSES])
{
	for (size_t i = 0; i < SIZE_CLASSES; i++)
		spans[i] = 0;
	for (size_t i = 0; i < mcaches->count * SPAN_CLASSES; i++)
		spans[i % SPAN_CLASSES / 2] += mcaches->last->slots.items[i].span != 0;
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
	for (size_t i = 0; i < mcaches->count; i++) {
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
	for (size_t i = 0; i < mcaches->count; i++)
		compare_cache(mcaches, i, classes);
}
