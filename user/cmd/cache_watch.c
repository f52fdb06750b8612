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

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cmd/cache_rows.h"
#include "cmd/settings.h"
#include "model/governor.h"

#define FIRST_WINDOW_NS 5000000 /* tells whether every call can be counted */
#define LEAST_WINDOW_NS 1000000
#define MOST_WINDOW_NS	50000000
#define WINDOW_CALLS	2000.0	   /* that a window aims at */
#define LEAST_PAUSE_NS	1000000000 /* on average, between two windows */
#define TRAP_NS_ASSUMED 1000.0
#define RETURN_SHARE	0.7 /* of the share, estimated, to count every call again */
#define RETURN_WINDOWS	3   /* that an estimate takes for it */

enum cache_state { CACHE_UNTRIED, CACHE_COUNTING, CACHE_BURSTS, CACHE_AWAY, CACHE_NONE };

struct cache_watch {
	const struct settings *settings;
	enum cache_state state;
	struct cache_plan *plan;
	struct cache_probe *probe;
	struct cache_rows rows;
	struct burst_windows windows;
	struct probe_statistics statistics;
	struct leash leash;
	clockid_t cpu;	    /* the program's CPU time */
	int64_t on_cpu_ns;  /* of it, when counting last began */
	int64_t off_cpu_ns; /* of it, when counting last ended */
	double unseen_s;    /* of it, since the last snapshot, without counting */
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
	cache_probe_close(watch->probe);
	cache_rows_clear(&watch->rows);
	free(watch->plan);
	free(watch);
}

static double trap_ns_of(const struct collect_context *context)
{
	return isfinite(context->trap_ns) ? context->trap_ns : TRAP_NS_ASSUMED;
}

/* The plan's remarks, then what is to be said now. */
static void say(struct cache_watch *watch, const char *text)
{
	const char *remarks = watch->plan && watch->plan->note ? watch->plan->note : "";

	snprintf(watch->note, sizeof(watch->note), "%s%s%s", remarks, *remarks && *text ? ". " : "",
		 text);
}

/* ---- reading ---- */

/* New pools and maps. Returns whether a New function was probed. */
static bool discover(struct cache_watch *watch, const struct collect_context *context,
		     const struct cache_calls_seen *seen)
{
	bool added = false;

	for (size_t i = 0; i < seen->object_count; i++) {
		const struct cache_object_calls *calls = &seen->objects[i];
		struct cache_object_row *row;
		struct probe_point point;

		if (cache_rows_find(&watch->rows, calls->address, calls->is_map) ||
		    !cache_rows_add(&watch->rows, context->target, calls->address, calls->is_map,
				    &point))
			continue;
		row = cache_rows_find(&watch->rows, calls->address, calls->is_map);
		row->misses_known = cache_probe_add(watch->probe, &point) == 0;
		row->begins = row->misses_known;
		added |= row->begins;
	}
	return added;
}

static int look(struct cache_watch *watch, const struct collect_context *context)
{
	struct cache_calls_seen seen;
	int error = cache_probe_read(watch->probe, &seen, &watch->statistics);

	if (error == 0 && discover(watch, context, &seen))
		error = cache_probe_read(watch->probe, &seen, &watch->statistics);
	if (error == 0)
		cache_rows_take(&watch->rows, &seen);
	return error;
}

/* ---- counting ---- */

static void count_on(struct cache_watch *watch)
{
	cache_probe_count(watch->probe, true);
	watch->on_cpu_ns = clock_ns(watch->cpu);
	watch->unseen_s += (double)(watch->on_cpu_ns - watch->off_cpu_ns) * 1e-9;
}

static void count_off(struct cache_watch *watch)
{
	cache_probe_count(watch->probe, false);
	watch->off_cpu_ns = clock_ns(watch->cpu);
}

static bool fits(const struct cache_watch *watch, const struct collect_context *context,
		 double hits_per_s)
{
	return governor_fits(RETURN_SHARE * watch->leash.share, context->budget_percent,
			     trap_ns_of(context), hits_per_s);
}

static void begin_counting(struct cache_watch *watch)
{
	watch->state = CACHE_COUNTING;
	leash_attached(&watch->leash, clock_ns(CLOCK_MONOTONIC), watch->statistics.hits);
	say(watch, "");
}

