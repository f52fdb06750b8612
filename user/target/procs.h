/*
 * The Ps of the runtime's scheduler (runtime.allp) and what is looked up in each: its mcache, and
 * how many dead goroutines it keeps for reuse. Found once; then the same places are read along with
 * whatever else is read, which tells whether anything moved.
 */
#ifndef TARGET_PROCS_H
#define TARGET_PROCS_H

#include <stdbool.h>

#include "target/globals.h"
#include "target/layout.h"
#include "target/memory.h"
#include "target/piece_list.h"

struct procs;

/* Everything borrowed; the addresses in `globals` are in the process. 0 or -ENOMEM. Silent. */
int procs_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
	      struct procs **ret);
void procs_free(struct procs *procs);

/* Three system calls. 0 or the error of the read; -EBADMSG when the number of Ps is not plausible;
 * then there are none. Silent. */
int procs_find(struct procs *procs);

size_t procs_count(const struct procs *procs); /* len(allp) */
/* The mcaches, without those Ps that have none. */
size_t procs_cache_count(const struct procs *procs);
uint64_t procs_cache(const struct procs *procs, size_t index);

/* Adds what procs_find has found, to be read again. 0 or -ENOMEM. */
int procs_add_pieces(struct procs *procs, struct piece_list *list);
/* After that was read: whether procs_find would find the same. */
bool procs_unchanged(const struct procs *procs);
/* As last read: the sum over all Ps. */
int64_t procs_dead_goroutines(const struct procs *procs);

#endif
