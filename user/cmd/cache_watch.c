/*
 * Opening, governing and reading the probes of caches. As long as they fit into their share of the
 * budget they stay, and calls are counted. Where they do not, they come for moments: how long until
 * the next one follows from what the last one cost, at random, so that the share holds on average
 * and the program is not seen in step with anything.
 */
#include "cmd/watch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "cmd/cache_counting.h"
#include "cmd/settings.h"
#include "model/governor.h"

#define FIRST_WINDOW_NS 5000000
#define LEAST_WINDOW_NS 1000000
#define MOST_WINDOW_NS	50000000
#define WINDOW_CALLS	2000.0	   /* that a window aims at */
#define LEAST_PAUSE_NS	1000000000 /* on average, between two windows */
#define RETURN_SHARE	0.7	   /* of the share, estimated, to count every call again */
#define RETURN_WINDOWS	3	   /* that an estimate takes for it */

enum cache_state { CACHE_UNTRIED, CACHE_COUNTING, CACHE_BURSTS, CACHE_AWAY, CACHE_NONE };

struct cache_watch {
	const struct settings *settings;
	enum cache_state state;
	struct cache_counting counting;
	struct leash leash;
	int64_t due_ns;	    /* of the next window */
	int64_t window_ns;  /* how long it is to be */
	double calls_per_s; /* over the last windows */
	bool opened;	    /* by the time of the last snapshot */
	int64_t first_cycles, last_cycles;
	char note[6000];
};

static int cache_create(const struct settings *settings, void **ret_state)
{
	struct cache_watch *watch;

	if (!settings->globs.count &&
	    (!settings->rows.screen || strcmp(settings->rows.screen, "cache") != 0))
		return 0;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return diag_fail(-ENOMEM, "cannot observe");
	watch->settings = settings;
	watch->first_cycles = watch->last_cycles = UNKNOWN;
	leash_init(&watch->leash, GOVERNOR_CACHE_SHARE);
	*ret_state = watch;
	return 0;
}

static void cache_destroy(void *state)
{
	struct cache_watch *watch = state;

	if (!watch)
		return;
	cache_counting_clear(&watch->counting);
	free(watch);
}

/* The plan's remarks, then what is to be said now. */
static void say(struct cache_watch *watch, const char *text)
{
	const struct cache_plan *plan = watch->counting.plan;
	const char *remarks = plan && plan->note ? plan->note : "";

	snprintf(watch->note, sizeof(watch->note), "%s%s%s", remarks, *remarks && *text ? ". " : "",
		 text);
}

static bool fits(const struct cache_watch *watch, const struct collect_context *context,
		 double hits_per_s)
{
	return governor_fits(RETURN_SHARE * watch->leash.share, context->budget_percent,
			     governor_trap_ns(context->trap_ns), hits_per_s);
}

static void begin_counting(struct cache_watch *watch)
{
	watch->state = CACHE_COUNTING;
	leash_attached(&watch->leash, clock_ns(CLOCK_MONOTONIC), watch->counting.statistics.hits);
	say(watch, "");
}

/* When the next window is due, after one that cost `hits`, and how long it is to be. */
static void plan_window(struct cache_watch *watch, const struct collect_context *context,
			uint64_t hits)
{
	double share = watch->leash.share * context->budget_percent / 100,
	       pause_ns = (double)hits * governor_trap_ns(context->trap_ns) / share;
	double window_ns =
		watch->calls_per_s > 0 ? WINDOW_CALLS / watch->calls_per_s * 1e9 : MOST_WINDOW_NS;

	pause_ns = pause_ns > LEAST_PAUSE_NS ? pause_ns : LEAST_PAUSE_NS;
	watch->due_ns = clock_ns(CLOCK_MONOTONIC) + (int64_t)(pause_ns * (0.5 + drand48()));
	watch->window_ns = window_ns < LEAST_WINDOW_NS	? LEAST_WINDOW_NS
			   : window_ns > MOST_WINDOW_NS ? MOST_WINDOW_NS
							: (int64_t)window_ns;
}

