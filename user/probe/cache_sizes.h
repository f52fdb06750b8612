/* The cap of the map of pools and maps, as tests set it to see it full. */
#ifndef PROBE_CACHE_SIZES_H
#define PROBE_CACHE_SIZES_H

#include <stddef.h>

/* So many are told apart by those opened from here on; 0: LIMIT_CACHE_OBJECTS. */
void cache_objects_force(size_t objects);

#endif
