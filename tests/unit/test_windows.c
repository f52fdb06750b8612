/*
 * Estimates from windows against a simulated program of which every allocation is known: steady
 * ones and ones that come in runs, bursts and phases. An interval is right when it has the truth in
 * it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "model/calibration.h"
#include "model/profile.h"

static const struct stack no_stack;

#define SITES	  12
#define SLOTS	  8
#define SLOT_S	  0.125
#define INTERVALS 400
#define HITS	  60 /* of a window */

/* A program: what its sites are, and how often each allocates in each of two phases. */
static const struct {
	uint64_t object_bytes;
	bool has_pointers;
	double share[2];
} sites[SITES] = {
	{ 64, true, { 30, 10 } },  { 60, false, { 10, 30 } }, { 56, true, { 5, 5 } },
	{ 50, true, { 8, 2 } },	   { 128, true, { 10, 10 } }, { 120, false, { 10, 40 } },
	{ 115, true, { 5, 15 } },  { 8, false, { 10, 20 } },  { 3, false, { 10, 5 } },
	{ 16, false, { 10, 20 } }, { 50000, true, { 4, 8 } }, { 90000, true, { 6, 4 } },
};

struct pattern {
	const char *name;
	double rate[2]; /* allocations per second in each phase */
	double phase_s; /* mean length of a phase */
	double run;	/* mean number of allocations of one site in a row */
	double covered; /* of site-intervals, at least */
};

struct simulation {
	struct pattern pattern;
	uint64_t seed;
	struct profile *profile;
	struct snapshot snapshot;
	double time_s, phase_end_s;
	int phase, site; /* the site whose run it is */
	double run_left, block_left;
	/* of the interval */
	double objects[SITES], bytes[SITES];
	struct class_counts slots[SLOTS];
	struct exact_site seen[SLOTS * SITES];
	size_t seen_count;
	double begun[SITES];
};

static void simulation_end(struct simulation *simulation)
{
	profile_free(simulation->profile);
	snapshot_clear(&simulation->snapshot);
}

static double next_random(struct simulation *simulation)
{
	simulation->seed = simulation->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(simulation->seed >> 11) * 0x1p-53;
}

static double exponential(struct simulation *simulation, double mean)
{
	return -log(1 - next_random(simulation)) * mean;
}

static int choose_site(struct simulation *simulation)
{
	double sum = 0, at;

	for (int i = 0; i < SITES; i++)
		sum += sites[i].share[simulation->phase];
	at = next_random(simulation) * sum;
	for (int i = 0; i < SITES - 1; i++) {
		at -= sites[i].share[simulation->phase];
		if (at < 0)
			return i;
	}
	return SITES - 1;
}

/* The next allocation: advances the time. */
static int allocate(struct simulation *simulation)
{
	const struct pattern *pattern = &simulation->pattern;

	if (simulation->time_s >= simulation->phase_end_s) {
		simulation->phase = !simulation->phase;
		simulation->phase_end_s =
			simulation->time_s + exponential(simulation, pattern->phase_s);
		simulation->run_left = 0;
	}
	if (simulation->run_left < 1) {
		simulation->site = choose_site(simulation);
		simulation->run_left = 1 + floor(exponential(simulation, pattern->run - 1));
	}
	simulation->run_left--;
	simulation->time_s += 1 / pattern->rate[simulation->phase];
	return simulation->site;
}

static uint32_t class_of(int site)
{
	return class_of_allocation(sites[site].object_bytes, sites[site].has_pointers, true);
}

/* As the runtime counts it. */
static void count(struct simulation *simulation, int site, struct class_counts *counts)
{
	uint32_t class = class_of(site);
	uint64_t size = sites[site].object_bytes;

	simulation->objects[site]++;
	simulation->bytes[site] += class_object_bytes(class, size);
	counts->objects[class_counted(class)]++;
	if (class != CLASS_TINY) {
		counts->bytes[class] += class_object_bytes(class, size);
		return;
	}
	simulation->block_left -= class_object_bytes(class, size);
	if (simulation->block_left < 0) {
		counts->bytes[CLASS_OF_BLOCKS] += 16;
		simulation->block_left += 16;
	}
}

static void see(struct simulation *simulation, uint32_t slot, const uint64_t *hits)
{
	for (int i = 0; i < SITES; i++)
		if (hits[i])
			simulation->seen[simulation->seen_count++] =
				(struct exact_site){ .id = (uint64_t)i + 1,
						     .object_bytes = sites[i].object_bytes,
						     .stack = &no_stack,
						     .hits = hits[i],
						     .slot = slot,
						     .size_class = class_of(i) };
}

