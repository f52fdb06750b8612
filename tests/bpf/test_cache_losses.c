/* Calls of pools and maps that cannot be told apart are lost under a reason, and nothing else is.
 */
#include "harness/test.h"

#include <inttypes.h>
#include <math.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "child.h"
#include "cmd/observation.h"
#include "go_like.h"
#include "harness/announce.h"
#include "probe/cache_sizes.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"
#include "view/view.h"

DEFINE_CLEANUP(cleanup_observation, struct observation, observation_close)
DEFINE_CLEANUP(cleanup_probe, struct cache_probe, cache_probe_close)
#define PROBE(name) struct cache_probe *name CLEANUP(cleanup_probe) = NULL

static const enum attach_way ways[] = { ATTACH_PERF, ATTACH_MULTI };
#define WAYS (sizeof(ways) / sizeof(*ways))

static struct cache_probe *observe(const struct child *child, struct probe_plan *plan)
{
	struct cache_probe *probe;

	CHECK_INT(cache_probe_open(child->pid, plan, &probe), 0);
	CHECK_INT(cache_probe_attach(probe), 0);
	cache_probe_count(probe, true);
	return probe;
}

static struct cache_calls_seen look(struct cache_probe *probe, struct probe_statistics *statistics)
{
	struct cache_calls_seen seen;

	*statistics = (struct probe_statistics){ 0 };
	CHECK_INT(cache_probe_read(probe, &seen, statistics), 0);
	return seen;
}

/* sync.Pool, and the frame of Get: above its return address is the slot of its receiver. */
struct pool {
	uint64_t words[4], new;
};
struct get_frame {
	uint64_t record[2];
	const struct pool *receiver;
};

#define KNOWN	   30
#define CHANGED	   12
#define UNREADABLE 5
#define OTHERS	   9

static void call_new(uint64_t times, const void *frame)
{
	for (uint64_t i = 0; i < times; i++)
		like_call(LIKE_ALLOC, &(struct call){ .frame = frame });
}

static void miss(struct child_shared *shared)
{
	/* the closure, in DX, is 0: the calls' retries, of which there are none */
	const struct pool its_own = { .new = 0 }, another = { .new = 4711 };
	const struct get_frame known = { .receiver = &its_own }, changed = { .receiver = &another };

	shared->numbers[0] = (uint64_t)&its_own;
	call_new(KNOWN, &known);
	call_new(CHANGED, &changed);
	call_new(UNREADABLE, NULL);
	for (int i = 0; i < OTHERS; i++) /* of New by somebody else than Get */
		like_call(LIKE_SIZED, &(struct call){ .frame = &known });
}

TEST("a miss whose pool is not the one in Get's frame is lost as pool_unknown, and no pool's")
{
	CHILD(child, miss);
	struct probe_statistics statistics;
	struct cache_calls_seen seen;

	for (size_t way = 0; way < WAYS; way++) {
		struct probe_plan plan = { 0 };
		PROBE(probe);

		if (ways[way] == ATTACH_MULTI && !feature_uprobe_multi())
			continue;
		attach_way_force(ways[way]);
		like_add_point(&plan, LIKE_ALLOC, PROBE_AT_PUSH);
		like_add_point(&plan, LIKE_SIZED, PROBE_AT_PUSH);
		plan.points[0].role = plan.points[1].role = PROBE_POOL_NEW;
		plan.pool.get_begin = like_return_address(LIKE_ALLOC) - 1;
		plan.pool.get_end = like_return_address(LIKE_ALLOC) + 1;
		probe = observe(&child, &plan);
		child_do(&child);
		seen = look(probe, &statistics);
		CHECK_INT(seen.object_count, 1);
		CHECK_INT(seen.objects[0].address, child.shared->numbers[0]);
		CHECK_INT(seen.objects[0].counts[2], KNOWN);
		CHECK_INT(statistics.losses[LOSS_POOL_UNKNOWN], CHANGED + UNREADABLE);
		CHECK_INT(statistics.losses[LOSS_CACHE_MAP_FULL], 0);
		CHECK_INT(statistics.hits, KNOWN + CHANGED + UNREADABLE + OTHERS);
	}
}

#define POOLS 5
#define ROOM  3

/* Pool i is asked i + 1 times. */
static void get(struct child_shared *shared)
{
	(void)shared;
	for (uint64_t i = 0; i < POOLS; i++)
		for (uint64_t times = 0; times <= i; times++)
			like_call(LIKE_ALLOC, &(struct call){ .a = 0x1000 * (i + 1) });
}

