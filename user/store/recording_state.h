/* A recording that is being read; shared by recording.c and recording_seek.c only. */
#ifndef STORE_RECORDING_STATE_H
#define STORE_RECORDING_STATE_H

#include "store/caches.h"
#include "store/database.h"
#include "store/generics.h"
#include "store/interval_row.h"
#include "store/names_reader.h"
#include "store/parts.h"
#include "store/recording.h"
#include "store/sites_reader.h"
#include "store/type_parts.h"

/* A process as of its last interval that was read. */
struct read_process {
	struct parts_state parts;
	struct site_list sites;
	struct type_state types;
};

struct recording {
	struct database database;
	struct names_reader *names;
	struct sites_reader *sites;
	struct part_statements parts;
	struct type_statements types;
	struct cache_statements caches;
	struct generics_reader *generics;
	struct interval_reader *next_of_all, *next_of_one;
	struct recorded_process *processes; /* in the order of their numbers, from 1 without gaps */
	struct read_process *states;	    /* of each */
	size_t process_count;
	int64_t selected;      /* process; 0: all */
	int64_t position;      /* the interval that was read last; 0: none */
	struct site_rule rule; /* of it */
	int64_t position_process;
};

/* Reads the next interval; its snapshot as well when `ret` is not NULL (initialised by the caller).
 * 1, 0 at the end, a negative errno, silent. */
int recording_advance(struct recording *recording, struct snapshot *ret);
/* So that `interval` is the next one. Silent. */
int recording_go_to(struct recording *recording, int64_t interval);
/* The number of an interval that `query` finds among those selected; parameters ?2, ?3 as given.
 * -ENODATA when there is none. Silent. */
int recording_find(struct recording *recording, const char *query, int64_t first, int64_t second,
		   int64_t *ret);

#endif
