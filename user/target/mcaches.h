/*
 * What the Ps have allocated from the spans in their caches, which the totals get only when a span
 * is given back (runtime/mcache.go, refill and releaseAll). Read pass by pass: two passes tell
 * which spans were given back in between.
 */
#ifndef TARGET_MCACHES_H
#define TARGET_MCACHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/globals.h"
#include "target/heap_stats.h"
#include "target/memory.h"
#include "target/procs.h"

struct mcaches;

/* Everything borrowed; the addresses in `globals` are in the process. 0, -ENOMEM, or -ENOTSUP when
 * the layout cannot be. Silent. */
int mcaches_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
		struct procs *procs, struct mcaches **ret);
void mcaches_free(struct mcaches *mcaches);

/* Forgets the passes: the Ps were found anew. 0 or -ENOMEM. */
int mcaches_begin(struct mcaches *mcaches);

/*
 * One pass over the classes that are not in `skip`, then the pieces `then`; the Ps are read as well
 * (procs_unchanged). One system call, or two when a cache holds other spans than at the pass before
 * (more for dozens of Ps). 0 or the error of the read. Silent.
 */
int mcaches_pass(struct mcaches *mcaches, const bool skip[COUNTED_CLASSES],
		 const struct memory_piece *then, size_t then_count);

/* What the caches held at the last pass. */
void mcaches_held(const struct mcaches *mcaches, uint64_t counts[COUNTED_CLASSES]);

/* How many spans were in them then. */
void mcaches_cached(const struct mcaches *mcaches, uint32_t spans[SIZE_CLASSES]);

/* The classes of which something that was held at the pass before the last was given back since. */
void mcaches_given_back(const struct mcaches *mcaches, bool classes[COUNTED_CLASSES]);

#endif