TEST("calls of pools beyond the map are lost as cache_map_full, those within it are all there")
{
	CHILD(child, get);
	struct probe_statistics statistics;
	struct cache_calls_seen seen;

	cache_objects_force(ROOM);
	for (size_t way = 0; way < WAYS; way++) {
		struct probe_plan plan = { 0 };
		PROBE(probe);

		if (ways[way] == ATTACH_MULTI && !feature_uprobe_multi())
			continue;
		attach_way_force(ways[way]);
		like_add_point(&plan, LIKE_ALLOC, PROBE_AT_PUSH);
		plan.points[0].role = PROBE_POOL_GET;
		probe = observe(&child, &plan);
		child_do(&child);
		child_do(&child);
		seen = look(probe, &statistics);
		CHECK_INT(seen.object_count, ROOM);
		CHECK(seen.objects_full);
		for (size_t i = 0; i < seen.object_count; i++)
			CHECK_INT(seen.objects[i].counts[0], 2 * seen.objects[i].address / 0x1000);
		CHECK_INT(statistics.losses[LOSS_CACHE_MAP_FULL], 2 * (4 + 5));
	}
	cache_objects_force(0);
}

static const struct snapshot *next(struct observation *observation)
{
	const struct snapshot *snapshot;

	CHECK_INT(observation_next(observation, &snapshot), 1);
	return snapshot;
}

static void ask(struct program *program, const char *command)
{
	const char *answer = program_ask(program, command);

	EXPECT(strstr(answer, "\"ok\": true"), "%s: %s", command, answer);
}

static void expect_in(int (*print)(FILE *, const struct snapshot *, const struct view_options *),
		      const struct snapshot *snapshot, const char *wanted)
{
	struct view_options options = { .grouping = grouping_find("type"), .screen = "cache" };
	AUTO_FREE char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK(out);
	CHECK_INT(print(out, snapshot, &options), 0);
	fclose(out);
	EXPECT(strstr(text, wanted), "no '%s' in\n%s", wanted, text);
}

static int print_text(FILE *out, const struct snapshot *snapshot,
		      const struct view_options *options)
{
	return view_text(out, snapshot, options, 0);
}

static void expect_shown(const struct snapshot *snapshot, uint64_t lost)
{
	char text[64];

	snprintf(text, sizeof(text), "cache_map_full %s", number_count((double)lost).text);
	expect_in(print_text, snapshot, text);
	snprintf(text, sizeof(text), "\"cache_map_full\":%" PRIu64, lost);
	expect_in(view_json, snapshot, text);
}

/* There is one place, which the map takes; the answers themselves use pools of the library. */
static void check_full(void)
{
	const char *const arguments[] = { announce_path, NULL };
	AUTO_PROGRAM struct program program =
		program_start(arguments, (struct program_options){ 0 });
	CLEANUP(cleanup_observation) struct observation *observation = NULL;
	const struct snapshot *snapshot;
	struct settings settings;
	uint64_t before;

	settings_init(&settings);
	settings.collector = &collector_sampler;
	settings.budget_percent = 100;
	settings.interval_s = 0.1;
	settings.rows.screen = "cache";
	program_read(&program);
	ask(&program, "hits 1"); /* from here on the runtime lists its pool */
	CHECK_INT(observation_open(program.pid, &settings, &observation), 0);
	next(observation);
	next(observation);
	ask(&program, "maploads 1000");
	before = next(observation)->losses[LOSS_CACHE_MAP_FULL];
	ask(&program, "hits 1000");
	ask(&program, "maploads 500");
	snapshot = next(observation);
	CHECK_INT(snapshot->cache_group.map_count, 1);
	CHECK_NEAR(snapshot->cache_group.maps[0].loads.begun.objects, 1500, 0);
	EXPECT(snapshot->losses[LOSS_CACHE_MAP_FULL] - before >= 2000,
	       "%" PRIu64 " lost before, %" PRIu64 " now", before,
	       snapshot->losses[LOSS_CACHE_MAP_FULL]);
	for (size_t i = 0; i < snapshot->cache_group.pool_count; i++)
		CHECK(isnan(snapshot->cache_group.pools[i].gets.begun.objects));
	CHECK(snapshot->cache_group.pool_count > 0);
	expect_shown(snapshot, snapshot->losses[LOSS_CACHE_MAP_FULL]);
}

TEST("what caches lose is on screen and in JSON, and a pool that found no place has no calls, not "
     "0")
{
	attach_way_force(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
	cache_objects_force(1);
	targets_each("caches-plain", check_full);
	cache_objects_force(0);
}
