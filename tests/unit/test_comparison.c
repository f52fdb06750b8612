/* Windows of programs that never ran: the same ones do not differ, changed ones do. */
#include "harness/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "judge/comparison.h"

DEFINE_CLEANUP(cleanup_comparison, struct comparison, comparison_free)

#define SITES 30

static uint64_t random_state;

static double uniform(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static uint64_t poisson(double mean)
{
	double product = uniform(), floor = exp(-mean);
	uint64_t count = 0;

	for (; product > floor; product *= uniform())
		count++;
	return count;
}

struct site_stack {
	uint32_t count;
	struct frame frames[1];
};

/* A service under load that wanders: allocation follows it at once, the heap is a sawtooth of its
 * collections, RSS keeps what the heap had at its peaks. */
struct program {
	double load, heap, rss, now_s;
	int64_t cycles, last_gc_ns, pause_ns[MEMSTATS_PAUSES], pause_end_ns[MEMSTATS_PAUSES];
	int64_t gc_cpu_ns, cpu_ns, pauses;
	double growth[SITES];
	double live; /* heap after a collection */
	char names[SITES][32];
	struct site_stack stacks[SITES];
};

static void program_begin(struct program *program)
{
	*program = (struct program){ .live = 50e6, .heap = 50e6, .rss = 100e6 };
	for (int i = 0; i < SITES; i++) {
		program->growth[i] = 1;
		snprintf(program->names[i], sizeof(program->names[i]), "main.site%d", i);
		program->stacks[i] = (struct site_stack){
			1, { { .function = program->names[i], .file = "main.go", .line = 1 } }
		};
	}
}

static void collect(struct program *program)
{
	uint32_t slot = (uint32_t)program->pauses++ % 8;

	program->heap = program->live * (1 + 0.02 * normal());
	program->cycles++;
	program->last_gc_ns = (int64_t)(program->now_s * 1e9) + 1000;
	program->gc_cpu_ns += (int64_t)(4e6 * (1 + 0.2 * normal()));
	program->cpu_ns = (int64_t)(program->now_s * 2e9) + 1000;
	program->pause_ns[slot] = (int64_t)(1e5 * exp(0.5 * normal()));
	program->pause_end_ns[slot] = program->last_gc_ns;
}

/* MemStats has the newest last. */
static void copy_pauses(const struct program *program, struct memstats *memstats)
{
	int64_t first = program->pauses > 8 ? program->pauses - 8 : 0;

	memstats->pause_count = (uint32_t)(program->pauses - first);
	for (int64_t i = first; i < program->pauses; i++) {
		memstats->pause_ns[i - first] = program->pause_ns[i % 8];
		memstats->pause_end_unix_ns[i - first] = program->pause_end_ns[i % 8];
	}
}

static double run_sites(struct program *program, double load, struct record *records)
{
	double bytes = 0;

	for (int i = 0; i < SITES; i++) {
		double mean = load * program->growth[i] * 8 / (1 + i);

		records[i] = (struct record){ .id = (uint64_t)i + 1,
					      .stack = (struct stack *)&program->stacks[i] };
		records[i].interval = amount_from_samples(poisson(mean), 4096, 524288);
		bytes += mean * 524288;
	}
	return bytes;
}

/* One interval of a second. */
static void program_next(struct program *program, struct record *records, struct snapshot *ret)
{
	double bytes, load;

	program->load = 0.7 * program->load + 0.7 * normal();
	load = fmax(0.1, 1 + 0.1 * program->load);
	program->now_s++;
	snapshot_init(ret);
	bytes = run_sites(program, load, records);
	program->heap += bytes;
	if (program->heap > 2 * program->live)
		collect(program);
	program->rss = fmax(0.999 * program->rss, 1.3 * program->heap);
	ret->time_unix_ns = (int64_t)(program->now_s * 1e9);
	ret->interval_s = 1;
	ret->pid = 7;
	ret->comm = "service";
	ret->go_version = "go1.23.5";
	ret->mode = MODE_SAMPLER;
	ret->heap.alloc_bytes_per_s = bytes;
	ret->heap.allocs_per_s = bytes / 100;
	ret->heap.inuse_bytes = (int64_t)program->heap;
	ret->rss.total_bytes = (int64_t)program->rss;
	ret->goroutines = 20 + (int64_t)(uniform() * 3);
	ret->gc.cycles = program->cycles;
	ret->memstats.last_gc = program->last_gc_ns;
	ret->gc_cpu.gc_total_ns = program->gc_cpu_ns;
	ret->gc_cpu.total_ns = program->cpu_ns;
	copy_pauses(program, &ret->memstats);
	ret->records = records;
	ret->record_count = SITES;
}

static void run_window(struct program *program, int length, int side, struct comparison *comparison)
{
	struct record records[SITES];
	struct snapshot snapshot;

	for (int i = 0; i < length; i++) {
		program_next(program, records, &snapshot);
		if (comparison)
			CHECK_INT(comparison_add(comparison, side, &snapshot), 0);
	}
}

static size_t count_changes(const struct comparison *comparison, size_t *ret_totals)
{
	const struct compared_total *totals;
	const struct compared *rows;
	size_t count, changes = 0;

	totals = comparison_totals(comparison, &count);
	*ret_totals = 0;
	for (size_t i = 0; i < count; i++)
		*ret_totals += totals[i].change != CHANGE_SAME;
	rows = comparison_rows(comparison, &count);
	for (size_t i = 0; i < count; i++)
		changes += rows[i].change != CHANGE_SAME;
	return changes;
}

static bool windows_differ(struct program *program, int length, int between)
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	size_t rows, totals;

	CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, NULL, 0.01, &comparison),
		  0);
	run_window(program, length, BEFORE, comparison);
	run_window(program, between, BEFORE, NULL);
	run_window(program, length, AFTER, comparison);
	CHECK_INT(comparison_finish(comparison), 0);
	rows = count_changes(comparison, &totals);
	return rows + totals > 0;
}

