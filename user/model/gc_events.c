/* Cycles and stops: their memory and the runtime's words for the reasons. */
#include "model/gc_events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static void *copy_of(const void *items, size_t bytes)
{
	void *copy = malloc(bytes ? bytes : 1);

	if (copy && bytes)
		memcpy(copy, items, bytes);
	return copy;
}

int gc_events_copy(const struct gc_events *events, struct gc_events *ret)
{
	struct gc_events copy = *events;

	copy.cycles = copy_of(events->cycles, events->cycle_count * sizeof(*events->cycles));
	copy.stops = copy_of(events->stops, events->stop_count * sizeof(*events->stops));
	if (!copy.cycles || !copy.stops) {
		gc_events_clear(&copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}
