/* Registers and memory of a foreign program, in any order: no event may end before it begins. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "model/gc_hits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gc_hit hit_of(const uint8_t *data, int64_t time_ns)
{
	struct gc_hit hit;

	memcpy(&hit.runtime_ns, data + 8, 8);
	memcpy(&hit.stop_ns, data + 16, 8);
	memcpy(&hit.heap_bytes, data + 24, 8);
	hit.kind = (enum gc_hit_kind)(data[0] % (GC_HIT_WORLD_START + 1));
	hit.reason = data[1];
	hit.forced = data[2] & 1;
	/* the kernel's, and true */
	hit.time_ns = time_ns;
	/* near the truth now and then */
	if (data[3] & 1)
		hit.runtime_ns = time_ns - data[4];
	if (data[3] & 2)
		hit.stop_ns = time_ns - data[5];
	hit.goal_bytes = hit.pause_ns = hit.cycles = hit.heap_bytes;
	return hit;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gc_events events = { 0 };
	struct gc_hits hits = { 0 };
	int64_t time_ns = 1000;

	for (; size >= 32; data += 32, size -= 32) {
		struct gc_hit hit = hit_of(data, time_ns += data[6]);

		gc_hits_add(&hits, &hit, 1700000000000000000);
		if (data[7] == 1)
			gc_hits_break(&hits);
	}
	assert(gc_hits_take(&hits, INT64_MAX, &events) == 0);
	for (size_t i = 0; i < events.stop_count; i++)
		assert(events.stops[i].duration_ns >= 0 && events.stops[i].reason >= 0 &&
		       events.stops[i].reason < GC_STOP_COUNT);
	gc_events_clear(&events);
	gc_hits_free(&hits);
	return 0;
}
