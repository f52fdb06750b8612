/*
 * How the live memory of every allocation site went: for each GC cycle the least that was there,
 * which is what the collector left. In fixed memory: when there are too many cycles, neighbours
 * become one.
 */
#ifndef JUDGE_HISTORIES_H
#define JUDGE_HISTORIES_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

#define HISTORY_POINTS 64

struct history {
	uint64_t id; /* of the record */
	float live_bytes[HISTORY_POINTS];
};

struct histories;

/* 0 or -ENOMEM, silent. */
int histories_new(struct histories **ret);
void histories_free(struct histories *histories);

/* Ignores snapshots that do not know what is alive. 0 or -ENOMEM, silent. */
int histories_add(struct histories *histories, const struct snapshot *snapshot);

/* When the points were, in hours since the first: at most HISTORY_POINTS. Only complete points. */
size_t histories_times(const struct histories *histories, double *ret_hours);
/* NULL when the record is not known. A site that came later has zeros before. */
const struct history *histories_find(const struct histories *histories, uint64_t id);
/* Records beyond LIMIT_RECORDED_SITES, which have none. */
uint64_t histories_left_out(const struct histories *histories);

#endif