TEST("of 300 pairs of windows of one steady program under wandering load at most 5 % differ")
{
	static const int lengths[] = { 12, 40, 120 };
	struct program program;
	int differ = 0;

	random_state = 42;
	program_begin(&program);
	run_window(&program, 200, BEFORE, NULL);
	for (int pair = 0; pair < 300; pair++)
		differ += windows_differ(&program, lengths[pair % 3], 60);
	if (differ > 15)
		test_fail(__FILE__, __LINE__, "%d of 300 pairs differ", differ);
}

static const struct compared *find_row(const struct comparison *comparison, const char *name)
{
	const struct compared *rows;
	size_t count;

	rows = comparison_rows(comparison, &count);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].row.name, name))
			return &rows[i];
	return NULL;
}

static const struct compared_total *find_total(const struct comparison *comparison,
					       const char *name)
{
	const struct compared_total *rows;
	size_t count;

	rows = comparison_totals(comparison, &count);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].total->name, name))
			return &rows[i];
	return NULL;
}

TEST("a program whose sites grow, shrink, come and go and whose heap doubles is found out")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	struct program program;
	const struct compared *row;

	random_state = 5;
	program_begin(&program);
	program.growth[3] = 0;
	CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, NULL, 0.01, &comparison),
		  0);
	run_window(&program, 200, BEFORE, NULL);
	run_window(&program, 120, BEFORE, comparison);
	program.growth[0] = 2;
	program.growth[1] = 0.3;
	program.growth[2] = 0;
	program.growth[3] = 1;
	program.live *= 3;
	run_window(&program, 200, AFTER, NULL);
	run_window(&program, 120, AFTER, comparison);
	CHECK_INT(comparison_finish(comparison), 0);
	row = find_row(comparison, "main.site0");
	CHECK_INT(row->change, CHANGE_GROWN);
	CHECK_NEAR(row->row.test.after.value / row->row.test.before.value, 2, 0.3);
	CHECK(row->row.test.bounds.low > 0 && row->p < 0.001 && row->p >= row->row.test.p);
	CHECK_INT(find_row(comparison, "main.site1")->change, CHANGE_SHRUNK);
	CHECK_INT(find_row(comparison, "main.site2")->change, CHANGE_GONE);
	CHECK_INT(find_row(comparison, "main.site3")->change, CHANGE_NEW);
	CHECK(find_row(comparison, "main.site3")->row.test.before.bounds.high > 0);
	CHECK_INT(find_row(comparison, "main.site9")->change, CHANGE_SAME);
	CHECK_INT(find_total(comparison, "rss")->change, CHANGE_GROWN);
	CHECK_INT(find_total(comparison, "gc_period")->change, CHANGE_GROWN);
	CHECK_NEAR(find_total(comparison, "goroutines")->p, 1, 0.9);
}

