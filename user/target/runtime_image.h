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
	uint8_t memstats[16384], controller[512], work[1024], central[136 * 256];
	/* of the above; 0 for what was not found in the program */
	size_t memstats_bytes, controller_bytes, work_bytes, central_bytes;
	/* UNKNOWN when not found: of mheap_'s allocators of mspans and mcaches, and allglen */
	int64_t spanalloc_bytes, cachealloc_bytes, goroutines_made;
	int32_t goroutines_system, goroutines_dead[2]; /* of sched; in its two free lists */
	/* itabTable; its count stands behind that pointer, so it is read where the table is
	 * expected to be */
	uint64_t itab_table, itab_expected, itab_count;
	/* reflectOffs.next (runtime/runtime1.go, Go 1.19-1.27): 0, then -1 less what reflection has
	 * registered; 1: not read */
	int32_t reflect_next;
};

#define RUNTIME_PIECES 13 /* at most */

/* Whether the variables have room in an image. */
bool runtime_image_fits(const struct layout *layout);

/* The pieces of memory that fill *image. Addresses in `globals` are in the process, memstats and
 * gcController among them. `before` is an image from which is taken what to expect, or NULL.
 * Returns how many pieces. */
size_t runtime_image_pieces(struct runtime_image *image, const struct runtime_image *before,
			    const struct layout *layout, const struct globals *globals,
			    struct memory_piece pieces[RUNTIME_PIECES]);

/* runtime.memstats up to gc_cpu_fraction, runtime.gcController up to mappedReady, runtime.work up
 * to the end of what is used, mheap_.central; borrowed, empty when not found. */
struct span runtime_image_memstats(const struct runtime_image *image);
struct span runtime_image_controller(const struct runtime_image *image);
struct span runtime_image_work(const struct runtime_image *image);
struct span runtime_image_central(const struct runtime_image *image);

/* UNKNOWN when not read or the table was not where expected. */
int64_t runtime_image_itabs(const struct runtime_image *image);
/* Names, types and functions that reflection has registered; UNKNOWN when not read. */
int64_t runtime_image_reflected(const struct runtime_image *image);

#endif
