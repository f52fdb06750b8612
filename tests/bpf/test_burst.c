/*
 * Estimates and stalls of exact windows on a Go program that says what it made of each type
 * (tests/targets/churn), through a whole observation.
 */
#include <glob.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/observation.h"
#include "harness/announce.h"
#include "harness/program.h"
#include "harness/test.h"
#include "model/class_counts.h"

/* tests/targets/churn/kinds.go: how many of each are in a round of the first phase. */
static const struct kind {
	const char *type;
	double weight, bytes; /* 0 bytes: tiny, what they take depends on their neighbours */
} kinds[] = {
	{ "main.common64", 40, 64 },   { "main.linked64", 20, 64 },   { "main.odd60", 10, 64 },
	{ "main.middle128", 20, 128 }, { "main.linked120", 30, 128 }, { "main.header1k", 8, 1152 },
	{ "main.pair16", 20, 16 },     { "main.tiny8", 20, 0 },	      { "main.tiny3", 20, 0 },
	{ "main.large40k", 8, 40960 }, { "main.large90k", 8, 90112 },
};
#define KINDS		       (sizeof(kinds) / sizeof(kinds[0]))
#define CLASS_64	       6
#define OF_CLASS_64_IN_A_ROUND 70

struct run {
	struct program program;
	struct settings settings;
	struct observation *observation;
	uint64_t made[KINDS]; /* at the last answer */
};

static void run_end(struct run *run)
{
	observation_close(run->observation);
	program_end(&run->program);
}

static const char *find_churn(char *path, size_t size)
{
	const char *folder = getenv("HEAPTAP_TARGETS");
	glob_t found;

	snprintf(path, size, "%s/go*/churn-plain", folder && *folder ? folder : "build/targets");
	if (glob(path, 0, NULL, &found) != 0)
		test_skip("no Go program at %s (tests/targets/build.sh)", path);
	snprintf(path, size, "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	printf("# %s\n", path);
	return path;
}

static void run_start(struct run *run, const char *mode, double interval_s, double max_stall_s)
{
	char path[4096];
	const char *arguments[] = { find_churn(path, sizeof(path)), "-mode", mode, NULL };

	run->program = program_start(arguments, (struct program_options){ 0 });
	program_read(&run->program);
	settings_init(&run->settings);
	run->settings.collector = &collector_burst;
	run->settings.interval_s = interval_s;
	run->settings.budget_percent = 2;
	run->settings.max_stall_s = max_stall_s;
	CHECK_INT(observation_open(run->program.pid, &run->settings, &run->observation), 0);
}

static const struct snapshot *next(struct run *run)
{
	const struct snapshot *snapshot;

	CHECK_INT(observation_next(run->observation, &snapshot), 1);
	return snapshot;
}

static struct amount of_type(const struct snapshot *snapshot, const char *type)
{
	struct amount sum = { 0 };

	for (size_t i = 0; i < snapshot->record_count; i++)
		if (snapshot->records[i].type && !strcmp(snapshot->records[i].type, type))
			amount_add(&sum, &snapshot->records[i].interval);
	return sum;
}

struct coverage {
	int asked, right;
};

/* `slack`: what the truth itself is not known by. */
static void ask(struct coverage *coverage, double value, double variance, double truth,
		double slack)
{
	struct interval bounds = amount_interval(value, variance);

	coverage->asked++;
	coverage->right += bounds.low - slack <= truth && truth <= bounds.high + slack;
}

/* Where a busy machine did not let the program run in any window, the records say that nothing was
 * seen; there is no estimate to be right or wrong then. */
static bool has_seen(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->record_count; i++)
		if (snapshot->records[i].interval.samples)
			return true;
	return false;
}

static void check_coverage(const struct coverage *coverage, int most, const char *what)
{
	printf("# %s: %d of %d\n", what, coverage->right, coverage->asked);
	CHECK(coverage->asked >= most / 2);
	CHECK(coverage->right * 100 >= coverage->asked * 93);
}

/* The records hold all that was counted, or at most what only a torn count can be off by. */
static void check_sums(const struct snapshot *snapshot, const struct snapshot *before)
{
	double objects = 0, bytes = 0;

	for (size_t i = 0; i < snapshot->record_count; i++) {
		objects += snapshot->records[i].interval.objects;
		bytes += snapshot->records[i].interval.bytes;
	}
	CHECK_NEAR(objects / (double)(snapshot->heap.mallocs - before->heap.mallocs), 1, 1e-9);
	CHECK_NEAR(bytes / (double)(snapshot->heap.alloc_bytes - before->heap.alloc_bytes), 1,
		   1e-9);
}

#define STEADY_INTERVALS 100

