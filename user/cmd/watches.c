/* The probe groups beside the collector, in the order in which they are opened. */
#include "cmd/watch.h"

const struct watch *const watches[] = {
	&watch_gc, &watch_types, &watch_cache, &watch_generics, NULL,
};
