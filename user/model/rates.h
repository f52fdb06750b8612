/*
 * Who allocates how fast, over time: the groups of a grouping, numbered once and for all, so that
 * snapshot after snapshot can be told by small numbers. Much cheaper than a table per snapshot: the
 * name of a record is made when the record is seen for the first time.
 */
#ifndef MODEL_RATES_H
#define MODEL_RATES_H

#include <stddef.h>
#include <stdint.h>

#include "model/table.h"

struct rates;

struct group_rate {
	uint32_t group;
	double bytes_per_s;
};

/* Where everything goes that finds no group of its own any more (LIMIT_RATE_GROUPS). */
#define RATES_OTHER 0

/* 0 or -ENOMEM, silent. */
int rates_new(const struct grouping *grouping, struct rates **ret);
void rates_free(struct rates *rates);

/*
 * The groups that allocated in the snapshot's interval, the fastest first; the array is valid until
 * the next call. None in a first snapshot. 0 or -ENOMEM, silent.
 */
int rates_read(struct rates *rates, const struct snapshot *snapshot, const struct group_rate **ret,
	       size_t *ret_count);

/* Of a grouping by line with " file:line" at its end. Valid until rates_free. */
const char *rates_name(const struct rates *rates, uint32_t group);
/* Groups known so far; their numbers are below it. */
uint32_t rates_groups(const struct rates *rates);

#endif
