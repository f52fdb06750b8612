/* Two tables: from a name to its group, and from a record to the group that its name had. */
#include "model/rates.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

struct group {
	UT_hash_handle hh;
	uint32_t number;
	char name[];
};

struct member_key {
	uint64_t id;
	int64_t pid; /* several processes may come in turn, each with identities of its own */
};

/* Strings and stacks are interned, so a record that has become another one shows by pointers. */
struct member {
	UT_hash_handle hh;
	struct member_key key;
	const struct stack *stack;
	const char *type;
	uint32_t group;
};

struct rates {
	const struct grouping *grouping;
	struct group *names;
	struct member *members;
	size_t member_count;
	struct { /* by number */
		struct group **items;
		size_t count, capacity;
	} groups;
	struct { /* by number: of the interval being read */
		double *items;
		size_t capacity;
	} bytes;
	struct {
		struct group_rate *items;
		size_t count, capacity;
	} read;
};

static int add_group(struct rates *rates, const char *name, uint32_t *ret)
{
	size_t length = strlen(name), count = rates->groups.count;
	AUTO_FREE struct group *group = calloc(1, sizeof(*group) + length + 1);

	if (!group || VEC_RESERVE(&rates->groups, count + 1, LIMIT_RATE_GROUPS) < 0 ||
	    VEC_RESERVE(&rates->bytes, count + 1, LIMIT_RATE_GROUPS) < 0)
		return -ENOMEM;
	memcpy(group->name, name, length + 1);
	group->number = (uint32_t)count;
	HASH_ADD_KEYPTR(hh, rates->names, group->name, length, group);
	if (!group->hh.tbl)
		return -ENOMEM;
	rates->bytes.items[count] = 0;
	*ret = group->number;
	rates->groups.items[rates->groups.count++] = TAKE(group);
	return 0;
}

int rates_new(const struct grouping *grouping, struct rates **ret)
{
	struct rates *rates = calloc(1, sizeof(*rates));
	uint32_t other;

	if (!rates)
		return -ENOMEM;
	rates->grouping = grouping;
	if (add_group(rates, "other", &other) < 0) {
		rates_free(rates);
		return -ENOMEM;
	}
	/* the rest is no name that a record can have */
	HASH_DEL(rates->names, rates->groups.items[RATES_OTHER]);
	*ret = rates;
	return 0;
}

static void forget_members(struct rates *rates)
{
	struct member *member, *next;

	HASH_ITER (hh, rates->members, member, next) {
		HASH_DEL(rates->members, member);
		free(member);
	}
	rates->member_count = 0;
}

void rates_free(struct rates *rates)
{
	if (!rates)
		return;
	forget_members(rates);
	HASH_CLEAR(hh, rates->names);
	for (size_t i = 0; i < rates->groups.count; i++)
		free(rates->groups.items[i]);
	free(rates->groups.items);
	free(rates->bytes.items);
	free(rates->read.items);
	free(rates);
}

static void make_name(const struct grouping *grouping, const struct record *record, char *name,
		      size_t name_size)
{
	const struct frame *frame = grouping->key(record, name, name_size);
	size_t length = strlen(name);
	const char *slash;

	if (!grouping->by_line || !frame)
		return;
	slash = strrchr(frame->file, '/');
	snprintf(name + length, name_size - length, " %s:%u", slash ? slash + 1 : frame->file,
		 frame->line);
}

static int find_group(struct rates *rates, const struct record *record, uint32_t *ret)
{
	char name[2 * LIMIT_NAME_BYTES];
	struct group *group;

	make_name(rates->grouping, record, name, sizeof(name));
	HASH_FIND(hh, rates->names, name, strlen(name), group);
	*ret = group ? group->number : RATES_OTHER;
	if (group || rates->groups.count == LIMIT_RATE_GROUPS)
		return 0;
	return add_group(rates, name, ret);
}

static struct member *add_member(struct rates *rates, const struct member_key *key)
{
	struct member *member;

	/* All of them come back with the next snapshot, if they are still there. */
	if (rates->member_count == LIMIT_RATE_MEMBERS)
		forget_members(rates);
	member = calloc(1, sizeof(*member));
	if (!member)
		return NULL;
	member->key = *key;
	HASH_ADD(hh, rates->members, key, sizeof(member->key), member);
	if (!member->hh.tbl) {
		free(member);
		return NULL;
	}
	rates->member_count++;
	return member;
}

static int group_of(struct rates *rates, int32_t pid, const struct record *record, uint32_t *ret)
{
	struct member_key key = { record->id, pid };
	struct member *member;
	int error;

	HASH_FIND(hh, rates->members, &key, sizeof(key), member);
	if (member && member->stack == record->stack && member->type == record->type) {
		*ret = member->group;
		return 0;
	}
	error = find_group(rates, record, ret);
	if (error < 0)
		return error;
	if (!member)
		member = add_member(rates, &key);
	if (!member)
		return -ENOMEM;
	member->stack = record->stack;
	member->type = record->type;
	member->group = *ret;
	return 0;
}

static int compare_rates(const void *left, const void *right)
{
	const struct group_rate *a = left, *b = right;

	if (a->bytes_per_s != b->bytes_per_s)
		return a->bytes_per_s > b->bytes_per_s ? -1 : 1;
	return a->group < b->group ? -1 : a->group > b->group;
}

/* Adds up the records by group; the groups that got something are noted in `read`. */
static int add_up(struct rates *rates, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];
		uint32_t group;

		if (!(record->interval.bytes > 0))
			continue;
		if (VEC_RESERVE(&rates->read, rates->read.count + 1, LIMIT_RATE_GROUPS + 1) < 0 ||
		    group_of(rates, snapshot->pid, record, &group) < 0)
			return -ENOMEM;
		if (rates->bytes.items[group] == 0)
			rates->read.items[rates->read.count++].group = group;
		rates->bytes.items[group] += record->interval.bytes;
	}
	return 0;
}

int rates_read(struct rates *rates, const struct snapshot *snapshot, const struct group_rate **ret,
	       size_t *ret_count)
{
	int error;

	rates->read.count = 0;
	error = snapshot->interval_s > 0 ? add_up(rates, snapshot) : 0;
	for (size_t i = 0; i < rates->read.count; i++) {
		struct group_rate *rate = &rates->read.items[i];

		rate->bytes_per_s = rates->bytes.items[rate->group] / snapshot->interval_s;
		rates->bytes.items[rate->group] = 0;
	}
	if (error < 0)
		return error;
	if (rates->read.count)
		qsort(rates->read.items, rates->read.count, sizeof(*rates->read.items),
		      compare_rates);
	*ret = rates->read.items;
	*ret_count = rates->read.count;
	return 0;
}

const char *rates_name(const struct rates *rates, uint32_t group)
{
	return rates->groups.items[group]->name;
}

uint32_t rates_groups(const struct rates *rates)
{
	return (uint32_t)rates->groups.count;
}
