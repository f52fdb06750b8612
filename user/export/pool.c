/* Bump allocation out of blocks. */
#include "export/pool.h"

#include <stdalign.h>
#include <stdlib.h>

#define BLOCK_BYTES (64U << 10)

struct pool_block {
	struct pool_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static struct pool_block *add_block(struct pool *pool, size_t need)
{
	size_t size = need > BLOCK_BYTES ? need : BLOCK_BYTES;
	struct pool_block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->size = size;
	block->next = pool->blocks;
	pool->blocks = block;
	return block;
}

void *pool_alloc(struct pool *pool, size_t bytes)
{
	struct pool_block *block = pool->blocks;
	void *taken;

	bytes = (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	if (!block || bytes > block->size - block->used)
		block = add_block(pool, bytes);
	if (!block)
		return NULL;
	taken = block->bytes + block->used;
	block->used += bytes;
	return taken;
}

void pool_clear(struct pool *pool)
{
	while (pool->blocks) {
		struct pool_block *next = pool->blocks->next;

		free(pool->blocks);
		pool->blocks = next;
	}
}
