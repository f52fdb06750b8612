/* The collector's last complete cycle and its CPU time, from a copy of runtime.work and
 * runtime.memstats (runtime/mgc.go). */
#ifndef TARGET_GC_READER_H
#define TARGET_GC_READER_H

#include <stdbool.h>

#include "model/gc_events.h"
#include "model/memstats.h"
#include "target/layout.h"
#include "target/runtime_image.h"

/*
 * While the next cycle goes on, the runtime overwrites what it noted of the last one: what is gone
 * already is UNKNOWN. Without runtime.work everything but number, pause and end is. `forced` is
 * what the runtime notes there, false when that is gone. number is UNKNOWN before the first cycle.
 */
void gc_read_cycle(const struct runtime_image *image, const struct memstats *memstats,
		   const struct layout *layout, struct gc_cycle *ret);

/* UNKNOWN, all of it, without runtime.work and in Go 1.19. */
void gc_read_cpu(const struct runtime_image *image, const struct layout *layout,
		 struct gc_cpu *ret);

/* Whether both copies are of the same moment of the same cycle, so that neither was made while the
 * collector wrote. */
bool gc_same_moment(const struct runtime_image *a, const struct runtime_image *b,
		    const struct layout *layout);

#endif
