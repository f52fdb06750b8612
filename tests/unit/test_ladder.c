/* Which collector the budget allows, and when another is taken. */
#include "harness/test.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "cmd/collector.h"
#include "cmd/watch.h"
#include "limits.h"
#include "model/governor.h"
#include "model/ladder.h"

#define SECOND_NS 1000000000LL

static struct ladder_load load_of(double allocs_per_s, double object_bytes, double trap_ns,
				  bool sampler_on)
{
	struct ladder_load load = {
		.allocs_per_s = allocs_per_s,
		.alloc_bytes_per_s = allocs_per_s * object_bytes,
		.trap_ns = trap_ns,
		.sampler_on = sampler_on,
		.rate_bytes = sampler_on ? 524288 : 0,
	};

	for (int rung = 0; rung < RUNG_COUNT; rung++)
		load.possible[rung] = true;
	return load;
}

/* The rung that is taken at once, without a history. */
static enum rung first_choice(const struct ladder_rules *rules, const struct ladder_load *load)
{
	struct ladder_turn turn = { .now_ns = SECOND_NS, .period_s = 0.25, .load = *load };
	char reason[GOVERNOR_REASON_BYTES];
	struct ladder ladder;
	enum rung to;

	ladder_init(&ladder, rules, ladder_start(rules, load->sampler_on));
	for (int i = 0; i < 3 && ladder_turn(&ladder, &turn, &to, reason); i++) {
		CHECK(*reason);
		ladder_step(&ladder, to, turn.now_ns);
		turn.now_ns += SECOND_NS / 4;
	}
	return ladder.now;
}

