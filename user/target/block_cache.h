/*
 * Reading many small neighbouring pieces of the target in few system calls: whole aligned blocks
 * are copied and served from here. Only for one pass: what it holds grows old at once.
 */
#ifndef TARGET_BLOCK_CACHE_H
#define TARGET_BLOCK_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "target/memory.h"

struct block_cache;

/* `memory` is borrowed. 0 or -ENOMEM. */
int block_cache_new(struct memory *memory, struct block_cache **ret);
void block_cache_free(struct block_cache *cache);

/* Forgets everything: the next pass reads the target anew. */
void block_cache_reset(struct block_cache *cache);

/* The `length` bytes at `address`. A block that cannot be read whole is no failure: then the piece
 * is read by itself, as memory_read does it, failures counted. */
int block_cache_read(struct block_cache *cache, uint64_t address, void *buffer, size_t length);

#endif