/* When the next window is due, after one that cost `hits`, and how long it is to be. */
static void plan_window(struct cache_watch *watch, const struct collect_context *context,
			uint64_t hits)
{
	double share = watch->leash.share * context->budget_percent / 100,
	       pause_ns = (double)hits * trap_ns_of(context) / share;
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

static void take_off(struct cache_watch *watch, const struct collect_context *context)
{
	count_off(watch);
	cache_probe_detach(watch->probe);
	look(watch, context);
}

static void stop_counting(struct cache_watch *watch, const struct collect_context *context,
			  double hits_per_s)
{
	uint64_t hits = watch->statistics.hits;

	take_off(watch, context);
	cache_rows_mark(&watch->rows);
	if (cache_probe_is_one_link(watch->probe))
		begin_bursts(watch, context, hits_per_s, watch->statistics.hits - hits);
	else
		go_away(watch, context, hits_per_s);
}

/* Counts for `ns`; the probes are still on. Returns the traps per second. */
static double count_for(struct cache_watch *watch, const struct collect_context *context,
			int64_t ns)
{
	const struct timespec time = clock_timespec(ns);
	int64_t begin_ns = clock_ns(CLOCK_MONOTONIC);
	uint64_t hits = watch->statistics.hits;

	count_on(watch);
	nanosleep(&time, NULL);
	look(watch, context);
	return (double)(watch->statistics.hits - hits) * 1e9 /
	       (double)(clock_ns(CLOCK_MONOTONIC) - begin_ns);
}

/* A window has been counted: it ends, and becomes one of those that calls are estimated from. */
static void end_window(struct cache_watch *watch, const struct collect_context *context)
{
	take_off(watch, context);
	cache_rows_window(&watch->rows, &watch->windows,
			  (double)(watch->off_cpu_ns - watch->on_cpu_ns) * 1e-9,
			  trap_ns_of(context));
}

/* Once what windows cost would pay for all calls, the next one does not end. */
static void run_window(struct cache_watch *watch, const struct collect_context *context)
{
	uint64_t hits = watch->statistics.hits;

	if (cache_probe_attach(watch->probe) < 0) {
		watch->state = CACHE_NONE;
		return;
	}
	watch->calls_per_s = count_for(watch, context, watch->window_ns);
	if (watch->windows.count >= RETURN_WINDOWS && fits(watch, context, watch->calls_per_s)) {
		begin_counting(watch);
		return;
	}
	end_window(watch, context);
	plan_window(watch, context, watch->statistics.hits - hits);
}

/* ---- opening ---- */

/* The pools that the runtime knows: their New functions are probed from the start. */
static void add_pools(struct cache_watch *watch, const struct collect_context *context)
{
	uint64_t pools[LIMIT_CACHE_OBJECTS];
	size_t count = target_pools(context->target, pools, LIMIT_CACHE_OBJECTS);
	struct probe_plan *probes = &watch->plan->probes;

	for (size_t i = 0; i < count; i++)
		if (!cache_rows_find(&watch->rows, pools[i], false) &&
		    probes->count < LIMIT_PROBE_POINTS &&
		    cache_rows_add(&watch->rows, context->target, pools[i], false,
				   &probes->points[probes->count]))
			probes->count++;
}

static int load(struct cache_watch *watch, const struct collect_context *context)
{
	const struct text_list *globs = &watch->settings->globs;
	int error = probe_check();

	watch->plan = calloc(1, sizeof(*watch->plan));
	if (!watch->plan)
		return diag_fail(-ENOMEM, "out of memory");
	if (error == 0)
		error = target_plan_caches(context->target, globs->texts, globs->count,
					   watch->plan);
	if (error < 0)
		return error;
	cache_rows_begin(&watch->rows, watch->plan);
	add_pools(watch, context);
	if (!watch->plan->probes.count)
		return diag_fail(-ENOTSUP, "there is nothing to be counted");
	if (clock_getcpuclockid(context->pid, &watch->cpu) != 0)
		return diag_fail(-ESRCH, "the CPU time of process %d cannot be read", context->pid);
	return cache_probe_open(context->pid, &watch->plan->probes, &watch->probe);
}

static int start(struct cache_watch *watch, const struct collect_context *context)
{
	uint64_t hits = watch->statistics.hits;
	int error = cache_probe_attach(watch->probe);
	double hits_per_s;

	if (error < 0)
		return error;
	watch->off_cpu_ns = clock_ns(watch->cpu);
	hits_per_s = count_for(watch, context, FIRST_WINDOW_NS);
	if (!watch->opened)
		watch->unseen_s = 0; /* calls are those since now */
	if (fits(watch, context, hits_per_s)) {
		begin_counting(watch);
	} else if (!cache_probe_is_one_link(watch->probe)) {
		take_off(watch, context);
		go_away(watch, context, hits_per_s);
	} else {
		end_window(watch, context);
		begin_bursts(watch, context, hits_per_s, watch->statistics.hits - hits);
	}
	return 0;
}

/* What the user asked for by name is said where it is missed, not only on the screen of caches. */
static void warn_of_globs(const struct cache_watch *watch)
{
	if (watch->plan && watch->plan->note)
		diag_warn("--cache: %s", watch->plan->note);
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
	diag_capture(reason, sizeof(reason));
	if (!watch->probe)
		error = load(watch, context);
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
	    leash_too_dear(&watch->leash, now_ns, watch->statistics.hits, context->budget_percent,
			   context->trap_ns, &hits_per_s))
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

	if (!watch->probe)
		return;
	diag_capture(reason, sizeof(reason));
	if (watch->state == CACHE_COUNTING)
		look(watch, context);
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

static double take_unseen(struct cache_watch *watch)
{
	double unseen_s = watch->unseen_s;
	int64_t now_ns;

	watch->unseen_s = 0;
	if (watch->state == CACHE_COUNTING)
		return unseen_s;
	now_ns = clock_ns(watch->cpu);
	unseen_s += (double)(now_ns - watch->off_cpu_ns) * 1e-9;
	watch->off_cpu_ns = now_ns;
	return unseen_s;
}

static int fill_rows(struct cache_watch *watch, const struct collect_context *context,
		     struct snapshot *snapshot, uint64_t *hits)
{
	bool counted = watch->state == CACHE_COUNTING || watch->state == CACHE_BURSTS;
	int error;

	if (watch->state == CACHE_COUNTING)
		look(watch, context);
	error = cache_rows_fill(&watch->rows, &watch->windows, take_unseen(watch),
				watch->opened && counted, snapshot);
	watch->opened = counted;
	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += watch->statistics.losses[i];
	if (counted)
		snapshot->cost.probes = (snapshot->cost.probes > 0 ? snapshot->cost.probes : 0) +
					(int64_t)watch->plan->probes.count;
	*hits += watch->statistics.hits;
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
	if (watch->probe)
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
