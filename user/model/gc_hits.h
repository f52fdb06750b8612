/*
 * From the hits of the GC's probes to cycles and stops of the world. The hits come in the order in
 * which they happened; some may be missing, at the beginning and where a ring was full.
 */
#ifndef MODEL_GC_HITS_H
#define MODEL_GC_HITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/gc_events.h"

enum gc_hit_kind {
	GC_HIT_CYCLE_START, /* the world is stopped for sweep termination */
	GC_HIT_MARK_END,    /* the world is stopped for mark termination */
	GC_HIT_TRANSITION,  /* the stop's work is over: of either of them, at its end */
	GC_HIT_WORLD_STOP,  /* only of programs whose WORLD_START does not tell */
	GC_HIT_WORLD_START,
};

/* Times are CLOCK_MONOTONIC. A member that does not belong to the kind is 0, one that could not be
 * read UNKNOWN. */
struct gc_hit {
	enum gc_hit_kind kind;
	int reason;	    /* of a stop: enum gc_stop_reason */
	bool forced;	    /* CYCLE_START */
	int64_t time_ns;    /* of the hit */
	int64_t runtime_ns; /* what the runtime takes for the time of it; 0: it does not say */
	int64_t stop_ns;    /* WORLD_START: when the stop began; 0: it does not say */
	int64_t heap_bytes; /* live; TRANSITION: marked */
	int64_t goal_bytes, pause_ns, cycles; /* TRANSITION */
};

/* The cycle and the stop under way. */
struct gc_open {
	bool cycle_known, stop_known;
	struct gc_cycle cycle;
	struct gc_stop stop; /* duration 0: nothing has said yet when it ends */
};

/* Zero is how it begins. */
struct gc_hits {
	struct gc_open open;
	/* of sweep termination: over, but when exactly only the next hit tells */
	bool ending_known;
	struct gc_stop ending;
	struct {
		struct gc_cycle *items;
		size_t count, capacity;
	} cycles;
	struct {
		struct gc_stop *items;
		size_t count, capacity;
	} stops;
	uint64_t lost; /* cycles and stops that there was no room for */
};

void gc_hits_free(struct gc_hits *hits);

/* `unix_offset_ns`: CLOCK_REALTIME minus CLOCK_MONOTONIC. */
void gc_hits_add(struct gc_hits *hits, const struct gc_hit *hit, int64_t unix_offset_ns);

/* Hits may be missing here: what is under way is forgotten. */
void gc_hits_break(struct gc_hits *hits);

/* Moves what ended until then into *ret, whose own is freed first; what ended later stays. 0 or
 * -ENOMEM, silent. */
int gc_hits_take(struct gc_hits *hits, int64_t until_unix_ns, struct gc_events *ret);
/* Forgets what ended until then. */
void gc_hits_drop(struct gc_hits *hits, int64_t until_unix_ns);

#endif
