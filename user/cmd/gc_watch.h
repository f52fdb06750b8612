/*
 * The GC's probes over one observation: opened after the first snapshot, kept within the budget,
 * and their events put in the place of the polled ones. What is in the way is no failure: it
 * becomes gc_events.note.
 */
#ifndef CMD_GC_WATCH_H
#define CMD_GC_WATCH_H

#include "cmd/collector.h"

struct gc_watch;

/* Reported. */
int gc_watch_new(struct gc_watch **ret);
void gc_watch_free(struct gc_watch *watch);

/* Attaches, once: about 20 ms. */
void gc_watch_open(struct gc_watch *watch, const struct collect_context *context);

/* To be called at least every so often, so that a long interval neither fills the ring nor
 * overspends. */
#define GC_WATCH_TURN_NS 1000000000LL
void gc_watch_turn(struct gc_watch *watch, const struct collect_context *context);

/* Adds to gc_events, cost.probes, the losses and *hits of a snapshot whose counters are filled in.
 * 0 or -ENOMEM, silent. */
int gc_watch_fill(struct gc_watch *watch, const struct collect_context *context,
		  struct snapshot *snapshot, uint64_t *hits);

#endif
