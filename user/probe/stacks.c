/* Ids are looked up by bisection: the stacks come once in an interval, but each site asks. */
#include "probe/stacks.h"

#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include <linux/types.h>
#include "wire.h"

#include "base/vec.h"

static int by_id(const void *left, const void *right)
{
	const struct wire_stack_id *a = *(const struct wire_stack_id *const *)left;
	const struct wire_stack_id *b = *(const struct wire_stack_id *const *)right;
	int by_hash = (a->hash > b->hash) - (a->hash < b->hash);

	return by_hash ? by_hash : (a->check > b->check) - (a->check < b->check);
}

int stacks_read(struct stacks *stacks, int map_fd, bool take)
{
	struct batch *batch = &stacks->batch;
	int err;

	batch->key_bytes = sizeof(struct wire_stack_id);
	batch->value_bytes = sizeof(struct wire_stack);
	err = batch_read(batch, map_fd, take);
	if (err == 0)
		err = VEC_RESERVE(stacks, batch->count, LIMIT_EXACT_SITES);
	if (err < 0)
		return err;
	for (size_t i = 0; i < batch->count; i++)
		stacks->items[i] = (const struct wire_stack_id *)batch->keys + i;
	if (batch->count)
		qsort(stacks->items, batch->count, sizeof(*stacks->items), by_id);
	return 0;
}

const struct wire_stack *stacks_find(const struct stacks *stacks, const struct wire_stack_id *id)
{
	const struct batch *batch = &stacks->batch;
	const struct wire_stack_id **found = NULL;

	if (batch->count)
		found = bsearch(&id, stacks->items, batch->count, sizeof(*stacks->items), by_id);
	return found ? (const struct wire_stack *)batch->values +
			       (*found - (const struct wire_stack_id *)batch->keys)
		     : NULL;
}

void stacks_clear(struct stacks *stacks)
{
	batch_clear(&stacks->batch);
	free(stacks->items);
	*stacks = (struct stacks){ 0 };
}

size_t stacks_look_up(int map_fd, const struct stack_id *id, uint64_t ret[LIMIT_EXACT_FRAMES])
{
	const struct wire_stack_id key = { .hash = id->hash, .check = id->check };
	struct wire_stack stack;

	if (!key.hash || bpf_map_lookup_elem(map_fd, &key, &stack) < 0)
		return 0;
	memcpy(ret, stack.pcs, stack.count * sizeof(ret[0]));
	return stack.count;
}

struct stack_id stack_id_of(const struct wire_stack_id *id)
{
	return (struct stack_id){ .hash = id->hash, .check = id->check };
}
