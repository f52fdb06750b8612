/* All entries of a BPF hash map in few system calls. */
#ifndef PROBE_BATCH_H
#define PROBE_BATCH_H

#include <stdbool.h>
#include <stddef.h>

struct batch {
	size_t key_bytes, value_bytes; /* of the map; set by the owner */
	size_t count, capacity;
	void *keys, *values; /* arrays of `count`, owned, valid until the next read */
};

/*
 * Reads the map whole, replacing what the batch had; with `take` the entries leave the map. What is
 * added meanwhile may be missing. 0 or a negative errno, silent.
 */
int batch_read(struct batch *batch, int map_fd, bool take);
/* The same entry by entry: what batch_read does where the kernel has no batches. */
int batch_read_singly(struct batch *batch, int map_fd, bool take);
void batch_clear(struct batch *batch);

#endif
