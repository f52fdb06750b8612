/* The lengths of the sets of spans. */
#include "target/span_counts.h"

#include "model/unknown.h"

#define SPAN_CLASSES 2	  /* of each size class: with and without pointers */
#define SETS	     2	  /* swept and not yet swept, in turns */
#define PAGE_BYTES   8192 /* of the runtime (runtime/malloc.go, _PageSize) */

/* spanSet.index: the head in the upper half, the tail in the lower one (runtime/mspanset.go,
 * headTailIndex). Pushing moves the tail, popping the head. */
static int64_t set_length(struct span central, uint64_t offset, const struct layout *layout)
{
	uint64_t index = 0;

	span_u64(central, offset + (uint64_t)layout->span_set_index, &index);
	return (int64_t)(uint32_t)index - (int64_t)(index >> 32);
}

static int64_t central_length(struct span central, int class, const struct layout *layout)
{
	int64_t sum = 0;

	for (int i = 0; i < SPAN_CLASSES; i++) {
		uint64_t at = (uint64_t)(SPAN_CLASSES * class + i) *
			      (uint64_t)layout->mheap_central_bytes;

		for (uint64_t set = 0; set < SETS; set++) {
			uint64_t offset = at + set * (uint64_t)layout->span_set_bytes;

			sum += set_length(central, offset + (uint64_t)layout->mcentral_partial,
					  layout);
			sum += set_length(central, offset + (uint64_t)layout->mcentral_full,
					  layout);
		}
	}
	return sum;
}

static int64_t waste_bytes(int class, const struct size_class *counts)
{
	int64_t held = counts->spans * PAGE_BYTES * size_class_pages[class];
	int64_t used = counts->alloc_bytes - counts->free_bytes;

	return class > 0 && held >= used ? held - used : UNKNOWN;
}

void span_counts_read(struct span central, const struct layout *layout,
		      const uint32_t cached[SIZE_CLASSES], struct size_class classes[SIZE_CLASSES])
{
	for (int class = 0; class < SIZE_CLASSES; class ++) {
		struct size_class *counts = &classes[class];
		int64_t length = central.length ? central_length(central, class, layout) : UNKNOWN;

		counts->spans = length < 0 ? UNKNOWN : length + cached[class];
		counts->waste_bytes = counts->spans < 0 ? UNKNOWN : waste_bytes(class, counts);
	}
}
