/* The ladder's rungs made collectors, and its decisions done. */
#include "cmd/choice.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"

static const struct collector *collector_of(enum rung rung)
{
	const char *name = rung_name(rung == RUNG_LIST ? RUNG_SAMPLER : rung);

	for (size_t i = 0; collectors[i]; i++)
		if (!strcmp(collectors[i]->name, name))
			return collectors[i];
	return NULL;
}

static void look_at_sampler(struct choice *choice, struct target *target)
{
	double rate = 0;

	choice->load.sampler_on = target_sampler(target, &rate) == SAMPLER_ON;
	choice->load.rate_bytes = choice->load.sampler_on ? rate : 0;
}

void choice_set_share(const struct choice *choice, struct collect_context *context)
{
	context->share_percent = ladder_share(&choice->ladder, &choice->load);
}

static void find_possible(struct choice *choice)
{
	for (int rung = 0; rung < RUNG_COUNT; rung++)
		choice->load.possible[rung] = collector_of((enum rung)rung) != NULL;
}

static void look_at_probes(struct choice *choice)
{
	if (choice->collector->can_probe)
		choice->load.possible[RUNG_SAMPLER] = choice->collector->can_probe(choice->state);
}

int choice_open(struct choice *choice, const struct settings *settings, double taken_share,
		struct collect_context *context)
{
	struct ladder_rules rules = {
		.budget_percent = settings->budget_percent,
		.taken_share = taken_share,
		.ceiling = settings->collector ? rung_find(settings->collector->name) : RUNG_COUNT,
	};
	const struct collector *collector;
	int error;

	rules.pinned = settings->force && rules.ceiling == RUNG_EXACT;
	rules.stacks = settings->stacks;
	*choice = (struct choice){ .to = RUNG_COUNT };
	governor_state_init(&choice->said);
	choice->said.steps = 0;
	choice->load.trap_ns = NAN;
	choice->load.allocs_per_s = choice->load.alloc_bytes_per_s = NAN;
	if (intern_new(&choice->texts) < 0)
		return diag_fail(-ENOMEM, "cannot observe");
	find_possible(choice);
	look_at_sampler(choice, context->target);
	ladder_init(&choice->ladder, &rules, ladder_start(&rules, choice->load.sampler_on));
	choice_set_share(choice, context);
	collector = collector_of(choice->ladder.now);
	error = collector->open(context, &choice->state);
	if (error < 0)
		return error;
	choice->collector = collector;
	look_at_probes(choice);
	diag_note("process %d: mode %s (%s)", context->pid, collector->name, collector->summary);
	return 0;
}

void choice_close(struct choice *choice)
{
	if (choice->collector)
		choice->collector->close(choice->state);
	choice->collector = NULL;
	intern_free(choice->texts);
	choice->texts = NULL;
}

bool choice_wants_probes(const struct choice *choice)
{
	enum rung order[RUNG_COUNT];
	size_t count = ladder_preferences(&choice->ladder.rules, choice->load.sampler_on, order);

	return (choice->ladder.rules.budget_percent > 0 || choice->ladder.rules.pinned) &&
	       count > 1 && choice->load.possible[order[count - 2]];
}

int64_t choice_period_ns(const struct choice *choice)
{
	return ladder_period_ns(choice->ladder.now);
}

void choice_begin(struct choice *choice, const struct counters *counters, int64_t now_ns)
{
	choice->counters = *counters;
	choice->turned_ns = now_ns;
}

static const char *interned(struct choice *choice, const char *text)
{
	return intern_string(choice->texts, text);
}

static void say_step(struct choice *choice, pid_t pid, enum rung to)
{
	struct governor_step step = {
		.time_unix_ns = clock_ns(CLOCK_REALTIME),
		.from = rung_name(choice->ladder.now),
		.to = rung_name(to),
	};

	memcpy(step.reason, choice->reason, sizeof(step.reason));
	governor_state_add_step(&choice->said, &step);
	diag_note("process %d: %s -> %s: %s", pid, step.from, step.to, step.reason);
}

