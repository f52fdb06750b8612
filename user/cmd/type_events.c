/*
 * A kind of hit - its descriptors and its stack - is looked up in the target once. Most hits of
 * reflection register something that is no new type; those are remembered, so that they are not
 * asked for again, but make no row.
 */
#include "cmd/type_events.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/vec.h"
#include "limits.h"

/* What tells one kind of hit from another; zeroed before it is filled, for its padding. */
struct hit_key {
	uint64_t interface, type;
	struct stack_id stack_id;
	bool reflect, failed;
};

struct kind {
	UT_hash_handle hh;
	struct hit_key key;
	struct type_row row; /* its begun and interval are made when somebody looks */
	bool shown;
	uint64_t before;  /* hits of the probes that are gone */
	uint64_t hits;	  /* of the open one */
	uint64_t counted; /* both, at the last fill */
};

struct type_events {
	struct kind *kinds;
	uint64_t ids;
};

int type_events_new(struct type_events **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void type_events_free(struct type_events *events)
{
	struct kind *kind, *next;

	if (!events)
		return;
	HASH_ITER (hh, events->kinds, kind, next) {
		HASH_DEL(events->kinds, kind);
		free(kind);
	}
	free(events);
}

static void describe(struct target *target, const struct type_hit *hit, struct kind *kind)
{
	struct type_row *row = &kind->row;

	row->event = hit->reflect ? TYPE_EVENT_REFLECT : TYPE_EVENT_ITAB;
	row->failed = hit->failed;
	row->stack = hit->pcs ? target_stack(target, hit->pcs, hit->pc_count) : NULL;
	if (hit->reflect) {
		row->type = target_made_type(target, hit->type, row->stack);
		kind->shown = row->type != NULL;
		return;
	}
	row->interface = target_descriptor_name(target, hit->interface);
	row->type = target_descriptor_name(target, hit->type);
	kind->shown = true;
}

static struct hit_key key_of(const struct type_hit *hit)
{
	struct hit_key key;

	memset(&key, 0, sizeof(key));
	key.interface = hit->interface;
	key.type = hit->type;
	key.stack_id = hit->stack_id;
	key.reflect = hit->reflect;
	key.failed = hit->failed;
	return key;
}

static struct kind *add_kind(struct type_events *events, struct target *target,
			     const struct hit_key *key, const struct type_hit *hit)
{
	struct kind *kind = calloc(1, sizeof(*kind));

	if (!kind)
		return NULL;
	memcpy(&kind->key, key, sizeof(*key)); /* with its padding */
	HASH_ADD(hh, events->kinds, key, sizeof(kind->key), kind);
	if (!kind->hh.tbl) { /* uthash could not grow */
		free(kind);
		return NULL;
	}
	kind->row.id = ++events->ids;
	describe(target, hit, kind);
	return kind;
}

int type_events_take(struct type_events *events, struct target *target, const struct type_hit *hits,
		     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct hit_key key = key_of(&hits[i]);
		struct kind *kind;

		HASH_FIND(hh, events->kinds, &key, sizeof(key), kind);
		if (!kind)
			kind = add_kind(events, target, &key, &hits[i]);
		if (!kind)
			return -ENOMEM;
		kind->hits = hits[i].hits;
	}
	return 0;
}

void type_events_detached(struct type_events *events)
{
	struct kind *kind, *next;

	HASH_ITER (hh, events->kinds, kind, next) {
		kind->before += kind->hits;
		kind->hits = 0;
	}
}

static size_t shown_count(const struct type_events *events)
{
	size_t count = 0;

	for (const struct kind *kind = events->kinds; kind; kind = kind->hh.next)
		count += kind->shown;
	return count;
}

int type_events_fill(struct type_events *events, struct type_group *group)
{
	struct type_row *rows = calloc(shown_count(events) + 1, sizeof(*rows));
	struct kind *kind, *next;

	if (!rows)
		return -ENOMEM;
	group->rows = rows;
	group->count = 0;
	HASH_ITER (hh, events->kinds, kind, next) {
		uint64_t all = kind->before + kind->hits;

		if (!kind->shown)
			continue;
		kind->row.begun = all;
		kind->row.interval = all - kind->counted;
		kind->counted = all;
		rows[group->count++] = kind->row;
	}
	type_group_sort(group);
	return 0;
}
