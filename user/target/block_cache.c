/* A direct-mapped cache of aligned blocks of the target's memory. */
#include "target/block_cache.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * The runtime's persistentalloc hands out pieces of 256 KiB chunks, one chunk per P at a time: 64
 * KiB blocks hold some hundred buckets and rarely reach over a chunk's end; as many blocks as there
 * are usually Ps.
 */
#define BLOCK_BYTES (64U << 10)
#define BLOCKS	    16

struct block {
	uint64_t address; /* 0: empty */
	bool readable;
	uint8_t bytes[BLOCK_BYTES];
};

struct block_cache {
	struct memory *memory;
	struct block blocks[BLOCKS];
};

int block_cache_new(struct memory *memory, struct block_cache **ret)
{
	struct block_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->memory = memory;
	*ret = cache;
	return 0;
}

void block_cache_free(struct block_cache *cache)
{
	free(cache);
}

void block_cache_reset(struct block_cache *cache)
{
	for (size_t i = 0; i < BLOCKS; i++)
		cache->blocks[i].address = 0;
}

/* The block around `address`; its end may not be mapped, so trying is not a failure of the target's
 * memory. */
static const struct block *block_at(struct block_cache *cache, uint64_t address)
{
	uint64_t start = address & ~(uint64_t)(BLOCK_BYTES - 1);
	struct block *block = &cache->blocks[start / BLOCK_BYTES % BLOCKS];
	struct memory_piece piece = { start, block->bytes, BLOCK_BYTES };

	if (block->address != start || !start) {
		block->address = start;
		block->readable = cache->memory->read(cache->memory->context, &piece, 1) == 0;
	}
	return block;
}

int block_cache_read(struct block_cache *cache, uint64_t address, void *buffer, size_t length)
{
	size_t offset = address % BLOCK_BYTES;
	const struct block *block;

	if (length > BLOCK_BYTES - offset)
		return memory_read(cache->memory, address, buffer, length);
	block = block_at(cache, address);
	if (!block->readable)
		return memory_read(cache->memory, address, buffer, length);
	memcpy(buffer, block->bytes + offset, length);
	return 0;
}