/* A slot with one window of HITS hits, at a random time; it may be cut at the slot's end. */
static void run_slot(struct simulation *simulation, uint32_t slot)
{
	double end_s = simulation->time_s + SLOT_S;
	double window_s = simulation->time_s + next_random(simulation) * SLOT_S * 0.9;
	uint64_t hits[SITES] = { 0 };
	int seen = 0;

	while (simulation->time_s < end_s) {
		bool open = simulation->time_s >= window_s && seen < HITS;
		int site = allocate(simulation);

		count(simulation, site, &simulation->slots[slot]);
		hits[site] += open;
		seen += open;
	}
	see(simulation, slot, hits);
}

static void run_interval(struct simulation *simulation)
{
	const struct window_interval interval = { .slots = simulation->slots, .slot_count = SLOTS };

	memset(simulation->slots, 0, sizeof(simulation->slots));
	memset(simulation->objects, 0, sizeof(simulation->objects));
	memset(simulation->bytes, 0, sizeof(simulation->bytes));
	simulation->seen_count = 0;
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		run_slot(simulation, slot);
	for (int i = 0; i < SITES; i++)
		simulation->begun[i] += simulation->objects[i];
	snapshot_clear(&simulation->snapshot);
	CHECK_INT(profile_from_windows(simulation->profile, simulation->seen,
				       simulation->seen_count, &interval, &simulation->snapshot),
		  0);
}

static bool covers(double value, double variance, double truth)
{
	struct interval bounds = amount_interval(value, variance);

	/* sums of doubles */
	return bounds.low <= truth * (1 + 1e-9) && truth <= bounds.high * (1 + 1e-9);
}

struct coverage {
	double asked, objects, bytes; /* site-intervals: all, and those that were right */
	double width;		      /* sum of the bounds' widths against the truth */
};

static void ask(const struct simulation *simulation, struct coverage *coverage)
{
	for (size_t i = 0; i < simulation->snapshot.record_count; i++) {
		const struct record *record = &simulation->snapshot.records[i];
		const struct amount *amount = &record->interval;
		struct interval bounds = amount_interval(amount->objects, amount->objects_variance);
		double truth;

		if (record->id > SITES || !simulation->objects[record->id - 1])
			continue;
		truth = simulation->objects[record->id - 1];
		coverage->asked++;
		coverage->objects += covers(amount->objects, amount->objects_variance, truth);
		coverage->bytes += covers(amount->bytes, amount->bytes_variance,
					  simulation->bytes[record->id - 1]);
		coverage->width += (bounds.high - bounds.low) / truth;
	}
}

static void check_sums(const struct simulation *simulation)
{
	double objects = 0, bytes = 0, counted = 0, counted_bytes = 0;

	for (size_t i = 0; i < simulation->snapshot.record_count; i++) {
		objects += simulation->snapshot.records[i].interval.objects;
		bytes += simulation->snapshot.records[i].interval.bytes;
	}
	for (int slot = 0; slot < SLOTS; slot++) {
		const struct class_counts *counts = &simulation->slots[slot];

		for (int class = 0; class < SIZE_CLASSES; class ++) {
			counted += counts->objects[class];
			counted_bytes += counts->bytes[class];
		}
	}
	CHECK_NEAR(objects / counted, 1, 1e-9);
	CHECK_NEAR(bytes / counted_bytes, 1, 1e-9);
}

static void check_pattern(const struct pattern *pattern)
{
	CLEANUP(simulation_end) struct simulation simulation = { .pattern = *pattern, .seed = 1 };
	struct coverage coverage = { 0 };

	snapshot_init(&simulation.snapshot);
	CHECK_INT(profile_new(&simulation.profile), 0);
	for (int i = 0; i < INTERVALS; i++) {
		run_interval(&simulation);
		check_sums(&simulation);
		ask(&simulation, &coverage);
	}
	printf("# %s: %.2f %% of objects, %.2f %% of bytes, width %.0f %%\n", pattern->name,
	       coverage.objects / coverage.asked * 100, coverage.bytes / coverage.asked * 100,
	       coverage.width / coverage.asked * 100);
	CHECK(coverage.asked > 0.98 * INTERVALS * SITES);
	CHECK(coverage.objects >= pattern->covered * coverage.asked);
	CHECK(coverage.bytes >= pattern->covered * coverage.asked);
}

