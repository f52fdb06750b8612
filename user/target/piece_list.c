/* A growing array of pieces, kept from one reading to the next. */
#include "target/piece_list.h"

#include <stdlib.h>

#include "base/vec.h"
#include "limits.h"

/* for each P a cache of 136 spans, and some more */
#define PIECES_MAX ((size_t)LIMIT_PROCS * 140 + 64)

int piece_list_add(struct piece_list *list, uint64_t address, void *buffer, size_t length)
{
	int error = VEC_RESERVE(list, list->count + 1, PIECES_MAX);

	if (error == 0)
		list->items[list->count++] = (struct memory_piece){ address, buffer, length };
	return error;
}

int piece_list_read(struct piece_list *list, int error, struct memory *memory)
{
	size_t count = list->count;

	list->count = 0;
	return error < 0 || count == 0 ? error : memory_read_pieces(memory, list->items, count);
}

void piece_list_free(struct piece_list *list)
{
	free(list->items);
	*list = (struct piece_list){ 0 };
}
