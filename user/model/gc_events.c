/* Cycles and stops: their memory and the runtime's words for the reasons. */
#include "model/gc_events.h"

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"

const char *gc_stop_reason_text(int reason)
{
#define TEXT(symbol, text) text,
	static const char *const texts[GC_STOP_COUNT] = { GC_STOP_REASONS(TEXT) };
#undef TEXT
	return texts[reason >= 0 && reason < GC_STOP_COUNT ? reason : GC_STOP_UNKNOWN];
}

void gc_events_clear(struct gc_events *events)
{
	free(events->cycles);
	free(events->stops);
	*events = (struct gc_events){ 0 };
}

int gc_events_copy(const struct gc_events *events, struct gc_events *ret)
{
	struct gc_events copy = *events;

	copy.cycles = vec_copy(events->cycles, events->cycle_count, sizeof(*events->cycles));
	copy.stops = vec_copy(events->stops, events->stop_count, sizeof(*events->stops));
	if (!copy.cycles || !copy.stops) {
		gc_events_clear(&copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}
