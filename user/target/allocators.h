/* Which functions every heap allocation passes through exactly once. */
#ifndef TARGET_ALLOCATORS_H
#define TARGET_ALLOCATORS_H

#include "target/go_binary.h"

#define ALLOCATORS_SIZED 68 /* Go 1.26 with its experiment has 66 */

struct allocators {
	struct go_function general; /* runtime.mallocgc; name NULL when there is none */
	/* Called by compiled code and by mallocgc for all sizes up to sized_max_bytes; without them
	 * both numbers are 0. */
	size_t sized_count;
	uint64_t sized_max_bytes;
	struct go_function sized[ALLOCATORS_SIZED];
};

/* 0, or -ENOTSUP when the size-specialised functions do not make up a whole set: some allocations
 * would be missed or seen twice. Silent. */
int allocators_find(const struct go_binary *binary, struct allocators *ret);

#endif