TEST("auto takes the richest collector that the budget allows, at many rates, budgets and prices")
{
	static const struct {
		double allocs_per_s, object_bytes, trap_ns, budget_percent;
		bool sampler_on;
		enum rung expected;
	} rows[] = {
		/* with the sampler on: 2 traps per 512 KiB, half of the budget, 70 % to come */
		{ 0, 0, 1000, 1, true, RUNG_SAMPLER },
		{ 1e3, 100, 1000, 1, true, RUNG_SAMPLER },
		{ 20e6, 64, 1000, 1, true, RUNG_LIST },	   /* 4,883 hits/s, 0.49 of 0.35 % */
		{ 20e6, 64, 500, 1, true, RUNG_SAMPLER },  /* 0.24 % */
		{ 20e6, 64, 1000, 2, true, RUNG_SAMPLER }, /* 0.49 of 0.7 % */
		{ 20e6, 64, 5500, 1, true, RUNG_LIST },
		{ 20e6, 64, 5500, 10, true, RUNG_SAMPLER }, /* 2.7 of 3.5 % */
		{ 1e3, 100, 1000, 0, true, RUNG_LIST },
		{ 1e3, 100, INFINITY, 1, true, RUNG_LIST },
		{ 1e3, 1e6, 1000, 0.1, true, RUNG_LIST },  /* each is sampled: 0.2 % */
		{ 1e3, 1e6, 1000, 1, true, RUNG_SAMPLER }, /* but once */
		{ 1e6, 8, 1000, 100, true, RUNG_SAMPLER },
		/* with the sampler off: 1.1 traps per object, half of what is left to come */
		{ 0, 0, 1000, 1, false, RUNG_EXACT },
		{ 1e3, 100, 1000, 1, false, RUNG_EXACT }, /* 0.11 of 0.375 % */
		{ 4e3, 100, 1000, 1, false, RUNG_BURST }, /* 0.44 */
		{ 4e3, 100, 500, 1, false, RUNG_EXACT },
		{ 4e3, 100, 1000, 2, false, RUNG_EXACT }, /* 0.44 of 0.75 */
		{ 20e6, 64, 1000, 1, false, RUNG_BURST },
		{ 20e6, 64, 1000, 100, false, RUNG_BURST },
		{ 1e5, 64, 1000, 100, false, RUNG_EXACT }, /* 11 of 37.5 % */
		{ 0, 0, 1000, 0, false, RUNG_COUNTERS },
		{ 20e6, 64, 1000, 0, false, RUNG_COUNTERS },
		{ 1e3, 100, INFINITY, 1, false, RUNG_COUNTERS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ladder_rules rules = { .budget_percent = rows[i].budget_percent,
					      .taken_share = GOVERNOR_GC_SHARE,
					      .ceiling = RUNG_COUNT };
		struct ladder_load load = load_of(rows[i].allocs_per_s, rows[i].object_bytes,
						  rows[i].trap_ns, rows[i].sampler_on);
		enum rung chosen = first_choice(&rules, &load);

		if (chosen != rows[i].expected)
			test_fail(__FILE__, __LINE__, "row %zu: %s, not %s", i, rung_name(chosen),
				  rung_name(rows[i].expected));
	}
}

TEST("over many rates, budgets and prices no rung is taken whose prediction exceeds its part")
{
	for (double rate = 1; rate < 1e9; rate *= 7)
		for (double budget = 0.001; budget <= 100; budget *= 3)
			for (double trap = 100; trap < 30000; trap *= 2)
				for (int on = 0; on < 2; on++) {
					struct ladder_rules rules = { .budget_percent = budget,
								      .taken_share = 0.5,
								      .ceiling = RUNG_COUNT };
					struct ladder_load load = load_of(rate, 64, trap, on);
					enum rung rung = first_choice(&rules, &load);
					struct rung_price price = ladder_price(rung, &rules, &load);

					CHECK(price.percent <= price.allowed_percent * 1.000001);
					CHECK(price.allowed_percent <= 0.5 * budget);
				}
}

TEST("a mode that was asked for is a ceiling: below it is what says the same less well")
{
	enum rung order[RUNG_COUNT];
	struct ladder_rules rules = { .budget_percent = 1, .ceiling = RUNG_EXACT };

	CHECK_INT(ladder_preferences(&rules, true, order), 3);
	CHECK_INT(order[0], RUNG_EXACT);
	CHECK_INT(order[1], RUNG_BURST);
	CHECK_INT(order[2], RUNG_LIST);
	CHECK_INT(ladder_preferences(&rules, false, order), 3);
	CHECK_INT(order[2], RUNG_COUNTERS);
	rules.ceiling = RUNG_SAMPLER;
	CHECK_INT(ladder_preferences(&rules, false, order), 2);
	CHECK_INT(order[1], RUNG_LIST);
	rules.ceiling = RUNG_BURST;
	CHECK_INT(ladder_preferences(&rules, true, order), 2);
	CHECK_INT(order[1], RUNG_COUNTERS);
	rules.ceiling = RUNG_COUNTERS;
	CHECK_INT(ladder_preferences(&rules, true, order), 1);
	CHECK_INT(order[0], RUNG_COUNTERS);
}

TEST("the first snapshot is of what attaches nothing, but where exact was asked for by name")
{
	struct ladder_rules rules = { .budget_percent = 1, .ceiling = RUNG_COUNT };

	CHECK_INT(ladder_start(&rules, true), RUNG_LIST);
	CHECK_INT(ladder_start(&rules, false), RUNG_BURST);
	rules.budget_percent = 0;
	CHECK_INT(ladder_start(&rules, true), RUNG_LIST);
	CHECK_INT(ladder_start(&rules, false), RUNG_COUNTERS);
	rules.ceiling = RUNG_EXACT;
	CHECK_INT(ladder_start(&rules, true), RUNG_EXACT);
	rules.ceiling = RUNG_SAMPLER;
	CHECK_INT(ladder_start(&rules, true), RUNG_LIST);
}

TEST("exact probes are not for more sites than their table holds")
{
	struct ladder_rules rules = { .budget_percent = 1, .ceiling = RUNG_COUNT };
	struct ladder_load load = load_of(10, 64, 1000, false);

	load.sites = LIMIT_EXACT_SITES + 1;
	CHECK_INT(first_choice(&rules, &load), RUNG_BURST);
}

TEST("every collector is a rung of its name, and all shares together are no more than the budget")
{
	double shares = GOVERNOR_SAMPLER_SHARE;

	for (size_t i = 0; collectors[i]; i++)
		CHECK(rung_find(collectors[i]->name) != RUNG_COUNT);
	for (size_t i = 0; watches[i]; i++) {
		CHECK(watches[i]->share >= 0);
		CHECK(watches[i]->name != NULL);
		shares += watches[i]->share;
	}
	CHECK(shares <= 1.000001);
	CHECK_NEAR(GOVERNOR_SAMPLER_SHARE + GOVERNOR_GC_SHARE + GOVERNOR_TYPES_SHARE +
			   GOVERNOR_CACHE_SHARE,
		   1, 1e-9);
}

TEST("whatever the watches take, collector and watches together stay within the budget")
{
	struct ladder_load load = load_of(1e6, 64, 1000, true);

	for (double taken = 0; taken <= 1.05; taken += 0.05)
		for (int rung = 0; rung < RUNG_COUNT; rung++) {
			struct ladder_rules rules = { .budget_percent = 1, .taken_share = taken };
			struct rung_price price = ladder_price((enum rung)rung, &rules, &load);

			CHECK(price.allowed_percent >= 0);
			CHECK(price.allowed_percent + fmin(taken, 1) <= 1.000001);
		}
}

/* A program under a ladder: its hits follow from its allocations while probes are there. */
struct world {
	struct ladder ladder;
	int64_t now_ns;
	double period_s, trap_ns, object_bytes;
	bool sampler_on;
	double spent_ns;
	unsigned int steps;
	char reason[GOVERNOR_REASON_BYTES];
};

static struct world begin(double budget_percent, bool sampler_on)
{
	struct ladder_rules rules = { .budget_percent = budget_percent,
				      .taken_share = GOVERNOR_GC_SHARE,
				      .ceiling = RUNG_COUNT };
	struct world world = { .now_ns = SECOND_NS,
			       .period_s = 0.25,
			       .trap_ns = 1000,
			       .object_bytes = 64,
			       .sampler_on = sampler_on };

	ladder_init(&world.ladder, &rules, ladder_start(&rules, sampler_on));
	return world;
}

static void live(struct world *world, double allocs_per_s)
{
	struct ladder_turn turn = {
		.period_s = world->period_s,
		.load = load_of(allocs_per_s, world->object_bytes, world->trap_ns,
				world->sampler_on),
	};
	struct rung_price price = ladder_price(world->ladder.now, &world->ladder.rules, &turn.load);
	enum rung to;

	turn.hits = price.hits_per_s * world->period_s;
	world->spent_ns += turn.hits * price.hit_ns;
	world->now_ns += (int64_t)(world->period_s * 1e9);
	turn.now_ns = world->now_ns;
	if (!ladder_turn(&world->ladder, &turn, &to, world->reason))
		return;
	ladder_step(&world->ladder, to, turn.now_ns);
	world->steps++;
}

TEST("a load that is there to stay ends the probes within two turns, and they come back after it")
{
	struct world world = begin(1, true);
	int turns = 0;

	for (int i = 0; i < 100; i++)
		live(&world, 1000);
	CHECK_INT(world.ladder.now, RUNG_SAMPLER);
	CHECK_INT(world.steps, 1);
	while (world.ladder.now == RUNG_SAMPLER && turns++ < 10)
		live(&world, 100e6);
	CHECK(turns <= 2);
	CHECK(strstr(world.reason, "sampler") && strstr(world.reason, "budget"));
	for (int i = 0; i < 100; i++)
		live(&world, 100e6);
	CHECK_INT(world.steps, 2);
	for (int i = 0; i < 100 && world.ladder.now != RUNG_SAMPLER; i++)
		live(&world, 1000);
	CHECK_INT(world.ladder.now, RUNG_SAMPLER);
	CHECK_INT(world.steps, 3);
}

TEST("exact probes leave at the first turn of a burst, and what they overdrew is paid back before")
{
	struct world world = begin(1, false);
	double paid;

	live(&world, 10);
	CHECK_INT(world.ladder.now, RUNG_EXACT);
	world.period_s = 0.05;
	live(&world, 1e6);
	CHECK_INT(world.ladder.now, RUNG_BURST);
	world.period_s = 0.25;
	paid = world.ladder.credit_ns;
	CHECK(paid < 0);
	while (world.ladder.now != RUNG_EXACT && world.now_ns < 1000 * SECOND_NS)
		live(&world, 10);
	CHECK_INT(world.ladder.now, RUNG_EXACT);
	CHECK(world.spent_ns <= 0.0075 * (double)world.now_ns);
}

TEST("a noisy rate at the limit for 10,000 turns makes few steps, and keeps the budget")
{
	static const double limits[] = { 0.7, 0.85, 1.0, 1.2 };

	for (int on = 0; on < 2; on++)
		for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
			struct world world = begin(1, on);
			/* 0.5 % of the sampler's, 0.75 % of exact hits at 1.1 us */
			double at_limit =
				limits[i] * (on ? 2500.0 * 524288 / 64 : 7500 / EXACT_SITE_FACTOR);
			double seconds, allowed = on ? 0.005 : 0.0075;

			srand48(4711);
			for (int turn = 0; turn < 10000; turn++)
				live(&world, at_limit * (0.5 + drand48()));
			seconds = (double)(world.now_ns - SECOND_NS) * 1e-9;
			if (world.steps > 40)
				test_fail(__FILE__, __LINE__, "%u steps at %g of the limit",
					  world.steps, limits[i]);
			CHECK(world.spent_ns <=
			      allowed * seconds * 1e9 + 2 * at_limit * world.period_s * 1100);
		}
}

