/* A copy of those variables of the runtime that stand at fixed addresses and hold what it counts:
 * all of them are read in one go. */
#ifndef TARGET_RUNTIME_IMAGE_H
#define TARGET_RUNTIME_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "target/globals.h"
#include "target/layout.h"
#include "target/memory.h"

struct runtime_image {
	uint8_t memstats[16384], controller[512];
	size_t memstats_bytes, controller_bytes;
	/* mheap_'s allocators of mspans and mcaches; UNKNOWN without mheap_ */
	int64_t spanalloc_bytes, cachealloc_bytes;
};

#define RUNTIME_PIECES 4 /* at most */

/* Whether the variables have room in an image. */
bool runtime_image_fits(const struct layout *layout);

/* The pieces of memory that fill *image; what cannot be read is set to UNKNOWN at once. Addresses
 * in `globals` are in the process, memstats and gcController among them. Returns how many. */
size_t runtime_image_pieces(struct runtime_image *image, const struct layout *layout,
			    const struct globals *globals,
			    struct memory_piece pieces[RUNTIME_PIECES]);

/* runtime.memstats up to gc_cpu_fraction and runtime.gcController up to mappedReady; borrowed. */
struct span runtime_image_memstats(const struct runtime_image *image);
struct span runtime_image_controller(const struct runtime_image *image);

#endif
