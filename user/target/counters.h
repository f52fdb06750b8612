/* The runtime's statistics from outside: runtime.MemStats' numbers and more, without stopping
 * anything. */
#ifndef TARGET_COUNTERS_H
#define TARGET_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/gc_events.h"
#include "model/memstats.h"
#include "target/globals.h"
#include "target/layout.h"
#include "target/memory.h"

struct counters {
	struct memstats memstats;
	struct size_class classes[SIZE_CLASSES];
	struct gc_cpu gc_cpu;
	struct gc_cycle cycle; /* the last complete one; as gc_read_cycle says */
	int64_t goroutines;    /* runtime.NumGoroutine; UNKNOWN when not found */
	int64_t itabs;	       /* UNKNOWN when the table was not found */
	int64_t reflected;     /* registered by reflection; UNKNOWN when it was not found */
	bool torn; /* the statistics kept changing while they were read; the numbers are of several
		      moments */
};

struct counter_reader;

/* Addresses in `globals` are in the process (bias applied). Refuses (reported, -ENOTSUP) when a
 * needed global is missing or the values fail plausibility (gcPercent in range or off, heapMinimum,
 * number of Ps). */
int counter_reader_new(struct memory *memory, const struct layout *layout,
		       const struct globals *globals, struct counter_reader **ret);
void counter_reader_free(struct counter_reader *reader);

/* Two system calls when nothing moves. 0 or the error of the read, silent. */
int counter_reader_poll(struct counter_reader *reader, struct counters *ret);

#endif
