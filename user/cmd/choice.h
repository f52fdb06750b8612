/*
 * Which collector an observation has, and when it gets another: owns the collector, looks at the
 * rates and at what was taken several times a second, and does what model/ladder.h decides.
 *
 * The sampler's probes come and go within an interval, since its knowledge outlasts them. Another
 * collector is taken only between two intervals, so that every snapshot is of one collector: the
 * interval that one ends in is cut short, and the collector goes once its last snapshot was made.
 */
#ifndef CMD_CHOICE_H
#define CMD_CHOICE_H

#include "base/intern.h"
#include "cmd/collector.h"
#include "cmd/settings.h"
#include "model/ladder.h"
#include "target/counters.h"

struct choice {
	const struct collector *collector;
	void *state;
	struct ladder ladder;
	struct ladder_load load;	       /* as of the last turn */
	struct counters counters;	       /* then */
	int64_t turned_ns;		       /* 0: none was taken yet */
	bool begun;			       /* a snapshot of this collector was made */
	bool looked;			       /* a turn with rates was taken */
	enum rung to;			       /* RUNG_COUNT: no change is due */
	char reason[GOVERNOR_REASON_BYTES];    /* for it */
	const char *why;		       /* it is not what is wanted; interned, or NULL */
	uint64_t hits_before, hits, turn_hits; /* of collectors that were closed; of this one */
	uint64_t losses_before[LOSS_COUNT], losses[LOSS_COUNT];
	struct intern *texts;
	struct governor_state said;
};

/* `taken_share`: of the budget, by the watches. The settings are looked at now only. Reported. */
int choice_open(struct choice *choice, const struct settings *settings, double taken_share,
		struct collect_context *context);
void choice_close(struct choice *choice);

/* Whether probes may be wanted, so that it is worth knowing what a trap costs. */
bool choice_wants_probes(const struct choice *choice);
int64_t choice_period_ns(const struct choice *choice);

/* Where rates are counted from; the first turn is some 10 ms later. */
void choice_begin(struct choice *choice, const struct counters *counters, int64_t now_ns);
/* One look, at any time but while the collector is at work itself. True when the collector is to be
 * changed (choice_change), once its last snapshot was made, soon. */
bool choice_turn(struct choice *choice, struct collect_context *context);
static inline bool choice_is_due(const struct choice *choice)
{
	return choice->to != RUNG_COUNT;
}
/* Before the collector works: what it may take, less what it has overdrawn. */
void choice_set_share(const struct choice *choice, struct collect_context *context);
/* Opens the other collector and closes this one; stays when that is not possible. */
void choice_change(struct choice *choice, struct collect_context *context);

/* The one copy of a text, as long as the choice is open; NULL without memory. */
const char *choice_keep(struct choice *choice, const char *text);

/* Fills the records and what goes with them, and `governor` but for the groups of the watches. */
int choice_collect(struct choice *choice, const struct collect_context *context,
		   struct snapshot *snapshot, uint64_t *ret_hits);

#endif
