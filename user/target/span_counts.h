/* How many spans each size class holds, without a walk over the heap: mheap_.central has for each
 * span class four sets of spans, whose lengths are what counts (runtime/mcentral.go). */
#ifndef TARGET_SPAN_COUNTS_H
#define TARGET_SPAN_COUNTS_H

#include <stdint.h>

#include "base/span.h"
#include "model/memstats.h"
#include "target/layout.h"

/*
 * Fills spans and waste_bytes of each class, whose other members are filled; `cached` spans are in
 * the Ps' caches and in no set. While a collection is being swept, a span that was swept out of
 * turn is in two sets and counts twice. A `central` that is empty leaves everything UNKNOWN, and
 * what does not fit together because the program went on meanwhile is UNKNOWN too.
 */
void span_counts_read(struct span central, const struct layout *layout,
		      const uint32_t cached[SIZE_CLASSES], struct size_class classes[SIZE_CLASSES]);

#endif