static void begin_bursts(struct cache_watch *watch, const struct collect_context *context,
			 double hits_per_s, uint64_t hits)
{
	char text[400];

	watch->state = CACHE_BURSTS;
	watch->calls_per_s = hits_per_s;
	plan_window(watch, context, hits);
	snprintf(text, sizeof(text),
		 "calls are estimated from short windows: to count all of them, %.0f per second, "
		 "would cost more than %.0f %% of the budget of %.2g %%",
		 hits_per_s, watch->leash.share * 100, context->budget_percent);
	say(watch, text);
}

/* Perf events come off one after the other, the target trapping meanwhile: no windows with them. */
static void go_away(struct cache_watch *watch, const struct collect_context *context,
		    double hits_per_s)
{
	char text[400];
	double away_s = leash_detached(&watch->leash, clock_ns(CLOCK_MONOTONIC));

	watch->state = CACHE_AWAY;
	snprintf(text, sizeof(text),
		 "calls are not counted for %.0f minutes: %.0f of them per second would cost more "
		 "than %.0f %% of the budget of %.2g %%, and this kernel cannot probe for moments",
		 away_s / 60, hits_per_s, watch->leash.share * 100, context->budget_percent);
	say(watch, text);
}

static void stop_counting(struct cache_watch *watch, const struct collect_context *context,
			  double hits_per_s)
{
	uint64_t hits = watch->counting.statistics.hits;

	cache_counting_end(&watch->counting, context);
	if (cache_counting_can_burst(&watch->counting))
		begin_bursts(watch, context, hits_per_s, watch->counting.statistics.hits - hits);
	else
		go_away(watch, context, hits_per_s);
}

/* Once what windows cost would pay for all calls, the next one does not end. */
static void run_window(struct cache_watch *watch, const struct collect_context *context)
{
	struct cache_counting *counting = &watch->counting;
	uint64_t hits = counting->statistics.hits;
	double hits_per_s = cache_counting_begin(counting, context, watch->window_ns);

	if (hits_per_s < 0) {
		watch->state = CACHE_NONE;
		return;
	}
	watch->calls_per_s = hits_per_s;
	if (counting->windows.count >= RETURN_WINDOWS && fits(watch, context, hits_per_s)) {
		begin_counting(watch);
		return;
	}
	cache_counting_end_window(counting, context);
	plan_window(watch, context, counting->statistics.hits - hits);
}

/* ---- opening ---- */

/* The first window tells whether every call can be counted. */
static int start(struct cache_watch *watch, const struct collect_context *context)
{
	struct cache_counting *counting = &watch->counting;
	uint64_t hits = counting->statistics.hits;
	double hits_per_s = cache_counting_begin(counting, context, FIRST_WINDOW_NS);

	if (hits_per_s < 0)
		return (int)hits_per_s;
	if (!watch->opened)
		counting->unseen_s = 0; /* calls are those since now */
	if (fits(watch, context, hits_per_s)) {
		begin_counting(watch);
	} else if (!cache_counting_can_burst(counting)) {
		cache_counting_end(counting, context);
		go_away(watch, context, hits_per_s);
	} else {
		cache_counting_end_window(counting, context);
		begin_bursts(watch, context, hits_per_s, counting->statistics.hits - hits);
	}
	return 0;
}

/* What the user asked for by name is said where it is missed, not only on the screen of caches. */
static void warn_of_globs(const struct cache_watch *watch)
{
	const struct cache_plan *plan = watch->counting.plan;

	if (plan && plan->note)
		diag_warn("--cache: %s", plan->note);
}

