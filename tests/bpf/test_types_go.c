/* What real Go programs add to the runtime's types: what the probes and the table say against what
 * the program says it did. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/observation.h"
#include "harness/announce.h"
#include "model/metadata.h"
#include "model/unknown.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"
#include "target/target.h"

DEFINE_CLEANUP(cleanup_observation, struct observation, observation_close)
DEFINE_CLEANUP(cleanup_probe, struct type_probe, type_probe_close)
DEFINE_CLEANUP(cleanup_target, struct target, target_free)

static void json_cleanup(json_t **json)
{
	json_decref(*json);
}
#define AUTO_JSON __attribute__((cleanup(json_cleanup)))

static json_t *ask(struct program *program, const char *command)
{
	json_t *answer = json_loads(program_ask(program, command), 0, NULL);

	EXPECT(answer && json_is_true(json_object_get(answer, "ok")), "%s", command);
	return answer;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const struct snapshot *next(struct observation *observation)
{
	const struct snapshot *snapshot;

	CHECK_INT(observation_next(observation, &snapshot), 1);
	return snapshot;
}

static const struct settings *settings_of(const struct collector *collector)
{
	static struct settings settings;

	settings_init(&settings);
	settings.collector = collector;
	settings.budget_percent = 100;
	settings.interval_s = 0.1;
	return &settings;
}

/* The third snapshot has the probes for all of its interval. */
static struct observation *observe(const struct program *program, const struct settings *settings)
{
	struct observation *observation;

	CHECK_INT(observation_open(program->pid, settings, &observation), 0);
	for (int i = 0; i < 3; i++)
		next(observation);
	EXPECT(observation_last(observation)->type_group.probed, "%s",
	       observation_last(observation)->type_group.note);
	return observation;
}

static void expect_nothing_lost(const struct snapshot *snapshot)
{
	EXPECT(snapshot->type_group.probed && !snapshot->type_group.note, "%s",
	       snapshot->type_group.note);
	CHECK_INT(snapshot->losses[LOSS_TYPE_MAP_FULL] + snapshot->losses[LOSS_STACK_MAP_FULL] +
			  snapshot->losses[LOSS_STACK_UNREADABLE] +
			  snapshot->losses[LOSS_ITABS_CUT],
		  0);
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* ---- itabs ---- */

static const struct type_row *row_of_pair(const struct type_group *group, const json_t *pair)
{
	const struct type_row *found = NULL;

	for (size_t i = 0; i < group->count; i++) {
		const struct type_row *row = &group->rows[i];

		if (row->event != TYPE_EVENT_ITAB ||
		    !same(row->interface, text_of(pair, "interface")) ||
		    !same(row->type, text_of(pair, "type")))
			continue;
		EXPECT(!found, "%s <- %s twice", row->interface, row->type);
		found = row;
	}
	EXPECT(found, "%s <- %s was not seen", text_of(pair, "interface"), text_of(pair, "type"));
	return found;
}

static void expect_pair(const struct type_group *group, const json_t *pair)
{
	const struct type_row *row = row_of_pair(group, pair);
	const struct frame *cause = metadata_cause(row->stack);
	const struct itab_entry *entry = NULL;

	EXPECT(row->failed == json_is_true(json_object_get(pair, "failed")), "%s <- %s: failed",
	       row->interface, row->type);
	EXPECT(row->begun == 1 && row->interval == 1, "%" PRIu64 " times", row->begun);
	EXPECT(cause && same(cause->function, text_of(pair, "function")), "%s <- %s: by %s",
	       row->interface, row->type, cause ? cause->function : "nobody");
	for (size_t i = 0; i < group->itab_count; i++) {
		const struct itab_entry *itab = &group->itabs[i];

		if (!same(itab->interface, row->interface) || !same(itab->type, row->type))
			continue;
		EXPECT(!entry, "%s <- %s is twice in the table", row->interface, row->type);
		entry = itab;
	}
	EXPECT(entry && entry->failed == row->failed && !entry->fixed, "%s <- %s: its entry",
	       row->interface, row->type);
}

static uint64_t interval_sum(const struct type_group *group, enum type_event event)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < group->count; i++)
		if (group->rows[i].event == event)
			sum += group->rows[i].interval;
	return sum;
}

