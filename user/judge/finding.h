/* What a rule has found: a judgement in words, the numbers it rests on, and the places it is about.
 */
#ifndef JUDGE_FINDING_H
#define JUDGE_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "model/amount.h"
#include "model/table.h"

/* What a number is, the surest first. */
enum number_kind {
	NUMBER_EXACT,	  /* the runtime's or the kernel's own count, or every event was seen */
	NUMBER_SAMPLED,	  /* unbiased from the runtime's samples */
	NUMBER_ESTIMATED, /* scaled from short windows, or a statistic such as a slope */
};
const char *number_kind_name(enum number_kind kind); /* "exact", "sampled", "estimated" */
/* Of amounts taken from the rows of a snapshot. */
enum number_kind number_kind_of_mode(enum mode mode);

#define FINDING_NUMBERS 8
struct finding_number {
	const char *name; /* snake case with its unit at the end: "live_bytes_per_hour" */
	const char *unit; /* "bytes", "bytes/s", "share", "ns", "count", "p", ... */
	double value;
	struct interval bounds; /* 95 %; equal to the value when exact; NAN when there is none */
	enum number_kind kind;
};

#define FINDING_PLACES 5
struct finding_place {
	const char *name; /* of the row: a site, a type, a cache */
	const char *file; /* "" when not known */
	uint32_t line;
	const char *type; /* NULL when not known */
	const char *unit; /* as of a number */
	double value;
	double share; /* of all, 0..1; NAN: none */
};

enum certainty {
	CERTAINTY_POSSIBLE, /* worth a look */
	CERTAINTY_LIKELY,   /* the interval is on one side, but the cause is an inference */
	CERTAINTY_SURE,	    /* counted, or far beyond any doubt */
};
const char *certainty_name(enum certainty certainty);

struct rule;

struct finding {
	const struct rule *rule;
	/* How much it matters, to rank by: about the share of the process's memory or CPU that is
	 * at stake, 0..1. */
	double weight;
	enum certainty certainty;
	char seen[512];	  /* one or two sentences with the numbers */
	char advice[512]; /* what to do about it here; "" when the rule's own advice says it all */
	size_t number_count, place_count;
	struct finding_number numbers[FINDING_NUMBERS];
	struct finding_place places[FINDING_PLACES];
};

struct findings {
	size_t count, capacity;
	struct finding *items; /* after judge_all: the weightiest first */
};

/* Frees what it holds and resets. */
void findings_clear(struct findings *findings);
/* A new one, zeroed but for the rule, valid until the next; NULL without memory. */
struct finding *findings_add(struct findings *findings, const struct rule *rule);

/* Beyond FINDING_NUMBERS or FINDING_PLACES: ignored. */
void finding_number(struct finding *finding, const char *name, const char *unit, double value,
		    struct interval bounds, enum number_kind kind);
void finding_exact(struct finding *finding, const char *name, const char *unit, double value);
/* Estimated, without an interval of its own: a p-value, a median of few. */
void finding_statistic(struct finding *finding, const char *name, const char *unit, double value);
/* The row's name is copied by pointer: it has to outlive the findings. */
void finding_place(struct finding *finding, const struct row *row, const char *unit, double value,
		   double share);
/* The same for a place that is no row. */
void finding_place_frame(struct finding *finding, const struct frame *frame, const char *unit,
			 double value, double share);
void finding_seen(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_advise(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define AUTO_FINDINGS __attribute__((cleanup(findings_clear)))

#endif
