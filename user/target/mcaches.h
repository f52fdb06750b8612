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

struct mcaches;

/* Everything borrowed; the addresses in `globals` are in the process. 0, -ENOMEM, or -ENOTSUP when
 * the layout cannot be. Silent. */
int mcaches_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
		struct mcaches **ret);
void mcaches_free(struct mcaches *mcaches);

/* Finds the Ps' caches and forgets the passes. Three system calls. 0 or the error of the read;
 * -EBADMSG when the number of Ps is not plausible. Silent. */
int mcaches_find(struct mcaches *mcaches);

/* Number of Ps (len(allp)), as the last mcaches_find saw it. */
size_t mcaches_count(const struct mcaches *mcaches);

/* One pass over the classes that are not in `skip`, then the pieces `then`, in two system calls
 * (more for dozens of Ps). 0 or the error of the read. Silent. */
int mcaches_pass(struct mcaches *mcaches, const bool skip[COUNTED_CLASSES],
		 const struct memory_piece *then, size_t then_count);

/* What the caches held at the last pass. */
void mcaches_held(const struct mcaches *mcaches, uint64_t counts[COUNTED_CLASSES]);

/* The classes of which something that was held at the pass before the last was given back since. */
void mcaches_given_back(const struct mcaches *mcaches, bool classes[COUNTED_CLASSES]);

#endif