static enum rung wanted(const struct choice *choice)
{
	enum rung order[RUNG_COUNT];
	size_t i = 0,
	       count = ladder_preferences(&choice->ladder.rules, choice->load.sampler_on, order);

	while (i + 1 < count && !choice->load.possible[order[i]])
		i++;
	return order[i];
}

static void arrive(struct choice *choice, struct collect_context *context, enum rung to)
{
	say_step(choice, context->pid, to);
	ladder_step(&choice->ladder, to, choice->turned_ns);
	choice_set_share(choice, context);
	choice->why = to == wanted(choice) ? NULL : interned(choice, choice->reason);
}

/* The rates since the last turn. */
static bool look(struct choice *choice, struct collect_context *context, struct ladder_turn *turn)
{
	struct counters counters;
	int64_t now_ns;

	if (target_counters(context->target, &counters) < 0)
		return false; /* the next snapshot will find out */
	now_ns = clock_ns(CLOCK_MONOTONIC);
	turn->now_ns = now_ns;
	turn->period_s = (double)(now_ns - choice->turned_ns) * 1e-9;
	choice->load.allocs_per_s =
		(double)(counters.memstats.mallocs - choice->counters.memstats.mallocs) /
		turn->period_s;
	choice->load.alloc_bytes_per_s =
		(double)(counters.memstats.total_alloc - choice->counters.memstats.total_alloc) /
		turn->period_s;
	choice->load.trap_ns = context->trap_ns;
	choice_begin(choice, &counters, now_ns);
	look_at_sampler(choice, context->target);
	return true;
}

static uint64_t hits_of_turn(struct choice *choice)
{
	uint64_t before = choice->turn_hits;

	if (choice->collector->hits)
		choice->turn_hits = choice->collector->hits(choice->state);
	return choice->turn_hits - before;
}

/* True when `to` is a way of the collector of now. */
static bool goes_on(struct choice *choice, struct collect_context *context, enum rung to)
{
	if (collector_of(to) != choice->collector)
		return false;
	if (choice->collector->probe &&
	    choice->collector->probe(choice->state, context, to == RUNG_SAMPLER) < 0) {
		look_at_probes(choice);
		return true;
	}
	arrive(choice, context, to);
	return true;
}

bool choice_turn(struct choice *choice, struct collect_context *context)
{
	struct ladder_turn turn = { 0 };
	enum rung to;

	if (choice_is_due(choice))
		return true;
	if (!choice->turned_ns || !look(choice, context, &turn))
		return false;
	turn.hits = (double)hits_of_turn(choice);
	turn.load = choice->load;
	if (ladder_turn(&choice->ladder, &turn, &to, choice->reason)) {
		if (!goes_on(choice, context, to))
			choice->to = to;
	} else if (!choice->looked && choice->ladder.now != wanted(choice)) {
		ladder_refusal(&choice->ladder, &choice->load, wanted(choice), choice->reason);
		choice->why = interned(choice, choice->reason);
	}
	choice->looked = true;
	return choice_is_due(choice);
}

/* What was counted stays counted. */
static void leave(struct choice *choice)
{
	choice->hits_before += choice->hits;
	for (int i = 0; i < LOSS_COUNT; i++)
		choice->losses_before[i] += choice->losses[i];
	memset(choice->losses, 0, sizeof(choice->losses));
	choice->hits = choice->turn_hits = 0;
	choice->collector->close(choice->state);
}

static int enter(struct choice *choice, struct collect_context *context, enum rung to)
{
	const struct collector *collector = collector_of(to);
	char reason[400] = "";
	void *state;
	int error;

	context->priced = true;
	diag_capture(reason, sizeof(reason));
	error = collector->open(context, &state);
	diag_release();
	if (error < 0) {
		choice->load.possible[to] = false;
		diag_note("process %d: mode %s is not possible: %s", context->pid, rung_name(to),
			  reason);
		return error;
	}
	leave(choice);
	choice->collector = collector;
	choice->state = state;
	choice->begun = false;
	look_at_probes(choice);
	arrive(choice, context, to);
	return 0;
}