static void cache_open(void *state, const struct collect_context *context)
{
	struct cache_watch *watch = state;
	char reason[400] = "";
	int error = 0;

	if (watch->state != CACHE_UNTRIED)
		return;
	if (context->budget_percent <= 0) {
		watch->state = CACHE_NONE;
		say(watch, "calls are not counted: --budget 0 allows no probe");
		return;
	}
	if (isinf(context->trap_ns)) {
		watch->state = CACHE_NONE;
		say(watch, "calls are not counted: what a trap costs could not be measured");
		return;
	}
	diag_capture(reason, sizeof(reason));
	if (!watch->counting.probe)
		error = cache_counting_load(&watch->counting, context, &watch->settings->globs);
	if (error == 0)
		error = start(watch, context);
	diag_release();
	if (error < 0) {
		watch->state = CACHE_NONE;
		say(watch, reason);
	}
	if (!watch->opened)
		warn_of_globs(watch);
}

/* ---- the contract ---- */

static void govern(struct cache_watch *watch, const struct collect_context *context)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	double hits_per_s;

	if (watch->state == CACHE_COUNTING &&
	    leash_too_dear(&watch->leash, now_ns, watch->counting.statistics.hits,
			   context->budget_percent, context->trap_ns, &hits_per_s))
		stop_counting(watch, context, hits_per_s);
	else if (watch->state == CACHE_BURSTS && now_ns >= watch->due_ns)
		run_window(watch, context);
	else if (watch->state == CACHE_AWAY && leash_returns(&watch->leash, now_ns))
		watch->state = CACHE_UNTRIED; /* cache_open does it next */
}

static void cache_turn(void *state, const struct collect_context *context)
{
	struct cache_watch *watch = state;
	char reason[400] = "";

	if (!watch->counting.probe)
		return;
	diag_capture(reason, sizeof(reason));
	if (watch->state == CACHE_COUNTING)
		cache_counting_look(&watch->counting, context);
	govern(watch, context);
	diag_release();
	if (watch->state == CACHE_NONE)
		say(watch, reason);
}

static int64_t cache_due(void *state)
{
	const struct cache_watch *watch = state;

	return watch->state == CACHE_BURSTS ? watch->due_ns : INT64_MAX;
}

/* Each collection has the pools emptied before it marks (sync.poolCleanup, runtime clearpools). */
static void fill_emptied(struct cache_watch *watch, const struct snapshot *snapshot,
			 struct cache_group *group)
{
	int64_t cycles = snapshot->gc.cycles;

	if (watch->first_cycles == UNKNOWN)
		watch->first_cycles = watch->last_cycles = cycles;
	group->pools_emptied = (uint64_t)(cycles - watch->first_cycles);
	group->pools_emptied_interval = (uint64_t)(cycles - watch->last_cycles);
	watch->last_cycles = cycles;
}

static int fill_rows(struct cache_watch *watch, const struct collect_context *context,
		     struct snapshot *snapshot, uint64_t *hits)
{
	bool every = watch->state == CACHE_COUNTING;
	bool counted = every || watch->state == CACHE_BURSTS;
	int error;

	if (every)
		cache_counting_look(&watch->counting, context);
	error = cache_counting_fill(&watch->counting, every, watch->opened && counted, snapshot);
	watch->opened = counted;
	if (counted)
		snapshot->cost.probes = (snapshot->cost.probes > 0 ? snapshot->cost.probes : 0) +
					(int64_t)watch->counting.plan->probes.count;
	*hits += watch->counting.statistics.hits;
	return error;
}

static int cache_fill(void *state, const struct collect_context *context, struct snapshot *snapshot,
		      uint64_t *hits)
{
	struct cache_watch *watch = state;
	struct cache_group *group = &snapshot->cache_group;
	char reason[400];
	int error = 0;

	group->wanted = true;
	group->note = watch->state == CACHE_UNTRIED ? "calls are counted from the next interval on"
		      : *watch->note		    ? watch->note
						    : NULL;
	fill_emptied(watch, snapshot, group);
	diag_capture(reason, sizeof(reason));
	if (watch->counting.probe)
		error = fill_rows(watch, context, snapshot, hits);
	diag_release();
	return error;
}

const struct watch watch_cache = {
	.name = "cache",
	.share = GOVERNOR_CACHE_SHARE,
	.create = cache_create,
	.destroy = cache_destroy,
	.open = cache_open,
	.turn = cache_turn,
	.due = cache_due,
	.fill = cache_fill,
};
