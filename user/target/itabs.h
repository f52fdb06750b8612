/*
 * runtime.itabTable, read from outside: every pair of an interface and a concrete type that the
 * program has asked the runtime for, and those that the compiler made.
 */
#ifndef TARGET_ITABS_H
#define TARGET_ITABS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/layout.h"
#include "target/memory.h"

/* Addresses in the process. An itab never changes and is never freed. */
struct raw_itab {
	uint64_t address;
	uint64_t interface, type; /* descriptors */
	bool failed;		  /* the type does not implement the interface */
};

struct itab_reader;

/* Everything borrowed; `table` is the address of the variable runtime.itabTable. 0 or -ENOMEM,
 * silent. */
int itab_reader_new(struct memory *memory, const struct layout *layout, uint64_t table,
		    struct itab_reader **ret);
void itab_reader_free(struct itab_reader *reader);

/*
 * Every entry, in the order in which they were first seen: later calls only append. *ret is owned
 * by the reader and valid until the next call. *ret_lost: entries of this reading that could not be
 * read, make no sense, or are beyond LIMIT_ITABS. 0; -EAGAIN when the table kept being replaced;
 * -EBADMSG when it is none (size no power of two, more entries than places); or the error of the
 * read. Silent.
 */
int itab_reader_poll(struct itab_reader *reader, const struct raw_itab **ret, size_t *ret_count,
		     uint64_t *ret_lost);

#endif
