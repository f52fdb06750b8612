/*
 * The table is an open hash: {size, count, size times *itab} (runtime/iface.go, itabTableType, the
 * same in Go 1.19-1.27). Entries are only added, under a lock that we do not have: an entry's slot
 * is written when the itab is complete. A full table is replaced by one twice as large, and the old
 * one may be collected and used for something else while we read it: so what was read is believed
 * only if the variable still points to the same table afterwards.
 */
#include "target/itabs.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

#define TRIES	    4
#define HEAD_BYTES  16			 /* size, count */
#define TABLE_SIZES (4ULL * LIMIT_ITABS) /* it is at most 75 % full, and doubles */
#define ITABS_READ  1024		 /* at once: one system call */
#define ADDRESS_MIN 4096

struct known_itab {
	UT_hash_handle hh;
	uint64_t address;
};

struct itab_reader {
	struct memory *memory;
	const struct layout *layout;
	uint64_t variable;
	struct {
		struct raw_itab *items;
		size_t count, capacity;
	} itabs;
	struct known_itab *known; /* addresses of `itabs` */
	struct {
		uint64_t *items;
		size_t count, capacity;
	} slots;       /* entries of the table that was read last, without the empty ones */
	uint64_t lost; /* of this reading */
};

int itab_reader_new(struct memory *memory, const struct layout *layout, uint64_t table,
		    struct itab_reader **ret)
{
	struct itab_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	reader->memory = memory;
	reader->layout = layout;
	reader->variable = table;
	*ret = reader;
	return 0;
}

/* Those behind the first `count` are forgotten. */
static void forget_from(struct itab_reader *reader, size_t count)
{
	while (reader->itabs.count > count) {
		struct raw_itab *itab = &reader->itabs.items[--reader->itabs.count];
		struct known_itab *known;

		HASH_FIND(hh, reader->known, &itab->address, sizeof(itab->address), known);
		if (known)
			HASH_DEL(reader->known, known);
		free(known);
	}
}

void itab_reader_free(struct itab_reader *reader)
{
	if (!reader)
		return;
	forget_from(reader, 0);
	free(reader->itabs.items);
	free(reader->slots.items);
	free(reader);
}

static bool is_address(uint64_t value)
{
	return value >= ADDRESS_MIN && value >> 47 == 0 && value % 8 == 0;
}

/* The head is two words, in an order that the layout knows. */
static int read_size(struct itab_reader *reader, uint64_t table, uint64_t *ret)
{
	uint64_t words[HEAD_BYTES / 8], size, count;
	size_t count_at = (size_t)reader->layout->itab_table_count / 8;
	int error = memory_read(reader->memory, table, words, sizeof(words));

	if (error < 0)
		return error;
	if (count_at > 1)
		return -EBADMSG;
	size = words[1 - count_at];
	count = words[count_at];
	if (size == 0 || size & (size - 1) || count > size)
		return -EBADMSG;
	*ret = size;
	return 0;
}

/* Beyond the cap the rest of a table is not looked at, and what may be in it is lost. */
static int read_slots(struct itab_reader *reader, uint64_t table)
{
	uint64_t size, kept;
	int error = read_size(reader, table, &size);

	if (error < 0)
		return error;
	kept = size < TABLE_SIZES ? size : TABLE_SIZES;
	reader->lost = size - kept;
	error = VEC_RESERVE(&reader->slots, kept, TABLE_SIZES);
	if (error == 0)
		error = memory_read(reader->memory, table + HEAD_BYTES, reader->slots.items,
				    kept * sizeof(uint64_t));
	if (error < 0)
		return error;
	reader->slots.count = 0;
	for (uint64_t i = 0; i < kept; i++)
		if (reader->slots.items[i])
			reader->slots.items[reader->slots.count++] = reader->slots.items[i];
	return 0;
}

static bool is_known(const struct itab_reader *reader, uint64_t address)
{
	struct known_itab *known;

	HASH_FIND(hh, reader->known, &address, sizeof(address), known);
	return known != NULL;
}

