/* What a profile remembers between two snapshots; shared by profile.c and windows.c only. */
#ifndef MODEL_PROFILE_STATE_H
#define MODEL_PROFILE_STATE_H

#include <stdbool.h>
#include <uthash.h>

#include "model/calibration.h"
#include "model/dispersion.h"
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
	uint64_t hits; /* of the interval that is being filled in; exact: at the last call */
	struct amount interval; /* of it */
	double of_window;	/* hits of the window that is looked at */
	struct dispersion dispersion;
	struct amount begun;
};

struct profile {
	struct known_bucket *buckets;
	/* In the order of the last list: buckets keep their places in it, so that nearly all are
	 * found without a search. */
	struct known_bucket **items;
	size_t count, capacity;
	struct known_site *sites;
	struct class_history classes[SIZE_CLASSES];
	bool begun;    /* a list was seen */
	bool watching; /* and one under the probes of now */
	uint64_t missed, missed_before;
	uint64_t sites_full; /* hits beyond LIMIT_WINDOW_SITES */
};

void profile_free_sites(struct profile *profile);
/* The site of that number, added when it is new: NULL without memory. */
struct known_site *profile_site(struct profile *profile, uint64_t id);

/* Fills in `interval` of every known site by its class's counts, and learns from the windows.
 * 0 or -ENOMEM. */
int profile_spread(struct profile *profile, const struct exact_site *sites, size_t site_count,
		   const struct window_interval *interval);

/* The record that is of no site. */
#define SITE_NOT_SEEN UINT64_MAX

#endif
