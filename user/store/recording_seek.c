/* Moving about in a recording, by time or by steps, and windows of time. */
#include <errno.h>
#include <math.h>

#include "model/metadata.h"
#include "store/recording_state.h"

#define OF_SELECTED "SELECT id FROM intervals WHERE (?1 = 0 OR process = ?1) AND "
#define FIRST_FROM  OF_SELECTED "time_unix_ns >= ?2 ORDER BY id LIMIT 1"
#define LAST_UNTIL  OF_SELECTED "time_unix_ns <= ?2 ORDER BY id DESC LIMIT 1"
#define FORWARD	    OF_SELECTED "id > ?2 ORDER BY id LIMIT 1 OFFSET ?3"
#define BACKWARD    OF_SELECTED "id < ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3"

/* -ENODATA is the caller's to explain. */
static int report(const struct recording *recording, int error)
{
	return error < 0 && error != -ENODATA ? database_fail_read(&recording->database, error)
					      : error;
}

static int seek(struct recording *recording, const char *query, int64_t first, int64_t second)
{
	int64_t interval;
	int error = recording_find(recording, query, first, second, &interval);

	if (error == 0)
		error = recording_go_to(recording, interval);
	return report(recording, error);
}

int recording_seek(struct recording *recording, int64_t unix_ns)
{
	return seek(recording, FIRST_FROM, unix_ns, 0);
}

int recording_seek_back(struct recording *recording, int64_t unix_ns)
{
	return seek(recording, LAST_UNTIL, unix_ns, 0);
}

int recording_step(struct recording *recording, int64_t steps)
{
	if (steps == 0)
		return recording->position
			       ? report(recording, recording_go_to(recording, recording->position))
			       : -ENODATA;
	return steps > 0 ? seek(recording, FORWARD, recording->position, steps - 1)
			 : seek(recording, BACKWARD, recording->position, -steps - 1);
}

int recording_span(struct recording *recording, int64_t *ret_first_ns, int64_t *ret_last_ns)
{
	int error = recording_find(
		recording, "SELECT min(time_unix_ns) FROM intervals WHERE ?1 = 0 OR process = ?1",
		0, 0, ret_first_ns);

	if (error == 0)
		error = recording_find(
			recording,
			"SELECT max(time_unix_ns) FROM intervals WHERE ?1 = 0 OR process = ?1", 0,
			0, ret_last_ns);
	return report(recording, error);
}

/* What is in between, in the terms of a snapshot's interval. */
static void set_window(struct snapshot *base, struct snapshot *end)
{
	double window_s = end->elapsed_s - base->elapsed_s;

	end->interval_s = end->elapsed_s = window_s;
	type_group_since(&end->type_group, &base->type_group);
	cache_group_since(&end->cache_group, &base->cache_group);
	end->types.reflect_types_added =
		end->type_group.probed ? type_group_made(&end->type_group) : UNKNOWN;
	end->types.itabs_added = end->types.itabs == UNKNOWN || base->types.itabs == UNKNOWN
					 ? UNKNOWN
					 : end->types.itabs - base->types.itabs;
	end->heap.alloc_bytes_per_s = end->heap.allocs_per_s = NAN;
	if (!(window_s > 0))
		return;
	if (end->heap.alloc_bytes != UNKNOWN && base->heap.alloc_bytes != UNKNOWN)
		end->heap.alloc_bytes_per_s =
			(double)(end->heap.alloc_bytes - base->heap.alloc_bytes) / window_s;
	if (end->heap.mallocs != UNKNOWN && base->heap.mallocs != UNKNOWN)
		end->heap.allocs_per_s =
			(double)(end->heap.mallocs - base->heap.mallocs) / window_s;
}

/* From the interval `first` to `last`. */
static int sum_up(struct recording *recording, int64_t first, int64_t last, struct snapshot *base,
		  struct snapshot *ret)
{
	struct site_list *list = &recording->states[recording->selected - 1].sites;
	int result = recording_go_to(recording, first);

	if (result == 0)
		result = recording_advance(recording, base);
	if (result < 1)
		return result < 0 ? result : -EBADMSG;
	sites_begin_window(list);
	if (first == last)
		result = snapshot_copy(base, ret) < 0 ? -ENOMEM : 1;
	while (result == 1 && recording->position < last) {
		snapshot_clear(ret);
		result = recording_find(recording, FORWARD, recording->position, 0, &first);
		if (result == 0)
			result = recording_advance(recording, first == last ? ret : NULL);
	}
	if (result < 1)
		return result < 0 ? result : -EBADMSG;
	if (sites_fill_window(list, &recording->rule, ret) < 0)
		return -ENOMEM;
	metadata_fill(ret);
	return 1;
}

static void clear_snapshot(struct snapshot *snapshot)
{
	snapshot_clear(snapshot);
}

int recording_window(struct recording *recording, int64_t from_ns, int64_t to_ns,
		     struct snapshot *ret)
{
	CLEANUP(clear_snapshot) struct snapshot base;
	int64_t first, last, inside;
	int error = recording_find(recording, FIRST_FROM, from_ns, 0, &inside);

	snapshot_init(&base);
	snapshot_clear(ret);
	if (error == 0)
		error = recording_find(recording, LAST_UNTIL, to_ns, 0, &last);
	if (error == -ENODATA || (error == 0 && inside > last))
		return 0;
	if (error == 0)
		error = recording_find(recording, LAST_UNTIL, from_ns, 0, &first);
	if (error == -ENODATA) {
		first = inside;
		error = 0;
	}
	if (error == 0)
		error = sum_up(recording, first, last, &base, ret);
	if (error < 0) {
		snapshot_clear(ret);
		return report(recording, error);
	}
	set_window(&base, ret);
	return 1;
}
