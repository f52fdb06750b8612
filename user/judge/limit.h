/*
 * The extension contract of a limit: one line in LIMIT_KINDS, one function measure_NAME. A limit is
 * judged by the whole interval of its number: broken when all of it lies above, undecided when only
 * the number does. What would have to be guessed is refused instead.
 */
#ifndef JUDGE_LIMIT_H
#define JUDGE_LIMIT_H

#include "judge/evidence.h"
#include "judge/finding.h"

/* What a limit's text is parsed as and its number shown as. */
enum limit_unit {
	LIMIT_BYTES,
	LIMIT_BYTES_PER_S,
	LIMIT_COUNT,
	LIMIT_NS,
	LIMIT_SHARE, /* 0..1, given and shown in percent */
	LIMIT_UNITS
};
const char *limit_unit_name(enum limit_unit unit); /* "bytes", "bytes/s", ... of the JSON */

/* X(symbol, option's name, argument, unit, whether [GLOB=] may stand before the number, help) */
#define LIMIT_KINDS(X)                                                                             \
	X(heap_growth, "max-heap-growth", "BYTES", BYTES, false,                                   \
	  "least heap in use of the last quarter of intervals minus that of the first")            \
	X(mallocs, "max-mallocs", "[GLOB=]N", COUNT, true, "objects allocated")                    \
	X(alloc_rate, "max-alloc-rate", "[GLOB=]BYTES", BYTES_PER_S, true, "allocated per second") \
	X(pause, "max-pause", "TIME", NS, false, "longest stop of the world")                      \
	X(rss, "max-rss", "BYTES", BYTES, false, "largest resident memory that was seen")          \
	X(heap, "max-heap", "BYTES", BYTES, false, "largest heap in use that was seen")            \
	X(live, "max-live", "[GLOB=]BYTES", BYTES, true, "in use at the end")                      \
	X(metadata_share, "max-metadata-share", "PERCENT", SHARE, false,                           \
	  "type metadata of the allocated bytes")                                                  \
	X(gc_cpu, "max-gc-cpu", "PERCENT", SHARE, false, "the collector's part of the CPU")        \
	X(goroutines, "max-goroutines", "N", COUNT, false, "most goroutines that were seen")

#define LIMIT_SAMPLES_FEWEST 6 /* behind a number that is to be called kept */

struct limit_kind;

struct limit {
	const struct limit_kind *kind;
	char *glob; /* owned; over names of functions and types; NULL: the whole process */
	double most;
};

struct limits {
	size_t count, capacity;
	struct limit *items;
};
void limits_clear(struct limits *limits);
/* `glob` is copied; NULL: none. 0, -ENOMEM or -E2BIG (LIMITS_MOST), silent. */
#define LIMITS_MOST 256
int limits_add(struct limits *limits, const struct limit_kind *kind, const char *glob,
	       size_t length, double most);
#define AUTO_LIMITS __attribute__((cleanup(limits_clear)))

enum limit_answer { LIMIT_KEPT, LIMIT_UNDECIDED, LIMIT_BROKEN, LIMIT_REFUSED, LIMIT_ANSWERS };
const char *limit_answer_name(enum limit_answer answer); /* "kept", ... */

/* A limit with its number; of a regression `name` is that of the number that was compared. */
struct judged {
	const char *name;
	const char *glob; /* NULL: none; borrowed from the limit */
	enum limit_unit unit;
	double most;
	enum limit_answer answer;
	struct finding_number number; /* value NAN: not known */
	char why[256];		      /* of a refusal, or a remark; "" when there is none */
	size_t place_count;
	struct finding_place places[FINDING_PLACES]; /* names are the table's */
	struct table table;
};
void judged_clear(struct judged *judged);

/* What a measure function looks at. */
struct limit_question {
	const struct evidence *evidence;
	const struct limit *limit;
	/* The last snapshot is that of the process's exit: what the process counted since it
	 * started is the answer, not what it did between two looks. */
	bool whole_life;
};

struct limit_kind {
	const char *name, *argument, *help;
	enum limit_unit unit;
	bool takes_glob;
	/* Fills number and places; -EAGAIN after writing why it cannot be told; -ENOMEM. */
	int (*measure)(const struct limit_question *question, struct judged *ret);
};
extern const struct limit_kind limit_kinds[]; /* ends with a NULL name */
const struct limit_kind *limit_kind_find(const char *name);

/* 0 or -ENOMEM, silent; *ret is the caller's to clear. */
int limit_judge(const struct limit_question *question, struct judged *ret);

/* Above, below, or neither: for whoever makes the number elsewhere. */
enum limit_answer limit_answer_of(const struct finding_number *number, double most);

#endif
