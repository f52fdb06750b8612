/* The points are blocks of whole GC cycles; the block that is being filled is not shown yet. */
#define HASH_NONFATAL_OOM 1
#include "judge/histories.h"

#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "limits.h"

struct known {
	UT_hash_handle hh;
	struct history history;
};

struct histories {
	struct known *items;
	double hours[HISTORY_POINTS];
	size_t points; /* complete ones; the next is being filled */
	bool filling;  /* it has a value */
	int64_t cycles_per_point, cycles_at, began_unix_ns;
	uint64_t left_out;
};

int histories_new(struct histories **ret)
{
	struct histories *histories = calloc(1, sizeof(*histories));

	if (!histories)
		return -ENOMEM;
	histories->cycles_per_point = 1;
	*ret = histories;
	return 0;
}

void histories_free(struct histories *histories)
{
	struct known *known, *next;

	if (!histories)
		return;
	HASH_ITER (hh, histories->items, known, next) {
		HASH_DEL(histories->items, known);
		free(known);
	}
	free(histories);
}

static struct known *find(const struct histories *histories, uint64_t id)
{
	struct known *known;

	HASH_FIND(hh, histories->items, &id, sizeof(id), known);
	return known;
}

static int add_known(struct histories *histories, uint64_t id, struct known **ret)
{
	struct known *known = calloc(1, sizeof(*known));

	if (!known)
		return -ENOMEM;
	known->history.id = id;
	HASH_ADD(hh, histories->items, history.id, sizeof(known->history.id), known);
	if (!known->hh.tbl) { /* uthash could not grow */
		free(known);
		return -ENOMEM;
	}
	*ret = known;
	return 0;
}

static float least(float left, float right)
{
	return left < right ? left : right;
}

static void halve(float *values)
{
	for (size_t i = 0; i < HISTORY_POINTS / 2; i++)
		values[i] = least(values[2 * i], values[2 * i + 1]);
	for (size_t i = HISTORY_POINTS / 2; i < HISTORY_POINTS; i++)
		values[i] = 0;
}

static void merge_points(struct histories *histories)
{
	struct known *known, *next;

	HASH_ITER (hh, histories->items, known, next)
		halve(known->history.live_bytes);
	for (size_t i = 0; i < HISTORY_POINTS / 2; i++)
		histories->hours[i] = histories->hours[2 * i + 1];
	histories->points = HISTORY_POINTS / 2;
	histories->cycles_per_point *= 2;
}

/* Whether enough cycles have passed, the point is complete and another begins. */
static void step(struct histories *histories, const struct snapshot *snapshot)
{
	int64_t cycles = snapshot->gc.cycles;

	if (!histories->filling) {
		histories->began_unix_ns = snapshot->time_unix_ns;
		histories->cycles_at = cycles;
	} else if (cycles == UNKNOWN ||
		   cycles - histories->cycles_at >= histories->cycles_per_point) {
		histories->cycles_at = cycles;
		histories->filling = false;
		if (++histories->points == HISTORY_POINTS)
			merge_points(histories);
	}
}

static int note(struct histories *histories, const struct record *record)
{
	struct known *known = find(histories, record->id);
	size_t at = histories->points;
	float bytes = (float)record->live.bytes;

	if (!known && HASH_COUNT(histories->items) >= LIMIT_RECORDED_SITES) {
		histories->left_out++;
		return 0;
	}
	if (!known && add_known(histories, record->id, &known) < 0)
		return -ENOMEM;
	known->history.live_bytes[at] =
		histories->filling ? least(known->history.live_bytes[at], bytes) : bytes;
	return 0;
}

int histories_add(struct histories *histories, const struct snapshot *snapshot)
{
	if (!snapshot->has_live)
		return 0;
	step(histories, snapshot);
	for (size_t i = 0; i < snapshot->record_count; i++)
		if (note(histories, &snapshot->records[i]) < 0)
			return -ENOMEM;
	histories->filling = true;
	histories->hours[histories->points] =
		(double)(snapshot->time_unix_ns - histories->began_unix_ns) / 3600e9;
	return 0;
}

size_t histories_times(const struct histories *histories, double *ret_hours)
{
	for (size_t i = 0; i < histories->points; i++)
		ret_hours[i] = histories->hours[i];
	return histories->points;
}

const struct history *histories_find(const struct histories *histories, uint64_t id)
{
	const struct known *known = find(histories, id);

	return known ? &known->history : NULL;
}

uint64_t histories_left_out(const struct histories *histories)
{
	return histories->left_out;
}