TEST("intervals cover the true value of a row's rate in about 95 of 100 windows")
{
	struct program program;
	int covered = 0;

	random_state = 9;
	program_begin(&program);
	for (int i = 0; i < 100; i++) {
		CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
		const struct measure_side *side;

		CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, NULL, 0.01,
					 &comparison),
			  0);
		run_window(&program, 40, BEFORE, comparison);
		run_window(&program, 40, AFTER, comparison);
		CHECK_INT(comparison_finish(comparison), 0);
		side = &find_row(comparison, "main.site1")->row.test.before;
		/* 4 samples a second stand for half a MiB each, and a little for their own size */
		covered += side->bounds.low <= 4 * 526339.0 && side->bounds.high >= 4 * 526339.0;
	}
	CHECK(covered >= 88);
}

TEST("per call, a program with twice the load has not changed; per second it has")
{
	static const char *const pers[] = { NULL, "main.serve" };

	for (int per = 0; per < 2; per++) {
		CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
		struct cache_function function = { .function = "main.serve" };
		struct record records[SITES];
		struct program program;
		size_t totals;

		random_state = 11;
		program_begin(&program);
		CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, pers[per], 0.01,
					 &comparison),
			  0);
		for (int i = 0; i < 120; i++) {
			int side = i >= 60;
			struct snapshot snapshot;
			double load = 1 + side + 0.2 * normal();

			snapshot_init(&snapshot);
			snapshot.time_unix_ns = i * 1000000000LL + 1;
			snapshot.interval_s = 1;
			snapshot.heap.alloc_bytes_per_s = load * 1e6;
			run_sites(&program, load, records);
			snapshot.records = records;
			snapshot.record_count = SITES;
			function.calls.interval.objects = load * 1000;
			amount_add(&function.allocated_calls, &function.calls.interval);
			snapshot.cache_group.functions = &function;
			snapshot.cache_group.function_count = 1;
			CHECK_INT(comparison_add(comparison, side, &snapshot), 0);
		}
		CHECK_INT(comparison_finish(comparison), 0);
		if (per) {
			CHECK_INT(count_changes(comparison, &totals), 0);
			CHECK_INT(totals, 0);
			CHECK_NEAR(find_total(comparison, "alloc_bytes")->test.before.value, 1000,
				   1e-6);
			CHECK_NEAR(comparison_side(comparison, AFTER)->calls, 120000, 6000);
		} else {
			CHECK(count_changes(comparison, &totals) > 0);
			CHECK(totals > 0);
		}
	}
}

/* Twice the bytes per call, of calls that are known to a share of `deviation` only. */
static struct comparison *compare_per_call(double deviation)
{
	struct comparison *comparison = NULL;
	struct cache_function function = { .function = "main.serve" };

	CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, "main.serve", 0.01,
				 &comparison),
		  0);
	for (int i = 0; i < 60; i++) {
		int side = i >= 30;
		struct snapshot snapshot;

		snapshot_init(&snapshot);
		snapshot.time_unix_ns = i * 1000000000LL + 1;
		snapshot.interval_s = 1;
		snapshot.heap.alloc_bytes_per_s = 1e6 * (1 + side) * (1 + 0.01 * uniform());
		function.calls.interval.objects = i % 30 ? 1000 : 10; /* the probes came late */
		function.calls.interval.objects_variance =
			pow(deviation * function.calls.interval.objects, 2);
		if (i % 30)
			amount_add(&function.allocated_calls, &function.calls.interval);
		snapshot.cache_group.functions = &function;
		snapshot.cache_group.function_count = 1;
		CHECK_INT(comparison_add(comparison, side, &snapshot), 0);
	}
	CHECK_INT(comparison_finish(comparison), 0);
	return comparison;
}

TEST("per call, an interval whose calls were not watched from its begin is left out")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = compare_per_call(0);
	const struct compared_total *bytes = find_total(comparison, "alloc_bytes");

	CHECK_NEAR(comparison_side(comparison, BEFORE)->calls, 29000, 0);
	CHECK_NEAR(bytes->test.before.value, 1005, 5);
	CHECK_NEAR(bytes->test.after.value, 2010, 10);
	CHECK(bytes->p < 0.001 && bytes->change == CHANGE_GROWN);
	CHECK_INT(comparison_kind(comparison, bytes->total), NUMBER_EXACT);
}

