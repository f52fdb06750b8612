/*
 * A window's sites live until the next one, so what they mean is asked of the target at once; but a
 * site is hit in most windows, and neither its stack nor its type changes.
 */
#include "cmd/burst_sites.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

/* What tells one site from another; no padding. */
struct site_key {
	uint64_t type, size_bytes;
	struct stack_id stack;
};
_Static_assert(sizeof(struct site_key) == 4 * sizeof(uint64_t), "no hidden padding");

struct described_site {
	UT_hash_handle hh;
	struct site_key key;
	uint64_t id; /* from 1 on */
	const struct stack *stack;
	const char *type, *interface;
	uint32_t size_class;
};

static int describe(struct target *target, const struct window_site *seen,
		    struct described_site *ret)
{
	uint32_t pcs = seen->pcs ? seen->pc_count : 0;

	*ret = (struct described_site){
		.stack = target_stack(target, seen->pcs, pcs),
		.type = target_type_name(target, seen->type, seen->size_bytes, seen->pcs, pcs),
		.interface = target_boxed_into(target, seen->pcs, pcs),
		.size_class = target_size_class(target, seen->type, seen->size_bytes),
	};
	return ret->stack ? 0 : -ENOMEM;
}

static int remember(struct burst_sites *sites, const struct site_key *key,
		    struct described_site *known)
{
	known->key = *key;
	known->id = HASH_COUNT(sites->known) + 1;
	HASH_ADD(hh, sites->known, key, sizeof(known->key), known);
	return known->hh.tbl ? 0 : -ENOMEM; /* uthash could not grow */
}

static int find(struct burst_sites *sites, struct target *target, const struct window_site *seen,
		const struct described_site **ret)
{
	const struct site_key key = { seen->type, seen->size_bytes, seen->stack_id };
	AUTO_FREE struct described_site *made = NULL;
	struct described_site *known;
	int error;

	HASH_FIND(hh, sites->known, &key, sizeof(key), known);
	*ret = known;
	if (known)
		return 0;
	made = calloc(1, sizeof(*made));
	error = made ? describe(target, seen, made) : -ENOMEM;
	if (error == 0)
		error = remember(sites, &key, made);
	if (error == 0)
		*ret = TAKE(made);
	return error;
}

static int add(struct burst_sites *sites, struct target *target, uint32_t slot,
	       const struct window_site *seen)
{
	const struct described_site *described;
	int error;

	if (sites->count >= LIMIT_WINDOW_SITES || HASH_COUNT(sites->known) >= LIMIT_WINDOW_SITES) {
		sites->full += seen->hits;
		return 0;
	}
	error = find(sites, target, seen, &described);
	if (error < 0)
		return error;
	sites->items[sites->count++] = (struct exact_site){
		.id = described->id,
		.object_bytes = seen->size_bytes,
		.stack = described->stack,
		.type = described->type,
		.interface = described->interface,
		.hits = seen->hits,
		.slot = slot,
		.size_class = described->size_class,
	};
	return 0;
}

int burst_sites_add(struct burst_sites *sites, struct target *target, uint32_t slot,
		    const struct window_site *seen, size_t count)
{
	size_t wanted = sites->count + count;
	int error = VEC_RESERVE(sites, wanted < LIMIT_WINDOW_SITES ? wanted : LIMIT_WINDOW_SITES,
				LIMIT_WINDOW_SITES);

	for (size_t i = 0; i < count && error == 0; i++)
		error = add(sites, target, slot, &seen[i]);
	return error;
}

void burst_sites_begin(struct burst_sites *sites)
{
	sites->count = 0;
}

void burst_sites_clear(struct burst_sites *sites)
{
	struct described_site *known, *next;

	HASH_ITER (hh, sites->known, known, next) {
		HASH_DEL(sites->known, known);
		free(known);
	}
	free(sites->items);
	*sites = (struct burst_sites){ 0 };
}