TEST("95 % intervals from windows have the truth in them: steady, in runs, bursts and phases")
{
	static const struct pattern patterns[] = {
		{ "steady", { 20000, 20000 }, 1e9, 1, 0.95 },
		{ "runs of 5", { 20000, 20000 }, 1e9, 5, 0.95 },
		{ "runs of 20", { 20000, 20000 }, 1e9, 20, 0.95 },
		{ "phases of 2 ms", { 20000, 20000 }, 0.002, 1, 0.95 },
		{ "phases of 20 ms", { 20000, 20000 }, 0.02, 1, 0.95 },
		{ "phases of 2 s", { 20000, 20000 }, 2, 1, 0.95 },
		{ "phases of 0.5 s, three times as fast", { 10000, 30000 }, 0.5, 1, 0.95 },
		/* what changes faster than slots do is seen as often as it lasts, not as it
		   allocates */
		{ "phases of 20 ms, three times as fast", { 10000, 30000 }, 0.02, 1, 0.93 },
		{ "bursts of 10 ms, ten times as fast", { 4000, 40000 }, 0.01, 5, 0.95 },
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		check_pattern(&patterns[i]);
}

TEST("a class that no window has seen is a record of its own, and tiny objects have what is left "
     "of blocks")
{
	CLEANUP(simulation_end) struct simulation simulation = { 0 };
	struct class_counts slot = {
		.objects = { [0] = 2, [2] = 90, [6] = 100, [8] = 30 },
		.bytes = { [0] = 200000, [2] = 50 * 16, [6] = 6400, [8] = 30 * 96 },
	};
	struct exact_site seen[] = {
		{ .id = 1, .object_bytes = 60, .stack = &no_stack, .hits = 10, .size_class = 6 },
		{ .id = 2,
		  .object_bytes = 8,
		  .stack = &no_stack,
		  .hits = 8,
		  .size_class = CLASS_TINY },
		{ .id = 3, .object_bytes = 16, .stack = &no_stack, .hits = 1, .size_class = 2 },
	};
	const struct window_interval interval = { .slots = &slot, .slot_count = 1 };
	const struct record *records;

	snapshot_init(&simulation.snapshot);
	CHECK_INT(profile_new(&simulation.profile), 0);
	CHECK_INT(
		profile_from_windows(simulation.profile, seen, 3, &interval, &simulation.snapshot),
		0);
	CHECK_INT(simulation.snapshot.record_count, 4);
	records = simulation.snapshot.records;
	CHECK_NEAR(records[0].interval.objects, 100, 1e-9);
	CHECK_NEAR(records[0].interval.bytes, 6400, 1e-9);
	CHECK_NEAR(records[1].interval.objects, 80, 1e-9); /* 8 of 9 hits */
	CHECK_NEAR(records[1].interval.bytes, 640, 1e-9);
	CHECK_NEAR(records[2].interval.objects, 10, 1e-9);
	CHECK_NEAR(records[2].interval.bytes, 160, 1e-9);
	CHECK_STRING(records[3].type, windows_not_seen);
	CHECK_NEAR(records[3].interval.objects, 32, 0);
	CHECK_NEAR(records[3].interval.bytes, 200000 + 30 * 96, 0);
}

TEST("a window that was open all the time is exact, class by class")
{
	CLEANUP(simulation_end) struct simulation simulation = { 0 };
	struct class_counts slot = { .objects = { [6] = 40 } };
	struct exact_site seen[] = {
		{ .id = 1, .object_bytes = 60, .stack = &no_stack, .hits = 30, .size_class = 6 },
		{ .id = 2, .object_bytes = 60, .stack = &no_stack, .hits = 10, .size_class = 6 },
	};
	const struct window_interval interval = { .slots = &slot, .slot_count = 1 };

	snapshot_init(&simulation.snapshot);
	CHECK_INT(profile_new(&simulation.profile), 0);
	CHECK_INT(
		profile_from_windows(simulation.profile, seen, 2, &interval, &simulation.snapshot),
		0);
	for (size_t i = 0; i < 2; i++) {
		CHECK_NEAR(simulation.snapshot.records[i].interval.objects, seen[i].hits, 0);
		CHECK_NEAR(simulation.snapshot.records[i].interval.objects_variance, 0, 0);
		CHECK_NEAR(simulation.snapshot.records[i].interval.bytes_variance, 0, 0);
	}
}

TEST("a site that was hit before and not now may have been missed, until it is forgotten")
{
	CLEANUP(simulation_end) struct simulation simulation = { 0 };
	struct class_counts slot = { .objects = { [6] = 1000 } };
	struct exact_site seen[] = {
		{ .id = 1, .object_bytes = 60, .stack = &no_stack, .hits = 30, .size_class = 6 },
		{ .id = 2, .object_bytes = 60, .stack = &no_stack, .hits = 1, .size_class = 6 },
	};
	const struct window_interval interval = { .slots = &slot, .slot_count = 1 };
	const struct amount *missed;

	snapshot_init(&simulation.snapshot);
	CHECK_INT(profile_new(&simulation.profile), 0);
	for (int i = 0; i < 100; i++) {
		CHECK_INT(profile_from_windows(simulation.profile, seen, i ? 1 : 2, &interval,
					       &simulation.snapshot),
			  0);
		missed = &simulation.snapshot.records[1].interval;
		if (i == 1)
			CHECK(missed->objects == 0 &&
			      amount_interval(0, missed->objects_variance).high > 100);
	}
	CHECK_NEAR(missed->objects_variance, 0, 0);
}
