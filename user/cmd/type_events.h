/* The hits of the types' probes as rows: each kind named once, and counted through detaching and
 * attaching again. */
#ifndef CMD_TYPE_EVENTS_H
#define CMD_TYPE_EVENTS_H

#include "model/type_group.h"
#include "probe/probe.h"
#include "target/target.h"

struct type_events; /* the state */

/* 0 or -ENOMEM, silent, like everything here. */
int type_events_new(struct type_events **ret);
void type_events_free(struct type_events *events);

/* What the open probe has seen since it was opened. */
int type_events_take(struct type_events *events, struct target *target, const struct type_hit *hits,
		     size_t count);
/* The probe is gone: a new one begins at 0. */
void type_events_detached(struct type_events *events);

/* Puts the rows into the (empty) group, sorted, and begins a new interval. */
int type_events_fill(struct type_events *events, struct type_group *group);

#endif