TEST("per call, what is divided by estimated calls is as uncertain as they are, in every interval "
     "the same")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = compare_per_call(0.4);
	const struct compared_total *bytes = find_total(comparison, "alloc_bytes");
	double deviation = hypot(0.4 * 1005, 0.4 * 2010);

	CHECK_NEAR(side_calls_share(comparison_side(comparison, AFTER)), 0.4, 1e-9);
	CHECK_NEAR(bytes->test.bounds.high - bytes->test.shift, 1.96 * deviation, 30);
	CHECK_NEAR(bytes->test.p, 0.26, 0.03); /* 1005 is 1.12 of its deviations of 899 */
	CHECK_INT(bytes->change, CHANGE_SAME);
	CHECK_INT(comparison_kind(comparison, bytes->total), NUMBER_ESTIMATED);
}

TEST("too short a recording is told from none: values, but no p")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	struct program program;
	const struct compared_total *total;

	random_state = 1;
	program_begin(&program);
	CHECK_INT(comparison_new(grouping_find("type"), VALUE_INUSE_SPACE, NULL, 0.01, &comparison),
		  0);
	run_window(&program, 4, BEFORE, comparison);
	run_window(&program, 100, AFTER, comparison);
	CHECK_INT(comparison_finish(comparison), 0);
	total = find_total(comparison, "alloc_bytes");
	CHECK(isnan(total->p) && total->test.before.value > 0);
	CHECK_INT(total->change, CHANGE_SAME);
	CHECK_INT(comparison_side(comparison, BEFORE)->intervals, 4);
}

TEST("losses count from the window's begin, also over a restart, and gaps are seen")
{
	struct side side = { 0 };
	struct snapshot snapshot;
	static const struct {
		int pid;
		double time_s;
		uint64_t lost;
	} steps[] = { { 1, 10, 100 }, { 1, 11, 105 }, { 1, 15, 105 }, { 2, 30, 3 }, { 2, 31, 4 } };
	double weight;

	for (size_t i = 0; i < 5; i++) {
		snapshot_init(&snapshot);
		snapshot.pid = steps[i].pid;
		snapshot.time_unix_ns = (int64_t)(steps[i].time_s * 1e9);
		snapshot.interval_s = i == 3 ? 0 : 1;
		snapshot.losses[LOSS_SITE_MAP_FULL] = steps[i].lost;
		side_add(&side, &snapshot, NULL, &weight);
		CHECK(i == 3 ? isnan(weight) : weight == 1);
	}
	CHECK_INT(side.losses[LOSS_SITE_MAP_FULL], 5 + 4);
	CHECK_INT(side.gaps, 1);
	CHECK_INT(side.intervals, 4);
}

TEST("a state of which samples tell is judged by how few they are, however often it is seen")
{
	static const struct site_stack stack = { 1, { { .function = "main.f", .file = "" } } };
	static const struct {
		uint64_t before, after;
		enum change change;
	} cases[] = { { 10, 14, CHANGE_SAME }, { 10, 60, CHANGE_GROWN }, { 80, 5, CHANGE_SHRUNK } };

	for (size_t i = 0; i < 3; i++) {
		CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;

		CHECK_INT(comparison_new(grouping_find("site"), VALUE_INUSE_SPACE, NULL, 0.01,
					 &comparison),
			  0);
		for (int at = 0; at < 400; at++) {
			struct record record = { .id = 1, .stack = (const struct stack *)&stack };
			struct snapshot snapshot;

			snapshot_init(&snapshot);
			snapshot.interval_s = 1;
			snapshot.time_unix_ns = at + 1;
			record.live = amount_from_samples(
				at < 200 ? cases[i].before : cases[i].after, 4096, 524288);
			snapshot.records = &record;
			snapshot.record_count = 1;
			CHECK_INT(comparison_add(comparison, at >= 200, &snapshot), 0);
		}
		CHECK_INT(comparison_finish(comparison), 0);
		CHECK_INT(find_row(comparison, "main.f")->change, cases[i].change);
		CHECK_INT(find_row(comparison, "main.f")->row.samples[AFTER], cases[i].after);
	}
}
