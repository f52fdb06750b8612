/* When to step to another rung, and what to say of it. */
#include "model/ladder.h"

#include <math.h>
#include <stdio.h>

#include "model/governor.h"

#define TURN_NS	      250000000LL
#define EXACT_TURN_NS 50000000LL

#define SMOOTH_S 0.5 /* time constant of the rates that a richer rung is judged by */

/* Deaths come in batches, when the sweeper meets them: what was saved over so long may go at once.
 */
#define CREDIT_S 10.0

#define LEAST_SHARE 0.1

/* So many turns in a row are no burst any more. */
#define OVER_TURNS 2

/* Of the share, predicted, to come back: a rate at the limit must not flap. Exact probes hit every
 * allocation, and nothing bounds a burst of those but the turn: they are only for a program that is
 * far from it. */
#define ROOM_SHARE	 0.7
#define EXACT_ROOM_SHARE 0.5

/* How long a richer rung must have fitted; doubled when the next step down follows
 * soon, halved when not. */
#define HOLD_FIRST_NS 2000000000LL
#define HOLD_MOST_NS  600000000000LL
#define SOON_HOLDS    4

void ladder_init(struct ladder *ladder, const struct ladder_rules *rules, enum rung start)
{
	*ladder = (struct ladder){
		.rules = *rules,
		.now = start,
		.allocs_per_s = NAN,
		.alloc_bytes_per_s = NAN,
	};
}

int64_t ladder_period_ns(enum rung rung)
{
	return rung == RUNG_EXACT ? EXACT_TURN_NS : TURN_NS;
}

static double smoothed(double before, double now, double period_s)
{
	if (isnan(before) || isnan(now))
		return isnan(now) ? before : now;
	return before + (now - before) * (1 - exp(-period_s / SMOOTH_S));
}

static struct ladder_load smooth(struct ladder *ladder, const struct ladder_turn *turn)
{
	struct ladder_load load = turn->load;

	ladder->allocs_per_s = smoothed(ladder->allocs_per_s, load.allocs_per_s, turn->period_s);
	ladder->alloc_bytes_per_s =
		smoothed(ladder->alloc_bytes_per_s, load.alloc_bytes_per_s, turn->period_s);
	load.allocs_per_s = ladder->allocs_per_s;
	load.alloc_bytes_per_s = ladder->alloc_bytes_per_s;
	return load;
}

/* Saved at the dearest probes' share, whichever are there, so that what was overdrawn is paid back
 * while there are none. */
static void account(struct ladder *ladder, const struct ladder_turn *turn)
{
	struct rung_price price = ladder_price(ladder->now, &ladder->rules, &turn->load);
	double share = fmax(0, 1 - ladder->rules.taken_share);
	double allowed_ns;

	if (ladder->now == RUNG_SAMPLER || ladder->now == RUNG_LIST)
		share = fmin(share, GOVERNOR_SAMPLER_SHARE);
	allowed_ns = share * ladder->rules.budget_percent * 1e7; /* per second */
	ladder->credit_ns += allowed_ns * turn->period_s;
	if (turn->hits > 0)
		ladder->credit_ns -= turn->hits * price.hit_ns;
	ladder->credit_ns = fmin(ladder->credit_ns, CREDIT_S * allowed_ns);
}

static void say_price(const struct ladder *ladder, const struct ladder_load *load, enum rung rung,
		      char *reason)
{
	struct rung_price price = ladder_price(rung, &ladder->rules, load);

	snprintf(reason, GOVERNOR_REASON_BYTES,
		 "%s would take %.3g %% of a CPU (%.0f hits/s x %.3g us), and may take %.3g %% of "
		 "the budget of %.3g %%",
		 rung_name(rung), price.percent, price.hits_per_s, price.hit_ns * 1e-3,
		 price.allowed_percent, ladder->rules.budget_percent);
}

double ladder_share(const struct ladder *ladder, const struct ladder_load *load)
{
	double allowed = ladder_price(ladder->now, &ladder->rules, load).allowed_percent;
	double left = allowed + fmin(ladder->credit_ns, 0) * 1e-7;

	return fmax(left, LEAST_SHARE * allowed);
}

static bool is_bounded(enum rung rung)
{
	return rung != RUNG_SAMPLER && rung != RUNG_EXACT;
}

/* Why the rung cannot be kept, if so. */
static bool is_too_dear(struct ladder *ladder, const struct ladder_turn *turn,
			const struct ladder_load *smooth, char *reason)
{
	double lasting = ladder_price(ladder->now, &ladder->rules, smooth).percent;
	struct rung_price price = ladder_price(ladder->now, &ladder->rules, &turn->load);
	const char *name = rung_name(ladder->now);

	if (is_bounded(ladder->now))
		return false;
	ladder->over = fmin(price.percent, lasting) > price.allowed_percent ? ladder->over + 1 : 0;
	if (turn->hits > 0 && ladder->credit_ns < 0) {
		snprintf(reason, GOVERNOR_REASON_BYTES,
			 "%s took %.3g %% of a CPU over %.2g s (%.0f hits x %.3g us), and of the "
			 "%.3g %% that it may take nothing is left",
			 name, governor_cost_percent(turn->hits / turn->period_s, price.hit_ns),
			 turn->period_s, turn->hits, price.hit_ns * 1e-3, price.allowed_percent);
		return true;
	}
	if (ladder->over < (ladder->stepped_ns ? OVER_TURNS : 1)) /* the first look is enough */
		return false;
	say_price(ladder, &turn->load, ladder->now, reason);
	return true;
}

