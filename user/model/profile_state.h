/* What a profile remembers between two snapshots; shared by profile.c and windows.c only. */
#ifndef MODEL_PROFILE_STATE_H
#define MODEL_PROFILE_STATE_H

#include <stdbool.h>
#include <uthash.h>

#include "model/profile.h"

struct known_bucket {
	UT_hash_handle hh;
	uint64_t address;
	uint64_t first, previous; /* allocs when the observation began, at the last interval */
	uint64_t watched_from;	  /* allocs in the first list under the probes of now */
	uint64_t births;	  /* as the probes of now saw them */
	uint64_t shortfall;	  /* by how many births the probes of now were behind the list */
	size_t index;		  /* in the newest list */
	struct ages ages;	  /* as the probes of now saw them */
	struct ages ages_before;  /* as earlier probes did */
};

struct known_site {
	UT_hash_handle hh;
	uint64_t id;
	struct exact_site site; /* of the newest window that had it */
	uint64_t hits;		/* of the window that is being filled in; exact: at the last call */
	struct amount begun;
};

struct profile {
	struct known_bucket *buckets;
	/* In the order of the last list: buckets keep their places in it, so that nearly all are
	 * found without a search. */
	struct known_bucket **items;
	size_t count, capacity;
	struct known_site *sites;
	bool begun;    /* a list was seen */
	bool watching; /* and one under the probes of now */
	uint64_t missed, missed_before;
	uint64_t sites_full; /* hits beyond LIMIT_WINDOW_SITES */
};

void profile_free_sites(struct profile *profile);

#endif
