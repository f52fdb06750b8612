/* What of the snapshots becomes evidence: windows of recordings, collectors that change, stops that
 * nobody saw. */
#include "judge_fixture.h"

#include <math.h>

#define SNAPSHOTS 61

/* A recording from its hundredth second on: 1,000 objects a second by each site, ten times that by
 * the first one before. */
static void window(int i, struct snapshot *snapshot)
{
	snapshot->interval_s = 1;
	snapshot->elapsed_s = 100 + i;
	for (int site = 0; site < FIXTURE_RECORDS; site++)
		snapshot->records[site].begun =
			fixture_amount((site ? 1 : 10) * 100000 + 1000.0 * i, 256);
}

TEST("in a window of a recording what was allocated before it does not count")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(window, SNAPSHOTS, &fixture);
	CHECK_NEAR(fixture.evidence->elapsed_s, 60, 1e-9);
	for (int site = 0; site < FIXTURE_RECORDS; site++) {
		const struct amount *begun = &fixture.evidence->last.records[site].begun;

		CHECK_NEAR(begun->objects, 60000, 1e-6);
		CHECK_NEAR(begun->bytes, 60000 * 256.0, 1e-6);
		CHECK_NEAR(begun->objects_variance, 60000, 1e-6);
		CHECK_INT(begun->samples, 60000);
	}
	/* no metadata in these stacks, whatever the recording had of it before */
	CHECK(fixture.evidence->last.types.metadata_share == 0);
}

static void new_site(int i, struct snapshot *snapshot)
{
	window(i, snapshot);
	if (i < 30)
		snapshot->record_count = 2;
	else
		snapshot->records[2].begun = fixture_amount(1000.0 * (i - 30), 256);
}

TEST("a site that is new in the window has all that it allocated")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(new_site, SNAPSHOTS, &fixture);
	CHECK_NEAR(fixture.evidence->last.records[2].begun.objects, 30000, 1e-6);
}

static void other_collector(int i, struct snapshot *snapshot)
{
	window(i, snapshot);
	snapshot->mode = i < 30 ? MODE_SAMPLER : MODE_EXACT;
	for (int site = 0; i >= 30 && site < FIXTURE_RECORDS; site++)
		snapshot->records[site].begun = fixture_amount(1000.0 * (i - 29), 256);
}

TEST("rows of a collector that took over are of the time since then")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(other_collector, SNAPSHOTS, &fixture);
	CHECK_INT(fixture.evidence->collector_changes, 1);
	CHECK_NEAR(fixture.evidence->rows_s, 31, 1e-9);
	CHECK_NEAR(fixture.evidence->last.records[0].begun.objects, 31000, 1e-6);
}

static void large_after_change(int i, struct snapshot *snapshot)
{
	other_collector(i, snapshot);
	snapshot->records[2].object_bytes = 1 << 20;
	snapshot->records[2].begun = fixture_amount(i < 30 ? 0 : 100.0 * (i - 29), 1 << 20);
}

TEST("a rate of rows is by the time that they are of")
{
	struct fixture fixture AUTO_FIXTURE;
	const struct finding *finding;

	fixture_judge(large_after_change, SNAPSHOTS, &fixture);
	finding = fixture_finding(&fixture, "large_objects");
	CHECK(finding);
	CHECK_NEAR(finding->numbers[2].value, 100.0 * (1 << 20), 1);
}

static void unprobed(int i, struct snapshot *snapshot)
{
	(void)i;
	snapshot->gc_events.probed = false;
}

static void probed_later(int i, struct snapshot *snapshot)
{
	snapshot->gc_events.probed = i > 1;
	snapshot->memstats.pause_count = 1;
	snapshot->memstats.pause_ns[0] = 100000;
	snapshot->memstats.pause_end_unix_ns[0] = 1000000000000LL + 500000000;
}

static void long_pause_before(int i, struct snapshot *snapshot)
{
	probed_later(i, snapshot);
	snapshot->memstats.pause_ns[0] = 55000000;
}

static void unknown_cycles(int i, struct snapshot *snapshot)
{
	probed_later(i, snapshot);
	snapshot->gc.cycles = UNKNOWN;
}

TEST("that no stop was long is said only where each was seen, or the runtime's pauses say so")
{
	static const struct {
		fixture_bend bend;
		enum rule_answer answer;
	} cases[] = {
		{ unprobed, RULE_BLIND },
		{ probed_later, RULE_QUIET },
		{ long_pause_before, RULE_BLIND },
		{ unknown_cycles, RULE_BLIND },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture AUTO_FIXTURE;

		fixture_judge(cases[i].bend, SNAPSHOTS, &fixture);
		CHECK_INT(fixture_answer(&fixture, "long_stops"), cases[i].answer);
	}
}
