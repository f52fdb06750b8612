/* What the Ps have allocated since they took their spans, which the totals do not have yet
 * (runtime/mcache.go refill, releaseAll). */
#ifndef TARGET_MCACHES_H
#define TARGET_MCACHES_H

#include <stddef.h>
#include <stdint.h>

#include "target/counters.h"

struct mcaches;

/* Everything borrowed; the addresses in `globals` are in the process. 0 or -ENOMEM. */
int mcaches_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
		struct mcaches **ret);
void mcaches_free(struct mcaches *mcaches);

/* Adds to allocs_by_class and *tiny_allocs: five system calls whatever the number of Ps. 0 or the
 * error of the read; -EBADMSG when the number of Ps is not plausible. Silent. */
int mcaches_add(struct mcaches *mcaches, struct counters *ret, uint64_t *tiny_allocs);

/* Number of Ps (len(allp)), as the last mcaches_add saw it. */
size_t mcaches_count(const struct mcaches *mcaches);

#endif
