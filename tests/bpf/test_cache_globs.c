/* What --cache says of globs that cannot be watched, and what of functions that can; and what calls
 * allocate, and how many they are when only moments of them are seen. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/observation.h"
#include "harness/announce.h"
#include "model/cache_costs.h"
#include "probe/features.h"
#include "probe/trap_cost.h"
#include "target/target.h"

DEFINE_CLEANUP(cleanup_observation, struct observation, observation_close)
DEFINE_CLEANUP(cleanup_target, struct target, target_free)

static struct program start(const char *setting)
{
	const char *const arguments[] = { announce_path, NULL };
	struct program program =
		program_start(arguments, (struct program_options){ .setting = setting });

	EXPECT(strstr(program_read(&program), "\"ready\""), "did not start");
	return program;
}

static void ask(struct program *program, const char *command)
{
	EXPECT(strstr(program_ask(program, command), "\"ok\": true"), "%s", command);
}

static void expect_note(struct target *target, const char *glob, const char *const *parts)
{
	struct cache_plan *plan AUTO_FREE = calloc(1, sizeof(*plan));

	CHECK_INT(target_plan_caches(target, &glob, 1, plan), 0);
	CHECK_INT(plan->count, 0);
	for (; *parts; parts++)
		EXPECT(plan->note && strstr(plan->note, *parts), "%s: '%s' is not in: %s", glob,
		       *parts, plan->note ? plan->note : "(no note)");
}
#define EXPECT_NOTE(glob, ...) expect_note(target, glob, (const char *const[]){ __VA_ARGS__, NULL })

static void check_sentences(void)
{
	AUTO_PROGRAM struct program program = start(NULL);
	CLEANUP(cleanup_target) struct target *target = NULL;

	CHECK_INT(target_open(program.pid, &target), 0);
	EXPECT_NOTE("main.newEntri", "no function matches 'main.newEntri'",
		    "nearest is main.newEntry");
	EXPECT_NOTE("main.(*GenericCahce*.Load", "nearest is main.(*GenericCache[");
	/* Go 1.19 leaves a body in the file of generic methods that it inlines */
	if (!strstr(announce_path, "go1.19"))
		EXPECT_NOTE("main.(*GenericCache*.Peek", "no function matches",
			    "Peek exists only inlined into main.peeks");
	EXPECT_NOTE("nosuch/package.Function", "no function matches");
	EXPECT_NOTE("runtime.*", "'runtime.*' matches ", "more than the 64",
		    "make it narrower (runtime.");
}

TEST("a glob that matches nothing, only inlined calls, or too much is explained")
{
	targets_each("caches-plain", check_sentences);
	targets_each("caches-stripped", check_sentences);
}

static void check_uncounted(void)
{
	AUTO_PROGRAM struct program program = start(NULL);
	CLEANUP(cleanup_target) struct target *target = NULL;
	struct cache_plan *plan AUTO_FREE = calloc(1, sizeof(*plan));
	const char *const globs[] = { "main.sizeOf", "main.stores", "main.store*" };

	CHECK_INT(target_open(program.pid, &target), 0);
	CHECK_INT(target_plan_caches(target, globs, 3, plan), 0);
	CHECK(!plan->functions[0].probed && strstr(plan->functions[0].note, "cheap to probe"));
	CHECK_STRING(plan->functions[1].function, "main.stores");
	CHECK(plan->functions[1].probed && !plan->functions[1].note);
	CHECK_STRING(plan->functions[2].function, "main.storeMap"); /* and main.stores once */
	CHECK_STRING(plan->functions[2].glob, "main.store*");
	CHECK_INT(plan->count, 3);
	CHECK(!plan->note);
	for (size_t i = 0; i < plan->probes.count; i++)
		CHECK(plan->probes.points[i].index < 3);
}

TEST("a function without a cheap place has a row that says so, and one of two globs has one row")
{
	targets_each("caches-stripped", check_uncounted);
}

static const struct snapshot *next(struct observation *observation)
{
	const struct snapshot *snapshot;

	CHECK_INT(observation_next(observation, &snapshot), 1);
	return snapshot;
}

