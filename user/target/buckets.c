/*
 * The bucket list. Owns what is known of each bucket - its stack once, its counts anew at each poll
 * - and believes nothing of the target's memory that does not fit the runtime's invariants.
 */
#include "target/buckets.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "target/block_cache.h"

/* runtime.bucket, runtime/mprof.go: the same in Go 1.19-1.27 on every 64-bit architecture; the
 * stack follows, then memRecord. */
#define BUCKET_ALLNEXT	  8
#define BUCKET_TYP	  16
#define BUCKET_SIZE	  32
#define BUCKET_NSTK	  40
#define BUCKET_BYTES	  48
#define BUCKET_TYP_MEMORY 1

#define ADDRESS_BITS	  47
#define OBJECT_BYTES_MAX  (1ULL << 46)
#define MEM_RECORD_BYTES  256 /* more than any version has */
#define MEM_RECORD_CYCLES 4   /* active and three futures */

struct known {
	UT_hash_handle hh;
	uint64_t address;
	uint64_t record; /* address of its memRecord */
	uint64_t pcs[];
};

struct bucket_reader {
	struct memory *memory;
	const struct layout *layout;
	uint64_t list_head;
	struct block_cache *cache;
	struct known *by_address;
	struct {
		struct raw_bucket *items;
		size_t capacity;
	} list; /* oldest first */
	struct {
		struct known **items;
		size_t capacity;
	} known, fresh; /* known: parallel to list; fresh: of this poll, newest first */
	size_t count, fresh_count;
};

int bucket_reader_new(struct memory *memory, const struct layout *layout, uint64_t list_head,
		      struct bucket_reader **ret)
{
	struct bucket_reader *reader = calloc(1, sizeof(*reader));

	if (!reader || block_cache_new(memory, &reader->cache) < 0) {
		free(reader);
		return -ENOMEM;
	}
	reader->memory = memory;
	reader->layout = layout;
	reader->list_head = list_head;
	*ret = reader;
	return 0;
}

static void drop_fresh(struct bucket_reader *reader)
{
	while (reader->fresh_count)
		free(reader->fresh.items[--reader->fresh_count]);
}

void bucket_reader_free(struct bucket_reader *reader)
{
	struct known *known, *next;

	if (!reader)
		return;
	drop_fresh(reader);
	HASH_ITER (hh, reader->by_address, known, next) {
		HASH_DEL(reader->by_address, known);
		free(known);
	}
	free(reader->list.items);
	free(reader->known.items);
	free(reader->fresh.items);
	block_cache_free(reader->cache);
	free(reader);
}

static bool plausible_address(uint64_t address)
{
	return address && address % 8 == 0 && address >> ADDRESS_BITS == 0;
}

static struct known *find(const struct bucket_reader *reader, uint64_t address)
{
	struct known *known;

	HASH_FIND(hh, reader->by_address, &address, sizeof(address), known);
	return known;
}

struct header {
	uint64_t allnext, typ, object_bytes, stack_count;
};

static int read_header(struct bucket_reader *reader, uint64_t address, struct header *ret)
{
	uint8_t bytes[BUCKET_BYTES];
	int error = block_cache_read(reader->cache, address, bytes, sizeof(bytes));

	if (error < 0)
		return error;
	memcpy(&ret->allnext, bytes + BUCKET_ALLNEXT, 8);
	memcpy(&ret->typ, bytes + BUCKET_TYP, 8);
	memcpy(&ret->object_bytes, bytes + BUCKET_SIZE, 8);
	memcpy(&ret->stack_count, bytes + BUCKET_NSTK, 8);
	if (ret->typ != BUCKET_TYP_MEMORY || ret->stack_count > LIMIT_STACK_FRAMES ||
	    ret->object_bytes > OBJECT_BYTES_MAX ||
	    (ret->allnext && !plausible_address(ret->allnext)))
		return -EBADMSG;
	return 0;
}

/* Copies the bucket at `address`; its counts are read with those of all others. The raw bucket's
 * size and depth are kept in *raw. */
static int read_bucket(struct bucket_reader *reader, uint64_t address, struct known **ret,
		       uint64_t *ret_next)
{
	AUTO_FREE struct known *known = NULL;
	struct header header;
	size_t stack_bytes;
	int error;

	if (!plausible_address(address))
		return -EBADMSG;
	error = read_header(reader, address, &header);
	if (error < 0)
		return error;
	stack_bytes = header.stack_count * sizeof(uint64_t);
	known = calloc(1, sizeof(*known) + stack_bytes + sizeof(uint64_t));
	if (!known)
		return -ENOMEM;
	known->address = address;
	known->record = address + BUCKET_BYTES + stack_bytes;
	error = block_cache_read(reader->cache, address + BUCKET_BYTES, known->pcs, stack_bytes);
	if (error < 0)
		return error;
	/* the object's size rides in the last word until the bucket is listed */
	known->pcs[header.stack_count] = header.object_bytes;
	*ret_next = header.allnext;
	*ret = TAKE(known);
	return 0;
}

/* From the head to the first known bucket: what is new, newest first. A list that runs in a circle
 * meets a mark that is moved at each power of two (Brent), after at most three times its length. */
