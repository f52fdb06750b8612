/* From allp over its array to the Ps. */
#include "target/procs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"

struct slice {
	uint64_t array, length;
};

struct proc {
	uint64_t address; /* 0: this P was never started */
	uint64_t mcache;
	int32_t dead_goroutines;
};

/* One look at everything. */
struct look {
	struct slice allp;
	struct {
		uint64_t *items;
		size_t capacity;
	} addresses;
	struct {
		struct proc *items;
		size_t capacity;
	} procs;
};

struct procs {
	struct memory *memory;
	const struct layout *layout;
	const struct globals *globals;
	struct look found, again;
	struct {
		uint64_t *items;
		size_t capacity, count;
	} caches;
	struct piece_list pieces;
};

int procs_new(struct memory *memory, const struct layout *layout, const struct globals *globals,
	      struct procs **ret)
{
	struct procs *procs = calloc(1, sizeof(*procs));

	if (!procs)
		return -ENOMEM;
	procs->memory = memory;
	procs->layout = layout;
	procs->globals = globals;
	*ret = procs;
	return 0;
}

static void look_free(struct look *look)
{
	free(look->addresses.items);
	free(look->procs.items);
}

void procs_free(struct procs *procs)
{
	if (!procs)
		return;
	look_free(&procs->found);
	look_free(&procs->again);
	free(procs->caches.items);
	piece_list_free(&procs->pieces);
	free(procs);
}

size_t procs_count(const struct procs *procs)
{
	return procs->found.allp.length;
}

size_t procs_cache_count(const struct procs *procs)
{
	return procs->caches.count;
}

uint64_t procs_cache(const struct procs *procs, size_t index)
{
	return procs->caches.items[index];
}

static int look_reserve(struct look *look, size_t count)
{
	int error = VEC_RESERVE(&look->addresses, count, LIMIT_PROCS);

	return error < 0 ? error : VEC_RESERVE(&look->procs, count, LIMIT_PROCS);
}

/* Reads into `look` the Ps whose addresses are `addresses`. */
static int add_procs(struct procs *procs, struct look *look, const uint64_t *addresses,
		     struct piece_list *list)
{
	const struct layout *layout = procs->layout;
	int error = 0;

	for (size_t i = 0; i < procs->found.allp.length && error == 0; i++) {
		struct proc *proc = &look->procs.items[i];

		*proc = (struct proc){ .address = addresses[i] };
		if (!proc->address)
			continue;
		error = piece_list_add(list, proc->address + (uint64_t)layout->p_mcache,
				       &proc->mcache, sizeof(proc->mcache));
		if (error == 0)
			error = piece_list_add(list, proc->address + (uint64_t)layout->p_gfree,
					       &proc->dead_goroutines,
					       sizeof(proc->dead_goroutines));
	}
	return error;
}

static int read_addresses(struct procs *procs)
{
	struct look *found = &procs->found;
	struct slice allp;
	int error = memory_read(procs->memory, procs->globals->allp, &allp, sizeof(allp));

	if (error < 0)
		return error;
	if (allp.length == 0 || allp.length > LIMIT_PROCS)
		return -EBADMSG;
	if (look_reserve(found, allp.length) < 0 || look_reserve(&procs->again, allp.length) < 0 ||
	    VEC_RESERVE(&procs->caches, allp.length, LIMIT_PROCS) < 0)
		return -ENOMEM;
	error = memory_read(procs->memory, allp.array, found->addresses.items, allp.length * 8);
	if (error == 0)
		found->allp = allp;
	return error;
}

int procs_find(struct procs *procs)
{
	struct look *found = &procs->found;
	int error;

	procs->caches.count = 0;
	found->allp.length = 0;
	error = read_addresses(procs);
	if (error == 0)
		error = add_procs(procs, found, found->addresses.items, &procs->pieces);
	error = piece_list_read(&procs->pieces, error, procs->memory);
	if (error < 0) {
		found->allp.length = 0;
		return error;
	}
	for (size_t i = 0; i < found->allp.length; i++)
		if (found->procs.items[i].mcache)
			procs->caches.items[procs->caches.count++] = found->procs.items[i].mcache;
	return 0;
}

int procs_add_pieces(struct procs *procs, struct piece_list *list)
{
	struct look *again = &procs->again;
	const struct look *found = &procs->found;
	int error = piece_list_add(list, procs->globals->allp, &again->allp, sizeof(again->allp));

	if (error == 0)
		error = piece_list_add(list, found->allp.array, again->addresses.items,
				       found->allp.length * 8);
	return error < 0 ? error : add_procs(procs, again, found->addresses.items, list);
}

bool procs_unchanged(const struct procs *procs)
{
	const struct look *found = &procs->found, *again = &procs->again;

	if (memcmp(&found->allp, &again->allp, sizeof(found->allp)) != 0 ||
	    memcmp(found->addresses.items, again->addresses.items, found->allp.length * 8) != 0)
		return false;
	for (size_t i = 0; i < found->allp.length; i++)
		if (found->procs.items[i].mcache != again->procs.items[i].mcache)
			return false;
	return true;
}

int64_t procs_dead_goroutines(const struct procs *procs)
{
	int64_t sum = 0;

	for (size_t i = 0; i < procs->found.allp.length; i++)
		sum += procs->again.procs.items[i].dead_goroutines;
	return sum;
}