static int add(struct itab_reader *reader, uint64_t address, const struct wire_itab *itab)
{
	struct known_itab *known;
	int error = VEC_RESERVE(&reader->itabs, reader->itabs.count + 1, LIMIT_ITABS);

	if (error < 0)
		return error;
	known = calloc(1, sizeof(*known));
	if (!known)
		return -ENOMEM;
	known->address = address;
	HASH_ADD(hh, reader->known, address, sizeof(known->address), known);
	if (!known->hh.tbl) { /* uthash could not grow */
		free(known);
		return -ENOMEM;
	}
	reader->itabs.items[reader->itabs.count++] = (struct raw_itab){
		.address = address,
		.interface = itab->interface,
		.type = itab->type,
		.failed = itab->first_method == 0,
	};
	return 0;
}

/* What is no itab, or too many, is counted. */
static int take(struct itab_reader *reader, uint64_t address, const struct wire_itab *itab)
{
	int error = 0;

	if (!is_address(itab->interface) || !is_address(itab->type))
		reader->lost++;
	else if (!is_known(reader, address)) /* a damaged table may name it twice */
		error = add(reader, address, itab);
	if (error == -E2BIG) {
		reader->lost++;
		error = 0;
	}
	return error;
}

struct chunk {
	struct memory_piece pieces[ITABS_READ];
	struct wire_itab itabs[ITABS_READ];
	size_t count;
};

/* One that cannot be read spoils the whole call: then each has its own. */
static int read_chunk(struct itab_reader *reader, struct chunk *chunk)
{
	bool together = chunk->count &&
			memory_read_pieces(reader->memory, chunk->pieces, chunk->count) == 0;
	int error = 0;

	for (size_t i = 0; i < chunk->count && error == 0; i++) {
		if (!together && memory_read_pieces(reader->memory, &chunk->pieces[i], 1) < 0)
			reader->lost++;
		else
			error = take(reader, chunk->pieces[i].address, &chunk->itabs[i]);
	}
	chunk->count = 0;
	return error;
}

static int read_new(struct itab_reader *reader)
{
	AUTO_FREE struct chunk *chunk = calloc(1, sizeof(*chunk));
	int error = chunk ? 0 : -ENOMEM;

	for (size_t i = 0; i < reader->slots.count && error == 0; i++) {
		uint64_t address = reader->slots.items[i];

		if (!is_address(address)) {
			reader->lost++;
			continue;
		}
		if (is_known(reader, address))
			continue;
		chunk->pieces[chunk->count] =
			(struct memory_piece){ address, &chunk->itabs[chunk->count],
					       sizeof(struct wire_itab) };
		if (++chunk->count == ITABS_READ)
			error = read_chunk(reader, chunk);
	}
	return error < 0 ? error : read_chunk(reader, chunk);
}

/* -EAGAIN when the table was replaced meanwhile. */
static int read_table(struct itab_reader *reader)
{
	size_t before = reader->itabs.count;
	uint64_t table, now;
	int error = memory_read_u64(reader->memory, reader->variable, &table), moved;

	if (error < 0)
		return error;
	error = is_address(table) ? read_slots(reader, table) : -EBADMSG;
	if (error == 0)
		error = read_new(reader);
	moved = memory_read_u64(reader->memory, reader->variable, &now);
	if (moved == 0 && now != table)
		moved = -EAGAIN;
	if (moved < 0)
		error = moved;
	if (error < 0)
		forget_from(reader, before);
	return error;
}

int itab_reader_poll(struct itab_reader *reader, const struct raw_itab **ret, size_t *ret_count,
		     uint64_t *ret_lost)
{
	int error = -EAGAIN;

	for (int tries = 0; tries < TRIES && error == -EAGAIN; tries++) {
		reader->lost = 0;
		error = read_table(reader);
	}
	if (error < 0)
		return error;
	*ret = reader->itabs.items;
	*ret_count = reader->itabs.count;
	*ret_lost = reader->lost;
	return 0;
}
