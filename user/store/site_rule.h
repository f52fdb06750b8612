/*
 * How the amounts of a site follow from counts of samples: the same rule for the writer, which
 * stores what does not follow, and for the reader. Pure.
 */
#ifndef STORE_SITE_RULE_H
#define STORE_SITE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* Of one interval. */
struct site_rule {
	bool windows; /* samples are hits of exact probes, in windows or all the time */
	double rate_bytes;
	/* Of a hit: 1 in mode exact; NAN outside of hits and for windows, whose amounts are always
	 * given; files of version 1 have one scale for all hits of an interval. */
	double scale_objects, scale_bytes;
};

/* What a site has come to. */
struct site_state {
	uint64_t object_bytes;
	uint64_t allocs, live; /* samples, or hits while observed */
	uint64_t first;	       /* allocs when the observation began */
	uint64_t peak;	       /* the largest allocs seen: they only grow, unless read torn */
	uint64_t added;	       /* samples of the interval */
	struct amount window;  /* windows: of the interval */
	struct amount begun;   /* windows: since the observation began */
	struct amount before;  /* the same before the interval */
	struct ages ages;
};

struct site_change {
	int64_t allocs, live;
	struct ages ages; /* added; wraps around when there are fewer */
};

void site_begin(struct site_state *state, uint64_t object_bytes, uint64_t begun_samples);
/* NULL: an interval in which nothing happened. */
void site_apply(struct site_state *state, const struct site_change *change,
		const struct site_rule *rule);
/* The record's amounts and ages. */
void site_fill(const struct site_state *state, const struct site_rule *rule, struct record *record);

/* total, begun, interval and live of a record, in the order of site_amounts.kind. */
#define SITE_KINDS	   4
#define SITE_KIND_TOTAL	   0
#define SITE_KIND_LIVE	   3
#define SITE_KIND_BEGUN	   1
#define SITE_KIND_INTERVAL 2
struct amount *site_amount(struct record *record, int kind);
/* An amount that does not follow from the rule. In windows the one since the beginning follows from
 * that of the interval, which has to be corrected first (site_kinds). */
void site_correct(struct site_state *state, int kind, const struct amount *amount);
/* Every kind once, in the order to correct them. */
extern const int site_kinds[SITE_KINDS];

/* Of an interval as it is written. */
void site_rule_of(const struct snapshot *snapshot, struct site_rule *ret);
/* Whether amounts follow from hits. */
bool site_rule_scales(const struct site_rule *rule);

#endif
