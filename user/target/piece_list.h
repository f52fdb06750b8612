/* Pieces of the target's memory that are gathered and then read at once, in the order in which they
 * were added. */
#ifndef TARGET_PIECE_LIST_H
#define TARGET_PIECE_LIST_H

#include "target/memory.h"

struct piece_list {
	struct memory_piece *items;
	size_t capacity, count;
};

/* 0 or -ENOMEM. */
int piece_list_add(struct piece_list *list, uint64_t address, void *buffer, size_t length);

/* Reads what was added, and begins anew; nothing is read when `error`, that of adding, is not 0.
 * 0, `error`, or that of the read. Silent. */
int piece_list_read(struct piece_list *list, int error, struct memory *memory);

void piece_list_free(struct piece_list *list);

#endif