static size_t fixed_count(const struct type_group *group)
{
	size_t count = 0;

	for (size_t i = 0; i < group->itab_count; i++) {
		EXPECT(group->itabs[i].interface && group->itabs[i].type, "an itab has no name");
		EXPECT(!group->itabs[i].fixed || !group->itabs[i].failed,
		       "the compiler made a failed itab");
		count += group->itabs[i].fixed;
	}
	return count;
}

static void check_itabs_of(const struct collector *collector)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	CLEANUP(cleanup_observation)
	struct observation *observation = observe(&program, settings_of(collector));
	const struct snapshot *snapshot = observation_last(observation);
	size_t fixed = fixed_count(&snapshot->type_group), count = snapshot->type_group.itab_count;

	CHECK(fixed > 10);
	for (int round = 0; round < 2; round++) { /* the second makes the table grow */
		AUTO_JSON json_t *answer = ask(&program, round ? "itabs 50" : "itabs 14");
		const json_t *pairs = json_object_get(answer, "pairs");

		snapshot = next(observation);
		expect_nothing_lost(snapshot);
		count += json_array_size(pairs);
		CHECK_INT(snapshot->types.itabs_added, json_array_size(pairs));
		CHECK_INT(snapshot->types.itabs, count);
		CHECK_INT(snapshot->type_group.itab_count, count);
		CHECK_INT(fixed_count(&snapshot->type_group), fixed);
		CHECK_INT(interval_sum(&snapshot->type_group, TYPE_EVENT_ITAB),
			  json_array_size(pairs));
		for (size_t i = 0; i < json_array_size(pairs); i++)
			expect_pair(&snapshot->type_group, json_array_get(pairs, i));
	}
	snapshot = next(observation);
	CHECK_INT(interval_sum(&snapshot->type_group, TYPE_EVENT_ITAB), 0);
	CHECK_INT(snapshot->type_group.itab_count, count);
}

static void check_itabs_multi(void)
{
	attach_way_force(ATTACH_MULTI);
	check_itabs_of(&collector_sampler);
}

static void check_itabs_perf(void)
{
	attach_way_force(ATTACH_PERF);
	check_itabs_of(&collector_counters);
}

TEST("each pair that a program asks for is seen once, by its caller, and is in the itab table")
{
	if (!feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	announce_each("plain", check_itabs_multi);
}

TEST("the same of stripped position-independent programs by perf events, without records")
{
	announce_each("pie-stripped", check_itabs_perf);
}

/* ---- types made by reflection ---- */

static void expect_made(const struct type_group *group, const char *name)
{
	size_t seen = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct type_row *row = &group->rows[i];
		const struct frame *cause = metadata_cause(row->stack);

		if (row->event != TYPE_EVENT_REFLECT || !same(row->type, name))
			continue;
		EXPECT(row->interval == 1 && row->begun == 1, "%s: %" PRIu64 " times", name,
		       row->begun);
		EXPECT(cause && same(cause->function, "main.makeType"), "%s: by %s", name,
		       cause ? cause->function : "nobody");
		seen++;
	}
	EXPECT(seen == 1, "'%s' was seen %zu times", name, seen);
}

static void check_reflected(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	CLEANUP(cleanup_observation)
	struct observation *observation = observe(&program, settings_of(&collector_counters));
	AUTO_JSON json_t *answer = ask(&program, "reflecttypes 64");
	const json_t *types = json_object_get(answer, "types");
	const struct snapshot *snapshot = next(observation);
	uint64_t seen = interval_sum(&snapshot->type_group, TYPE_EVENT_REFLECT);

	expect_nothing_lost(snapshot);
	CHECK_INT(json_array_size(types), 64);
	for (size_t i = 0; i < 64; i++)
		expect_made(&snapshot->type_group, json_string_value(json_array_get(types, i)));
	CHECK_INT(snapshot->types.reflect_types_added, seen);
	/* maps bring a bucket or a group with its parts, functions their argument lists */
	EXPECT(seen >= 64 && seen < 64 * 4, "%" PRIu64 " types", seen);
	snapshot = next(observation);
	CHECK_INT(snapshot->types.reflect_types_added, 0);
}

