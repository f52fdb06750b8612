/*
 * Which collector the budget allows: the rungs, what each would cost, which is to be taken, and
 * when to step to another. Pure: the caller brings rates and the time, and does what is decided.
 *
 * Two rules keep the target. What was taken is compared with a credit that grows with the share and
 * starts empty, so that over any observation no more than the share is taken, but for the hits of
 * one turn. And what the counters predict is compared with the share itself, so that a load that is
 * there to stay is not first paid for out of the credit.
 */
#ifndef MODEL_LADDER_H
#define MODEL_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/governor_state.h"

/* X(symbol, name). The names are those of --mode, and `list`: the sampler without its probes. */
#define RUNGS(X)                                                                                   \
	X(COUNTERS, "counters")                                                                    \
	X(LIST, "list")                                                                            \
	X(BURST, "burst")                                                                          \
	X(SAMPLER, "sampler")                                                                      \
	X(EXACT, "exact")

enum rung {
#define RUNG_ENUM(symbol, name) RUNG_##symbol,
	RUNGS(RUNG_ENUM)
#undef RUNG_ENUM
		RUNG_COUNT
};
const char *rung_name(enum rung rung);
/* RUNG_COUNT when there is none of that name. */
enum rung rung_find(const char *name);

struct ladder_rules {
	double budget_percent; /* of one CPU, for everything */
	double taken_share;    /* of the budget, by the watches */
	enum rung ceiling;     /* RUNG_COUNT: `auto` */
	bool pinned;	       /* the ceiling at any price */
	bool stacks;	       /* exact hits have their whole stacks */
};

/* What the program does, and what a trap costs. */
struct ladder_load {
	double allocs_per_s, alloc_bytes_per_s; /* NAN: not known */
	double trap_ns;				/* NAN: not measured yet; infinite: it cannot be */
	bool sampler_on;
	double rate_bytes; /* mean distance of two samples; 0 and NAN: none are taken */
	size_t sites;	   /* that are known: exact probes cannot tell more than a table holds */
	bool possible[RUNG_COUNT];
};

struct rung_price {
	double hits_per_s, hit_ns, percent; /* predicted; NAN where the rate is not known */
	double allowed_percent;
};
/* A hit of a window is EXACT_STACK_FACTOR traps, one of exact exact_factor (model/governor.h).
 * Twice the sampled births are the sampler's hits: a death for each birth. Bursts are as many as
 * are allowed. */
struct rung_price ladder_price(enum rung rung, const struct ladder_rules *rules,
			       const struct ladder_load *load);
/* NAN and infinite prices do not fit; what costs nothing always does. */
bool ladder_fits(enum rung rung, const struct ladder_rules *rules, const struct ladder_load *load);

/*
 * The rungs that may be taken, the most wanted first; the last costs nothing. `auto`: with the
 * program's sampler on it is the sampler, since only that knows what is alive; with the sampler off
 * exact, then burst. Below a ceiling come the others that say the same less well.
 */
size_t ladder_preferences(const struct ladder_rules *rules, bool sampler_on,
			  enum rung ret[RUNG_COUNT]);
/* Where to start before any rate is known: the most wanted rung that costs nothing by itself. A
 * ceiling of exact starts there: it was asked for by name, and refuses by itself. */
enum rung ladder_start(const struct ladder_rules *rules, bool sampler_on);

struct ladder {
	struct ladder_rules rules;
	enum rung now;
	double allocs_per_s, alloc_bytes_per_s; /* smoothed */
	double credit_ns;			/* of the target's CPU, below 0: overdrawn */
	unsigned int over;			/* turns in a row that were predicted too dear */
	int64_t room_since_ns;			/* a richer rung has fitted since; 0: none does */
	int64_t hold_ns;			/* for how long it has to */
	int64_t stepped_ns;			/* 0: never */
};

struct ladder_turn {
	int64_t now_ns;		 /* CLOCK_MONOTONIC */
	double period_s;	 /* since the last turn */
	double hits;		 /* of the collector's probes, in the period */
	struct ladder_load load; /* its rates are those of the period */
};

void ladder_init(struct ladder *ladder, const struct ladder_rules *rules, enum rung start);

/*
 * One look. True when the rung is to be changed to *ret_to for the reason written to `reason`; the
 * ladder stays where it is until ladder_step says that it was done.
 */
bool ladder_turn(struct ladder *ladder, const struct ladder_turn *turn, enum rung *ret_to,
		 char reason[GOVERNOR_REASON_BYTES]);
/* Why a rung is not taken, by the smoothed rates of the last turn. */
void ladder_refusal(const struct ladder *ladder, const struct ladder_load *load, enum rung rung,
		    char reason[GOVERNOR_REASON_BYTES]);
void ladder_step(struct ladder *ladder, enum rung to, int64_t now_ns);

/* What the collector may take now, in percent of a CPU: its part of the budget, less what is to be
 * paid back of what was overdrawn, within a second; a tenth is left, so that something is seen. */
double ladder_share(const struct ladder *ladder, const struct ladder_load *load);

/* How long to let pass between two turns: a hit of exact probes is every allocation, so that they
 * are looked after more often. */
int64_t ladder_period_ns(enum rung rung);

#endif
