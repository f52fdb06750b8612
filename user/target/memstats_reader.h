/* runtime.MemStats from a copy of the runtime's variables, as runtime.readmemstats_m makes it
 * (runtime/mstats.go). */
#ifndef TARGET_MEMSTATS_READER_H
#define TARGET_MEMSTATS_READER_H

#include "model/memstats.h"
#include "target/heap_stats.h"
#include "target/layout.h"
#include "target/runtime_image.h"

/* `stats` is the sum over the ring in the image and what the Ps' caches hold back. Sets every
 * field; what needs mheap_ is UNKNOWN without it. */
void memstats_read(const struct runtime_image *image, const struct heap_stats *stats,
		   const struct layout *layout, struct memstats *ret);

#endif