TEST("deaths that come in batches are paid out of what was saved")
{
	struct world world = begin(1, true);
	struct ladder_turn turn = { .period_s = 0.25, .load = load_of(10e6, 64, 1000, true) };
	char reason[GOVERNOR_REASON_BYTES];
	enum rung to;

	live(&world, 10e6); /* 1221 births/s */
	CHECK_INT(world.ladder.now, RUNG_SAMPLER);
	for (int i = 0; i < 400; i++) {
		turn.now_ns = world.now_ns += SECOND_NS / 4;
		turn.hits = 305 + (i % 20 == 19 ? 20 * 305 : 0); /* a collection in 5 s */
		CHECK(!ladder_turn(&world.ladder, &turn, &to, reason));
	}
}

TEST("a program that turns its sampler off gets what is there without it")
{
	struct world world = begin(1, true);

	live(&world, 100);
	CHECK_INT(world.ladder.now, RUNG_SAMPLER);
	world.sampler_on = false;
	live(&world, 100);
	CHECK_INT(world.ladder.now, RUNG_EXACT);
	CHECK(strstr(world.reason, "turned its sampler off") != NULL);
	world.sampler_on = true;
	live(&world, 100);
	CHECK_INT(world.ladder.now, RUNG_SAMPLER);
}

TEST("with a mode at any price nothing is changed")
{
	struct world world = begin(1, false);

	world.ladder.rules.ceiling = RUNG_EXACT;
	world.ladder.rules.pinned = true;
	world.ladder.now = RUNG_EXACT;
	for (int i = 0; i < 100; i++)
		live(&world, 20e6);
	CHECK_INT(world.steps, 0);
	CHECK_INT(world.ladder.now, RUNG_EXACT);
}