static void no_message(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static struct settings settings_of(const char *glob, double budget_percent)
{
	struct settings settings;

	settings_init(&settings);
	settings.collector = &collector_sampler;
	settings.budget_percent = budget_percent;
	settings.interval_s = 0.2;
	settings.globs.texts[settings.globs.count++] = glob;
	return settings;
}

/* The second snapshot has the probes for a part of its interval, the third for all of it. */
static struct observation *observe(const struct program *program, const struct settings *settings)
{
	struct observation *observation;

	attach_way_force(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
	CHECK_INT(observation_open(program->pid, settings, &observation), 0);
	for (int i = 0; i < 3; i++)
		next(observation);
	return observation;
}

static void check_costs(void)
{
	AUTO_PROGRAM struct program program = start("CACHES_RATE=1");
	struct settings settings = settings_of("main.(*GenericCache*.Store", 100);
	CLEANUP(cleanup_observation) struct observation *observation = observe(&program, &settings);
	const struct snapshot *snapshot;

	ask(&program, "stores 1000");
	snapshot = next(observation);
	CHECK_INT(snapshot->cache_group.function_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct cache_function *function = &snapshot->cache_group.functions[i];
		struct cache_cost bytes =
			cache_bytes_per_call(function, snapshot->sampling_rate_bytes);
		struct cache_cost objects =
			cache_objects_per_call(function, snapshot->sampling_rate_bytes);

		CHECK_NEAR(function->allocated_calls.objects, 1000, 0);
		EXPECT(bytes.value == 96 && bytes.bounds.low == 96 && bytes.bounds.high == 96,
		       "%g bytes per call", bytes.value);
		EXPECT(objects.value == 1, "%g objects per call", objects.value);
	}
}

TEST("what a call allocates is the size of what the function makes, where every object is sampled")
{
	targets_each("caches-plain", check_costs);
}

static void check_sampled_costs(void)
{
	AUTO_PROGRAM struct program program = start("CACHES_RATE=8192");
	struct settings settings = settings_of("main.(*GenericCache*.Store", 100);
	CLEANUP(cleanup_observation) struct observation *observation = observe(&program, &settings);
	const struct snapshot *snapshot;

	ask(&program, "stores 50000");
	snapshot = next(observation);
	for (size_t i = 0; i < 2; i++) {
		struct cache_cost bytes = cache_bytes_per_call(&snapshot->cache_group.functions[i],
							       snapshot->sampling_rate_bytes);
		double half = (bytes.bounds.high - bytes.bounds.low) / 2;

		/* 586 samples: twice of a 95 % interval is missed once in 10,000 times */
		EXPECT(half > 0 && fabs(bytes.value - 96) <= 2 * half, "%g bytes per call [%g-%g]",
		       bytes.value, bytes.bounds.low, bytes.bounds.high);
	}
}

TEST("what a call allocates is estimated with its interval where the runtime samples")
{
	targets_each("caches-plain", check_sampled_costs);
}

/* Until so many snapshots were estimated. */
static void wait_for_estimates(struct observation *observation, int count)
{
	for (int tries = 0; count > 0; tries++) {
		const struct snapshot *snapshot = next(observation);

		CHECK(tries < 300);
		count -= snapshot->cache_group.functions[0].estimated &&
			 snapshot->cache_group.functions[0].calls.interval.objects > 0;
	}
}

static void check_bursts(void)
{
	AUTO_PROGRAM struct program program = start(NULL);
	struct settings settings = settings_of("main.(*GenericCache[*string*.Load", 3);
	CLEANUP(cleanup_observation) struct observation *observation = NULL;
	const struct snapshot *snapshot;
	struct amount calls;
	double used, error;

	if (!feature_uprobe_multi())
		test_skip("this kernel cannot probe for moments");
	/* Go 1.19 gives no arguments in names: both Loads, of which one is used */
	if (strstr(announce_path, "go1.19"))
		settings.globs.texts[0] = "main.(*GenericCache*.Load";
	observation = observe(&program, &settings);
	ask(&program, "hot 2");
	wait_for_estimates(observation, 12);
	used = (double)announce_number(program_ask(&program, "cool"), "uses");
	snapshot = next(observation);
	EXPECT(strstr(snapshot->cache_group.note, "estimated from short windows"), "%s",
	       snapshot->cache_group.note);
	calls = snapshot->cache_group.functions[0].calls.begun;
	if (snapshot->cache_group.function_count > 1 && !(calls.objects > 0))
		calls = snapshot->cache_group.functions[1].calls.begun;
	error = sqrt(calls.objects_variance);
	EXPECT(error > 0 && fabs(calls.objects - used) <= 4 * error,
	       "%.0f calls with a standard error of %.0f, not %.0f", calls.objects, error, used);
	/* an estimate that says nothing would cover everything */
	EXPECT(error < used, "%.0f calls with a standard error of %.0f", calls.objects, error);
}

TEST("calls that are too many for the budget are estimated, and the truth is within the errors")
{
	diag_set_sink(no_message, NULL);
	targets_each("caches-plain", check_bursts);
	diag_set_sink(NULL, NULL);
}

static void check_without_budget(void)
{
	AUTO_PROGRAM struct program program = start(NULL);
	struct settings settings = settings_of("main.*", 0);
	CLEANUP(cleanup_observation) struct observation *observation = NULL;
	const struct snapshot *snapshot;

	settings.collector = &collector_counters;
	CHECK_INT(observation_open(program.pid, &settings, &observation), 0);
	next(observation);
	snapshot = next(observation);
	CHECK(snapshot->cache_group.wanted);
	CHECK(strstr(snapshot->cache_group.note, "--budget 0"));
	CHECK_INT(snapshot->cache_group.function_count, 0);
}

TEST("without a budget no cache is probed, and the note says so")
{
	targets_each("caches-stripped", check_without_budget);
}
