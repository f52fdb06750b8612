/* The map `stacks`, which has the return addresses of a stack under its id: one of them, or all. */
#ifndef PROBE_STACKS_H
#define PROBE_STACKS_H

#include "probe/batch.h"
#include "probe/probe.h"

struct wire_stack;
struct wire_stack_id;

/* Read whole; zeroed at first. */
struct stacks {
	struct batch batch;
	const struct wire_stack_id **items; /* those of the batch, in the order of their values */
	size_t capacity;
};

/* As batch_read. Stacks found before are gone then. */
int stacks_read(struct stacks *stacks, int map_fd, bool take);
/* Borrowed until the next read; NULL: it was lost. */
const struct wire_stack *stacks_find(const struct stacks *stacks, const struct wire_stack_id *id);
void stacks_clear(struct stacks *stacks);

/* Asks the kernel for one: the number of return addresses, 0 when it was lost. Silent. */
size_t stacks_look_up(int map_fd, const struct stack_id *id, uint64_t ret[LIMIT_EXACT_FRAMES]);

struct stack_id stack_id_of(const struct wire_stack_id *id);

#endif
