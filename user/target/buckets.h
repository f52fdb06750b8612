/*
 * The runtime's own profiling buckets (runtime/mprof.go), read from outside: the list from
 * `mbuckets` along allnext. Buckets never move or disappear and new ones come at the head, so a
 * poll reads new stacks once and then only the counts.
 */
#ifndef TARGET_BUCKETS_H
#define TARGET_BUCKETS_H

#include <stddef.h>
#include <stdint.h>

#include "target/layout.h"
#include "target/memory.h"

/* As in memory: return addresses already expanded to one per logical frame (GO_RUNTIME facts,
 * runtime.callers). */
struct raw_bucket {
	uint64_t address;
	uint64_t object_bytes;
	uint64_t allocs, frees; /* active and the three futures together */
	const uint64_t *pcs;	/* leaf first, owned by the reader */
	uint32_t pc_count;
};

struct bucket_reader;

/* `list_head`: address of runtime.mbuckets in the process. memory and layout are borrowed. 0 or
 * -ENOMEM. */
int bucket_reader_new(struct memory *memory, const struct layout *layout, uint64_t list_head,
		      struct bucket_reader **ret);
void bucket_reader_free(struct bucket_reader *reader);

/*
 * Reads what is new and refreshes every count. *ret is owned by the reader and valid until the next
 * poll; the order is stable (oldest first): index i is the same bucket for ever. A bucket that
 * fails its invariants (typ 1, depth within LIMIT_STACK_FRAMES, allocs >= frees, bytes = count *
 * size, a list without cycles) is left out and counted in *invalid. 0, or the error of the read.
 * Silent.
 */
int bucket_reader_poll(struct bucket_reader *reader, const struct raw_bucket **ret,
		       size_t *ret_count, uint64_t *invalid);

#endif
