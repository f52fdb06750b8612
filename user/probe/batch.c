/* Batched reading of hash maps (kernel 5.6), with the old way beside it. */
#include "probe/batch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "limits.h"

#define ROOM_AT_FIRST 256
#define KERNEL_ENOTSUPP                                                                            \
	524 /* ENOTSUPP of the kernel's own errno.h, which maps without batches give */

static void *key_at(const struct batch *batch, size_t i)
{
	return (char *)batch->keys + i * batch->key_bytes;
}

static void *value_at(const struct batch *batch, size_t i)
{
	return (char *)batch->values + i * batch->value_bytes;
}

/* Room for `more` further entries in both arrays. */
static int make_room(struct batch *batch, size_t more)
{
	size_t capacity = batch->capacity ? batch->capacity : ROOM_AT_FIRST;
	void *keys, *values;

	if (batch->count + more <= batch->capacity)
		return 0;
	while (capacity < batch->count + more)
		capacity *= 2;
	if (capacity > 2 * (size_t)LIMIT_BUCKETS)
		return -E2BIG;
	keys = realloc(batch->keys, capacity * batch->key_bytes);
	if (!keys)
		return -ENOMEM;
	batch->keys = keys;
	values = realloc(batch->values, capacity * batch->value_bytes);
	if (!values)
		return -ENOMEM;
	batch->values = values;
	batch->capacity = capacity;
	return 0;
}

/* Since 6.15 the kernel gives up a hash bucket's lock that it does not get in time, as when the
 * virtual CPU that holds it is off; what was read before it is good, and reading goes on there. */
static bool is_busy(int err)
{
	return err == -EBUSY || err == -EDEADLK || err == -ETIMEDOUT;
}

struct position {
	uint32_t bucket; /* the kernel's: which hash bucket comes next */
	bool started;
	unsigned busy; /* how often in a row a bucket was */
};
#define MAX_BUSY 100

/* One system call. 1: there may be more; 0: that was all. */
static int read_some(struct batch *batch, int map_fd, bool take, struct position *position)
{
	uint32_t count = (uint32_t)(batch->capacity - batch->count);
	void *from = position->started ? &position->bucket : NULL, *next = &position->bucket;
	void *keys = key_at(batch, batch->count), *values = value_at(batch, batch->count);
	int err = take ? bpf_map_lookup_and_delete_batch(map_fd, from, next, keys, values, &count,
							 NULL)
		       : bpf_map_lookup_batch(map_fd, from, next, keys, values, &count, NULL);

	position->busy = is_busy(err) ? position->busy + 1 : 0;
	if (err < 0 && err != -ENOENT && (!position->busy || position->busy > MAX_BUSY))
		return err;
	position->started = true;
	batch->count += count;
	return err != -ENOENT;
}

int batch_read(struct batch *batch, int map_fd, bool take)
{
	struct position position = { 0 };
	size_t room = ROOM_AT_FIRST;
	int more = 1;

	batch->count = 0;
	while (more > 0) {
		int err = make_room(batch, room);

		if (err < 0)
			return err;
		more = read_some(batch, map_fd, take, &position);
		if (more == -ENOSPC) { /* one hash bucket has more entries than there is room */
			room *= 2;
			more = 1;
		}
	}
	if (more == -EINVAL || more == -KERNEL_ENOTSUPP)
		return batch_read_singly(batch, map_fd, take);
	return more;
}

static void delete_all(const struct batch *batch, int map_fd)
{
	for (size_t i = 0; i < batch->count; i++)
		bpf_map_delete_elem(map_fd, key_at(batch, i));
}

int batch_read_singly(struct batch *batch, int map_fd, bool take)
{
	int err = make_room(batch, ROOM_AT_FIRST);

	batch->count = 0;
	while (err == 0) {
		void *last = batch->count ? key_at(batch, batch->count - 1) : NULL;

		err = bpf_map_get_next_key(map_fd, last, key_at(batch, batch->count));
		if (err < 0)
			break;
		err = bpf_map_lookup_elem(map_fd, key_at(batch, batch->count),
					  value_at(batch, batch->count));
		if (err < 0)
			break;
		batch->count++;
		err = make_room(batch, 1);
	}
	if (err != -ENOENT)
		return err;
	if (take)
		delete_all(batch, map_fd);
	return 0;
}

void batch_clear(struct batch *batch)
{
	free(batch->keys);
	free(batch->values);
	batch->keys = batch->values = NULL;
	batch->count = batch->capacity = 0;
}