void choice_change(struct choice *choice, struct collect_context *context)
{
	enum rung order[RUNG_COUNT], to = choice->to;
	size_t count;

	choice->to = RUNG_COUNT;
	if (to == RUNG_COUNT || enter(choice, context, to) == 0 || to > choice->ladder.now)
		return;
	count = ladder_preferences(&choice->ladder.rules, choice->load.sampler_on, order);
	enter(choice, context, order[count - 1]);
}

/* One line: why it is not what was wanted, and what the collector has to say itself. */
static const char *note_of(struct choice *choice, const char *note)
{
	char text[2 * GOVERNOR_REASON_BYTES];

	if (!choice->why || (note && !choice->said.steps && !choice->ladder.stepped_ns))
		return note ? interned(choice, note) : NULL;
	snprintf(text, sizeof(text), "%s, not %s: %s%s%s", rung_name(choice->ladder.now),
		 rung_name(wanted(choice)), choice->why, note ? "; " : "", note ? note : "");
	return interned(choice, text);
}

static void fill_state(struct choice *choice, struct snapshot *snapshot)
{
	const struct ladder *ladder = &choice->ladder;
	struct ladder_load load = choice->load;
	struct rung_price now, want;

	load.allocs_per_s = ladder->allocs_per_s;
	load.alloc_bytes_per_s = ladder->alloc_bytes_per_s;
	now = ladder_price(ladder->now, &ladder->rules, &load);
	want = ladder_price(wanted(choice), &ladder->rules, &load);
	if (!choice->begun)
		choice->said.since_s = snapshot->elapsed_s - snapshot->interval_s;
	choice->begun = true;
	choice->said.now = rung_name(ladder->now);
	choice->said.wanted = rung_name(wanted(choice));
	choice->said.budget_percent = ladder->rules.budget_percent;
	choice->said.predicted_percent = now.percent;
	choice->said.wanted_percent = want.percent;
	snapshot->governor = choice->said;
	governor_state_next(&choice->said);
}

static double allowed_percent(const struct choice *choice)
{
	return ladder_price(choice->ladder.now, &choice->ladder.rules, &choice->load)
		.allowed_percent;
}

static double spent_percent(const struct choice *choice, uint64_t hits, double interval_s)
{
	struct rung_price price =
		ladder_price(choice->ladder.now, &choice->ladder.rules, &choice->load);

	if (!(interval_s > 0))
		return NAN;
	return hits ? (double)hits / interval_s * price.hit_ns * 1e-7 : 0;
}

int choice_collect(struct choice *choice, const struct collect_context *context,
		   struct snapshot *snapshot, uint64_t *ret_hits)
{
	uint64_t losses[LOSS_COUNT], before = choice->hits;
	struct governor_group *group = &snapshot->governor.groups[0];
	int error;

	memcpy(losses, snapshot->losses, sizeof(losses));
	error = choice->collector->collect(choice->state, context, snapshot, &choice->hits);
	if (error < 0)
		return error;
	for (int i = 0; i < LOSS_COUNT; i++) {
		choice->losses[i] = snapshot->losses[i] - losses[i];
		snapshot->losses[i] += choice->losses_before[i];
	}
	snapshot->note = note_of(choice, snapshot->note);
	fill_state(choice, snapshot);
	*group = (struct governor_group){
		.name = choice->collector->name,
		.allowed_percent = allowed_percent(choice),
		.percent = spent_percent(choice, choice->hits - before, context->interval_s),
	};
	snapshot->governor.group_count = 1;
	*ret_hits = choice->hits_before + choice->hits;
	return 0;
}