static int walk(struct bucket_reader *reader, uint64_t head)
{
	uint64_t address = head, mark = 0;

	while (address && !find(reader, address)) {
		struct known *known = NULL;
		int error = reader->count + reader->fresh_count < LIMIT_BUCKETS
				    ? VEC_RESERVE(&reader->fresh, reader->fresh_count + 1,
						  LIMIT_BUCKETS)
				    : -E2BIG;

		if (error == 0 && address == mark)
			error = -EBADMSG;
		if (error == 0 && (reader->fresh_count & (reader->fresh_count + 1)) == 0)
			mark = address;
		if (error == 0)
			error = read_bucket(reader, address, &known, &address);
		if (error < 0)
			return error;
		reader->fresh.items[reader->fresh_count++] = known;
	}
	return 0;
}

/* Moves the fresh buckets behind the known ones, oldest first. */
static int list_fresh(struct bucket_reader *reader)
{
	size_t need = reader->count + reader->fresh_count;

	if (VEC_RESERVE(&reader->list, need, LIMIT_BUCKETS) < 0 ||
	    VEC_RESERVE(&reader->known, need, LIMIT_BUCKETS) < 0)
		return -ENOMEM;
	while (reader->fresh_count) {
		struct known *known = reader->fresh.items[reader->fresh_count - 1];
		uint32_t pc_count = (uint32_t)((known->record - known->address - BUCKET_BYTES) / 8);

		HASH_ADD(hh, reader->by_address, address, sizeof(known->address), known);
		if (!known->hh.tbl) /* uthash could not grow */
			return -ENOMEM;
		reader->fresh_count--;
		reader->known.items[reader->count] = known;
		reader->list.items[reader->count++] = (struct raw_bucket){
			.address = known->address,
			.object_bytes = known->pcs[pc_count],
			.pcs = known->pcs,
			.pc_count = pc_count,
		};
	}
	return 0;
}

/*
 * Adds up active and the futures (a sample stands in one of them until two collections have
 * passed). Before 1.27 a cycle holds bytes as well, which have to agree with the counts.
 */
static int parse_record(const struct layout *layout, const uint8_t *record, uint64_t object_bytes,
			uint64_t *ret_allocs, uint64_t *ret_frees)
{
	uint64_t allocs = 0, frees = 0;

	for (int i = 0; i < MEM_RECORD_CYCLES; i++) {
		const uint8_t *cycle = record + i * layout->mem_record_cycle_bytes;
		uint64_t words[4];

		memcpy(words, cycle, (size_t)layout->mem_record_cycle_bytes);
		allocs += words[0];
		frees += words[1];
		if (layout->mem_record_cycle_bytes == 32 &&
		    (words[2] != words[0] * object_bytes || words[3] != words[1] * object_bytes))
			return -EBADMSG;
	}
	if (frees > allocs)
		return -EBADMSG;
	*ret_allocs = allocs;
	*ret_frees = frees;
	return 0;
}

/* The program writes while we read: what does not add up is read once more, past the cache. A
 * bucket that still does not keeps its last good counts and is counted. */
static int refresh_one(struct bucket_reader *reader, size_t index, uint64_t *invalid)
{
	struct raw_bucket *bucket = &reader->list.items[index];
	uint64_t address = reader->known.items[index]->record;
	size_t bytes = (size_t)reader->layout->mem_record_bytes;
	uint8_t record[MEM_RECORD_BYTES];
	int error = block_cache_read(reader->cache, address, record, bytes);

	if (error == 0)
		error = parse_record(reader->layout, record, bucket->object_bytes, &bucket->allocs,
				     &bucket->frees);
	if (error == -EBADMSG)
		error = memory_read(reader->memory, address, record, bytes) < 0
				? -EFAULT
				: parse_record(reader->layout, record, bucket->object_bytes,
					       &bucket->allocs, &bucket->frees);
	if (error != -EBADMSG)
		return error;
	(*invalid)++;
	return 0;
}

static int refresh(struct bucket_reader *reader, uint64_t *invalid)
{
	for (size_t i = 0; i < reader->count; i++) {
		int error = refresh_one(reader, i, invalid);

		if (error < 0)
			return error;
	}
	return 0;
}

int bucket_reader_poll(struct bucket_reader *reader, const struct raw_bucket **ret,
		       size_t *ret_count, uint64_t *invalid)
{
	uint64_t head;
	int error;

	if (reader->layout->mem_record_bytes > MEM_RECORD_BYTES ||
	    reader->layout->mem_record_bytes !=
		    MEM_RECORD_CYCLES * reader->layout->mem_record_cycle_bytes ||
	    reader->layout->mem_record_cycle_bytes < 16 ||
	    reader->layout->mem_record_cycle_bytes > 32)
		return -ENOTSUP;
	block_cache_reset(reader->cache);
	error = memory_read_u64(reader->memory, reader->list_head, &head);
	if (error == 0)
		error = walk(reader, head);
	if (error == -EBADMSG || error == -E2BIG) {
		/* the list cannot be followed to what is known: the new part is left for the next
		 * poll */
		(*invalid)++;
		drop_fresh(reader);
		error = 0;
	}
	if (error == 0)
		error = list_fresh(reader);
	if (error == 0)
		error = refresh(reader, invalid);
	drop_fresh(reader);
	if (error < 0)
		return error;
	*ret = reader->list.items;
	*ret_count = reader->count;
	return 0;
}