TEST("what was overdrawn is taken off the next share, down to a tenth")
{
	struct world world = begin(1, false);
	struct ladder_load load = load_of(1e6, 64, 1000, false);

	CHECK_NEAR(ladder_share(&world.ladder, &load), 0.75, 1e-9);
	world.ladder.credit_ns = -0.25e7;
	CHECK_NEAR(ladder_share(&world.ladder, &load), 0.5, 1e-9);
	world.ladder.credit_ns = -1e9;
	CHECK_NEAR(ladder_share(&world.ladder, &load), 0.075, 1e-9);
}

TEST("of the steps of an interval the newest are kept, and all are counted")
{
	struct governor_state state;
	struct governor_step step = { .from = "list", .to = "sampler" };

	governor_state_init(&state);
	for (int i = 0; i < GOVERNOR_STEPS + 3; i++) {
		step.time_unix_ns = i;
		governor_state_add_step(&state, &step);
	}
	CHECK_INT(state.steps, GOVERNOR_STEPS + 3);
	CHECK_INT(state.step_count, GOVERNOR_STEPS);
	CHECK_INT(state.interval_steps[0].time_unix_ns, 3);
	CHECK_INT(state.last.time_unix_ns, GOVERNOR_STEPS + 2);
	governor_state_next(&state);
	CHECK_INT(state.step_count, 0);
	CHECK_INT(state.last.time_unix_ns, GOVERNOR_STEPS + 2);
}
