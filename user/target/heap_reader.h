/* What the allocator has counted up to now, read while it goes on counting. */
#ifndef TARGET_HEAP_READER_H
#define TARGET_HEAP_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "target/globals.h"
#include "target/heap_stats.h"
#include "target/memory.h"
#include "target/runtime_image.h"

struct heap_reader;

/* Everything borrowed. 0, -ENOMEM, or -ENOTSUP when the layout cannot be. Silent. */
int heap_reader_new(struct memory *memory, const struct layout *layout,
		    const struct globals *globals, struct heap_reader **ret);
void heap_reader_free(struct heap_reader *reader);

/*
 * Each count is one that the program had at some moment between the call and the return; no count
 * is ever less than the one before. *ret_torn: for a class that was too busy, this could not be
 * made sure; then its count may be short by what a P takes at once (a span of it, 8-32 KiB).
 * At most 13 system calls (more for dozens of Ps). 0 or the error of the read. Silent.
 */
int heap_reader_read(struct heap_reader *reader, struct heap_stats *ret, bool *ret_torn);

/* The runtime's variables as copied at the end of the last reading. */
const struct runtime_image *heap_reader_image(const struct heap_reader *reader);

/* Number of Ps (len(allp)). */
size_t heap_reader_procs(const struct heap_reader *reader);

#endif