static bool has_room(const struct ladder *ladder, enum rung rung, const struct ladder_load *load)
{
	struct rung_price price = ladder_price(rung, &ladder->rules, load);
	double share = rung == RUNG_EXACT ? EXACT_ROOM_SHARE : ROOM_SHARE;

	if (!ladder_fits(rung, &ladder->rules, load))
		return false;
	return is_bounded(rung) ||
	       (ladder->credit_ns >= 0 && price.percent <= share * price.allowed_percent);
}

static size_t place(const enum rung *order, size_t count, enum rung rung)
{
	size_t i = 0;

	while (i < count && order[i] != rung)
		i++;
	return i;
}

static enum rung first_fitting(const struct ladder *ladder, const enum rung *order, size_t from,
			       size_t to, const struct ladder_load *load)
{
	for (size_t i = from; i < to; i++)
		if (has_room(ladder, order[i], load))
			return order[i];
	return RUNG_COUNT;
}

static void say_room(const struct ladder *ladder, enum rung to, const struct ladder_load *load,
		     char *reason)
{
	struct rung_price price = ladder_price(to, &ladder->rules, load);

	if (price.allowed_percent > 0)
		snprintf(reason, GOVERNOR_REASON_BYTES,
			 "%s fits: some %.3g %% of a CPU (%.0f hits/s x %.3g us) of the %.3g %% "
			 "that it may take",
			 rung_name(to), price.percent, price.hits_per_s, price.hit_ns * 1e-3,
			 price.allowed_percent);
	else
		snprintf(reason, GOVERNOR_REASON_BYTES, "%s costs nothing", rung_name(to));
}

void ladder_refusal(const struct ladder *ladder, const struct ladder_load *load, enum rung rung,
		    char reason[GOVERNOR_REASON_BYTES])
{
	struct ladder_load smooth = *load;

	smooth.allocs_per_s = ladder->allocs_per_s;
	smooth.alloc_bytes_per_s = ladder->alloc_bytes_per_s;
	if (ladder->rules.budget_percent <= 0)
		snprintf(reason, GOVERNOR_REASON_BYTES, "a budget of 0 allows no probe");
	else if (!load->possible[rung])
		snprintf(reason, GOVERNOR_REASON_BYTES, "%s is not possible here", rung_name(rung));
	else if (isinf(load->trap_ns))
		snprintf(reason, GOVERNOR_REASON_BYTES, "what a trap costs could not be measured");
	else
		say_price(ladder, &smooth, rung, reason);
}

/* A richer one, once it has had room for long enough. */
static bool steps_up(struct ladder *ladder, const struct ladder_turn *turn,
		     const struct ladder_load *load, const enum rung *order, size_t at,
		     enum rung *ret_to)
{
	*ret_to = first_fitting(ladder, order, 0, at, load);
	if (*ret_to == RUNG_COUNT) {
		ladder->room_since_ns = 0;
		return false;
	}
	if (!ladder->room_since_ns)
		ladder->room_since_ns = turn->now_ns;
	return turn->now_ns - ladder->room_since_ns >= ladder->hold_ns;
}

static bool leaves(struct ladder *ladder, const struct ladder_turn *turn,
		   const struct ladder_load *smooth, bool in_order, char *reason)
{
	if (!in_order) {
		snprintf(reason, GOVERNOR_REASON_BYTES, "the program turned its sampler %s",
			 turn->load.sampler_on ? "on" : "off");
		return true;
	}
	if (is_bounded(ladder->now) && !ladder_fits(ladder->now, &ladder->rules, smooth)) {
		ladder_refusal(ladder, smooth, ladder->now, reason);
		return true;
	}
	return is_too_dear(ladder, turn, smooth, reason);
}

bool ladder_turn(struct ladder *ladder, const struct ladder_turn *turn, enum rung *ret_to,
		 char reason[GOVERNOR_REASON_BYTES])
{
	struct ladder_load load = smooth(ladder, turn);
	enum rung order[RUNG_COUNT];
	size_t count, at;

	account(ladder, turn);
	if (ladder->rules.pinned)
		return false;
	count = ladder_preferences(&ladder->rules, load.sampler_on, order);
	at = place(order, count, ladder->now);
	if (leaves(ladder, turn, &load, at < count, reason)) {
		*ret_to = first_fitting(ladder, order, at < count ? at + 1 : 0, count, &load);
		return *ret_to != RUNG_COUNT;
	}
	if (!steps_up(ladder, turn, &load, order, at, ret_to))
		return false;
	say_room(ladder, *ret_to, &load, reason);
	return true;
}

/* Down is what costs less than what was there, in the order of the preferences. */
static bool is_down(const struct ladder *ladder, enum rung to)
{
	return to < ladder->now;
}

void ladder_step(struct ladder *ladder, enum rung to, int64_t now_ns)
{
	bool soon = ladder->hold_ns && now_ns - ladder->stepped_ns < SOON_HOLDS * ladder->hold_ns;

	if (is_down(ladder, to)) {
		ladder->hold_ns = soon ? 2 * ladder->hold_ns : ladder->hold_ns / 2;
		if (ladder->hold_ns < HOLD_FIRST_NS)
			ladder->hold_ns = HOLD_FIRST_NS;
		if (ladder->hold_ns > HOLD_MOST_NS)
			ladder->hold_ns = HOLD_MOST_NS;
	}
	ladder->now = to;
	ladder->over = 0;
	ladder->room_since_ns = 0;
	ladder->stepped_ns = now_ns;
}