TEST("each type that reflection makes is seen once, with its name and who asked for it")
{
	attach_way_force(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
	announce_each("plain", check_reflected);
}

TEST("the same of stripped position-independent programs")
{
	attach_way_force(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
	announce_each("pie-stripped", check_reflected);
}

/* ---- the share of what is allocated ---- */

static void check_share_at(const char *setting, const char *command, double tolerance)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(setting, ready);
	CLEANUP(cleanup_observation)
	struct observation *observation = observe(&program, settings_of(&collector_sampler));
	AUTO_JSON json_t *answer = ask(&program, command);
	double reflected = (double)json_integer_value(json_object_get(answer, "reflected"));
	double own = (double)json_integer_value(json_object_get(answer, "own"));
	double truth = reflected / (reflected + own);
	const struct snapshot *snapshot = next(observation);
	const struct share *share = &snapshot->type_group.metadata_bytes;
	/* five standard deviations, of a 95 % interval */
	double wide = (share->bounds.high - share->bounds.low) / 2 * 5 / 1.96 + tolerance;

	CHECK(truth > 0.3 && truth < 0.4);
	EXPECT(share->bounds.low <= share->value && share->value <= share->bounds.high, "bounds");
	EXPECT(fabs(share->value - truth) <= wide, "%.4f +- %.4f instead of %.4f", share->value,
	       wide, truth);
	CHECK(snapshot->types.metadata_share == share->value);
	EXPECT(fabs(snapshot->type_group.metadata_objects.value - truth) < 0.1 + wide, "objects");
}

/* What the command loop and the answer allocate is in the records, and not in the truth. */
static void check_exact_share(void)
{
	check_share_at("ANNOUNCE_RATE=1", "reflectalloc 3000", 0.01);
}

static void check_sampled_share(void)
{
	check_share_at(NULL, "reflectalloc 100000", 0.002);
}

TEST("the share of metadata is what the program allocated under reflection, and not what "
     "reflection "
     "called: each allocation sampled")
{
	announce_each("plain", check_exact_share);
}

TEST("the interval of the share of metadata covers the truth at the usual sampling rate")
{
	announce_each("plain", check_sampled_share);
}

/* ---- losses ---- */

static void check_full_maps(void)
{
	static const struct type_probe_options tight = { .events = 8, .stacks = 1, .threads = 1 };
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	CLEANUP(cleanup_target) struct target *target = NULL;
	CLEANUP(cleanup_probe) struct type_probe *probe = NULL;
	struct probe_statistics statistics;
	const struct type_hit *hits;
	struct probe_plan plan;
	uint64_t sum = 0;
	size_t count;
	bool changed;

	CHECK_INT(target_open(program.pid, &target), 0);
	CHECK_INT(target_plan_types(target, &plan), 0);
	CHECK_INT(type_probe_open(program.pid, &plan, &tight, &probe), 0);
	json_decref(ask(&program, "itabs 40"));
	CHECK_INT(type_probe_read(probe, &hits, &count, &changed, &statistics), 0);
	CHECK(changed && count <= 8);
	for (size_t i = 0; i < count; i++)
		sum += hits[i].hits;
	CHECK_INT(statistics.hits, 40);
	CHECK(statistics.losses[LOSS_TYPE_MAP_FULL] > 0);
	CHECK_INT(sum + statistics.losses[LOSS_TYPE_MAP_FULL], 40);
	CHECK(statistics.losses[LOSS_STACK_MAP_FULL] > 0);
	CHECK_INT(type_probe_read(probe, &hits, &count, &changed, &statistics), 0);
	CHECK_INT(type_probe_read(probe, &hits, &count, &changed, &statistics), 0);
	CHECK(!changed && count <= 8); /* after one look more */
}

TEST("registrations beyond the probes' maps are counted, and those within are whole")
{
	attach_way_force(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
	announce_each("plain", check_full_maps);
}

static void check_without_budget(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	struct settings settings = *settings_of(&collector_counters);
	CLEANUP(cleanup_observation) struct observation *observation = NULL;
	const struct snapshot *snapshot;

	settings.budget_percent = 0;
	CHECK_INT(observation_open(program.pid, &settings, &observation), 0);
	next(observation);
	json_decref(ask(&program, "itabs 20"));
	json_decref(ask(&program, "reflecttypes 8"));
	snapshot = next(observation);
	CHECK(!snapshot->type_group.probed && snapshot->type_group.note);
	CHECK_INT(snapshot->type_group.count, 0);
	CHECK_INT(snapshot->types.itabs_added, 20);
	CHECK_INT(snapshot->types.reflect_types_added, UNKNOWN);
	CHECK_INT(snapshot->type_group.itab_count, snapshot->types.itabs);
	CHECK_INT(snapshot->cost.probes > 0, 0);
}

TEST("without a budget there are no probes: itabs are counted and named, types of reflection "
     "unknown")
{
	announce_each("stripped", check_without_budget);
}