TEST("in 93 of 100 short intervals the bounds of each type have the truth in them")
{
	CLEANUP(run_end) struct run run = { 0 };
	struct coverage objects = { 0 }, bytes = { 0 };
	struct snapshot before;

	run_start(&run, "steady", 0.15, 0.5);
	before = *next(&run);
	for (int i = 0; i < STEADY_INTERVALS; i++) {
		const struct snapshot *snapshot = next(&run);
		double rounds = (double)(snapshot->classes[CLASS_64].mallocs -
					 before.classes[CLASS_64].mallocs) /
				OF_CLASS_64_IN_A_ROUND;

		for (size_t k = 0; k < KINDS && has_seen(snapshot); k++) {
			struct amount amount = of_type(snapshot, kinds[k].type);
			double truth = rounds * kinds[k].weight, size = kinds[k].bytes;

			/* the interval begins and ends within a round */
			ask(&objects, amount.objects, amount.objects_variance, truth,
			    kinds[k].weight);
			if (size > 0)
				ask(&bytes, amount.bytes, amount.bytes_variance, truth * size,
				    kinds[k].weight * size);
		}
		check_sums(snapshot, &before);
		before = *snapshot;
	}
	check_coverage(&objects, STEADY_INTERVALS * KINDS, "objects");
	check_coverage(&bytes, STEADY_INTERVALS * (KINDS - 2), "bytes");
}

/* What was made since the answer before. */
static void ask_kinds(struct run *run, double made[KINDS])
{
	const char *answer = program_ask(&run->program, "");

	for (size_t k = 0; k < KINDS; k++) {
		uint64_t now = announce_number(answer, kinds[k].type);

		made[k] = (double)(now - run->made[k]);
		run->made[k] = now;
	}
}

#define PERIODS		      10
#define INTERVALS_OF_A_PERIOD 8

/* The program answers a moment after the interval's end. */
#define ANSWER_SLACK 0.005

TEST("the same over longer times, for a program that does now this and now that")
{
	CLEANUP(run_end) struct run run = { 0 };
	struct coverage objects = { 0 };
	double made[KINDS];

	run_start(&run, "phased", 0.15, 0.5);
	next(&run);
	ask_kinds(&run, made);
	for (int period = 0; period < PERIODS; period++) {
		struct amount sums[KINDS] = { 0 };
		bool seen = true;

		for (int i = 0; i < INTERVALS_OF_A_PERIOD; i++) {
			const struct snapshot *snapshot = next(&run);

			seen &= has_seen(snapshot);
			for (size_t k = 0; k < KINDS; k++) {
				struct amount amount = of_type(snapshot, kinds[k].type);

				amount_add(&sums[k], &amount);
			}
		}
		ask_kinds(&run, made);
		for (size_t k = 0; k < KINDS && seen; k++)
			ask(&objects, sums[k].objects, sums[k].objects_variance, made[k],
			    ANSWER_SLACK * made[k]);
	}
	check_coverage(&objects, PERIODS * KINDS, "objects");
}

static double felt_ms(const char *answer)
{
	return (double)announce_number(answer, "slow_cpu_ns") * 1e-6;
}

/* What the program feels has whatever else the machine does in it, so that the two are only shown
 * side by side: tests/bench compares them. */
TEST("what a window can have held up is told, and nothing where there was none")
{
	CLEANUP(run_end) struct run run = { 0 };
	int64_t longest_ns = UNKNOWN;
	double watched_ms, alone_ms;
	const struct snapshot *snapshot;

	run_start(&run, "slowdown", 0.5, 0.005);
	snapshot = next(&run);
	CHECK_INT(snapshot->cost.longest_stall_ns, UNKNOWN);
	program_ask(&run.program, "");
	for (int i = 0; i < 4; i++) {
		snapshot = next(&run);
		if (snapshot->cost.longest_stall_ns > longest_ns)
			longest_ns = snapshot->cost.longest_stall_ns;
	}
	watched_ms = felt_ms(program_ask(&run.program, ""));
	CHECK(longest_ns > 0);
	observation_close(TAKE(run.observation));
	program_ask(&run.program, "");
	while (announce_number(program_ask(&run.program, ""), "objects") == 0)
		; /* until it has run again */
	alone_ms = felt_ms(program_ask(&run.program, ""));
	printf("# a window held it up for %.3f ms at the most; what it felt was %.3f ms watched, "
	       "%.3f ms alone\n",
	       (double)longest_ns * 1e-6, watched_ms, alone_ms);
}

TEST("where not even a few hits fit into the limit there is no window, and the note says why")
{
	CLEANUP(run_end) struct run run = { 0 };
	const struct snapshot *snapshot;

	run_start(&run, "slowdown", 0.2, 0.000001);
	next(&run);
	snapshot = next(&run);
	CHECK_INT(snapshot->cost.longest_stall_ns, UNKNOWN);
	CHECK(snapshot->note && strstr(snapshot->note, "no window for now"));
	CHECK(strstr(snapshot->note, "--max-stall is 1.00 us") != NULL);
}
