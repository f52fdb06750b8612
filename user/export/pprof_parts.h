/* The shared parts of a pprof profile: strings, functions and locations, each once. */
#ifndef EXPORT_PPROF_PARTS_H
#define EXPORT_PPROF_PARTS_H

#include "export/pool.h"
#include "model/stack.h"
#include "proto/profile.pb-c.h"

#define PPROF_MAPPING_ID 1

struct part;
struct pprof_parts {
	Pprof__Profile *profile; /* borrowed; gets the string table, functions and locations */
	struct pool *pool;	 /* borrowed; owns everything they point at */
	struct part *strings, *functions, *locations;
	size_t string_room, function_room, location_room;
};

/* Parts are freed by parts_clear, which keeps what the profile points at except for its arrays.
 * All return 0 or -ENOMEM. */
int pprof_parts_init(struct pprof_parts *parts, Pprof__Profile *profile, struct pool *pool);
void pprof_parts_clear(struct pprof_parts *parts);

int pprof_string(struct pprof_parts *parts, const char *text, int64_t *ret_index);

/* The location of `count` frames at one address, all but the last inlined, the innermost first. */
int pprof_location(struct pprof_parts *parts, const struct frame *frames, uint32_t count,
		   uint64_t *ret_id);

#endif
