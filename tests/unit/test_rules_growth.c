/* What is said of growth: what has become of the objects, whether it slows down, and when it cannot
 * be told. */
#include "judge_fixture.h"

#include <math.h>

#include "judge/growth.h"

#define SNAPSHOTS 61

/* A million from before; of ten thousand that are made each second one thousand stay. */
static void old_cache(int i, struct snapshot *snapshot)
{
	snapshot->records[0].begun = fixture_amount(10000.0 * i, 256);
	snapshot->records[0].live = fixture_amount(100000 + 1000.0 * i, 256);
	snapshot->records[0].ages.slots[12] = 1000; /* some 6 ms */
}

TEST("what was there before the observation does not make a queue look like a leak")
{
	struct fixture fixture AUTO_FIXTURE;
	const struct finding *finding;

	fixture_judge(old_cache, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "steady_growth");
	finding = fixture_finding(&fixture, "steady_growth");
	CHECK(strstr(finding->seen, "Part of what is made there dies"));
	CHECK(strstr(finding->seen, "Half of those that died were younger than"));
	CHECK_STRING(finding->numbers[3].name, "dead_share");
	CHECK_NEAR(finding->numbers[3].value, 0.9, 1e-9);
}

/* With some of what is in work: neighbours that lie on a curve as if drawn are taken for few. */
static void filling(int i, struct snapshot *snapshot)
{
	double kept = 100000 * (1 - exp(-i / 30.0)), in_work = 2000.0 * (i * 7 % 11);

	snapshot->records[0].begun = fixture_amount(kept, 256);
	snapshot->records[0].live = fixture_amount(kept + in_work, 256);
}

TEST("a growth that slows down is said to be that of a cache which is filling")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(filling, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "steady_growth");
	CHECK(strstr(fixture_finding(&fixture, "steady_growth")->seen,
		     "the growth slows down: a cache that is still filling"));
}

static void leak(int i, struct snapshot *snapshot)
{
	snapshot->records[0].live = fixture_amount(1000 + 1000.0 * i, 256);
}

TEST("a site is blamed only after so many collections that none of those asked would be by chance")
{
	struct fixture enough AUTO_FIXTURE, few AUTO_FIXTURE;

	/* 3 sites: p below 0.01 / 3 takes 7 points */
	fixture_judge(leak, 15, &enough);
	CHECK_INT(fixture_answer(&enough, "steady_growth"), RULE_FIRED);
	fixture_judge(leak, 13, &few);
	CHECK_INT(fixture_answer(&few, "steady_growth"), RULE_BLIND);
}

static void native_without_collections(int i, struct snapshot *snapshot)
{
	snapshot->gc.cycles = 10;
	snapshot->rss.parts[RSS_NATIVE] = (1 << 20) + i * (1 << 18);
}

TEST("native memory grows without any collection, and is no exact number where Go's is not named")
{
	struct fixture fixture AUTO_FIXTURE;
	const struct finding *finding;

	fixture_judge(native_without_collections, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "native_growing");
	finding = fixture_finding(&fixture, "native_growing");
	CHECK_NEAR(finding->numbers[0].value, 3600.0 * (1 << 18), 1);
	CHECK_STRING(finding->numbers[2].name, "native_bytes");
	CHECK_INT(finding->numbers[2].kind, NUMBER_ESTIMATED);
	CHECK_INT(fixture_answer(&fixture, "stacks_growing"), RULE_BLIND);
}

static void named_native(int i, struct snapshot *snapshot)
{
	native_without_collections(i, snapshot);
	snapshot->rss.named = true;
	snapshot->rss.total_bytes = UNKNOWN;
}

TEST("growth of what the kernel has named is exact, and weighs nothing against what is not known")
{
	struct fixture fixture AUTO_FIXTURE;
	const struct finding *finding;

	fixture_judge(named_native, SNAPSHOTS, &fixture);
	finding = fixture_finding(&fixture, "native_growing");
	CHECK(finding);
	CHECK_INT(finding->numbers[2].kind, NUMBER_EXACT);
	CHECK(finding->weight == 0);
}

TEST("growth matters when it is sure, and much against what there is")
{
	struct evidence evidence = { .elapsed_s = 1800 };
	struct trend trend = { 20, 100.0 * (1 << 20), { 1, 200.0 * (1 << 20) }, 0.001 };
	const struct growth_limits *limits = &growth_limits_process;

	CHECK_NEAR(growth_bytes(&evidence, &trend), 50.0 * (1 << 20), 1e-6);
	CHECK(growth_matters(limits, &evidence, &trend, 100 << 20));
	CHECK(!growth_matters(limits, &evidence, &trend, 501.0 * (1 << 20)));
	trend.p = 0.011;
	CHECK(!growth_matters(limits, &evidence, &trend, 100 << 20));
	trend.p = 0.001;
	trend.bounds.low = 0;
	CHECK(!growth_matters(limits, &evidence, &trend, 100 << 20));
	trend.bounds.low = 1;
	evidence.elapsed_s = 140; /* 3.9 MiB */
	CHECK(!growth_matters(limits, &evidence, &trend, 1 << 20));
}
