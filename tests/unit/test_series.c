/* Rates by name, and the bounded store of points. */
#include <math.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "model/series.h"
#include "unit/export_fixture.h"

#define S 1000000000LL

static void series_cleanup(struct series **series)
{
	series_free(*series);
}
#define AUTO_SERIES CLEANUP(series_cleanup)

static void rates_cleanup(struct rates **rates)
{
	rates_free(*rates);
}

static size_t by_type(void)
{
	return (size_t)(grouping_find("type") - groupings);
}

/* One second that ends at `second`, with a heap of so many bytes. */
static void add(struct series *series, struct snapshot *snapshot, int64_t second, int64_t heap)
{
	snapshot->time_unix_ns = second * S;
	snapshot->interval_s = series->count ? 1 : 0;
	snapshot->heap.inuse_bytes = heap;
	CHECK_INT(series_add(series, snapshot), 0);
}

static bool look(const struct series *series, int64_t from_s, int64_t to_s,
		 struct series_point *ret)
{
	struct series_split split;

	return series_look(series, from_s * S, to_s * S, by_type(), ret, &split);
}

TEST("rates add up the records of a name, the fastest first")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(rates_cleanup) struct rates *rates = NULL;
	const struct group_rate *read;
	size_t count;

	snapshot.interval_s = 2;
	records[0].interval.bytes = 100; /* main.T */
	records[1].interval.bytes = 60;	 /* not known */
	records[3].interval.bytes = 80;	 /* not known */
	CHECK_INT(rates_new(grouping_find("type"), &rates), 0);
	CHECK_INT(rates_read(rates, &snapshot, &read, &count), 0);
	CHECK_INT(count, 2);
	CHECK_STRING(rates_name(rates, read[0].group), "(type not known)");
	CHECK_NEAR(read[0].bytes_per_s, 70, 1e-9);
	CHECK_STRING(rates_name(rates, read[1].group), "main.T");
	CHECK_NEAR(read[1].bytes_per_s, 50, 1e-9);
	snapshot.interval_s = 0;
	CHECK_INT(rates_read(rates, &snapshot, &read, &count), 0);
	CHECK_INT(count, 0);
}

TEST("a record that has become another one counts for its new name, and processes are told apart")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(rates_cleanup) struct rates *rates = NULL;
	const struct group_rate *read;
	size_t count;

	snapshot.interval_s = 1;
	records[0].interval.bytes = 100;
	CHECK_INT(rates_new(grouping_find("type"), &rates), 0);
	CHECK_INT(rates_read(rates, &snapshot, &read, &count), 0);
	records[0].type = "main.U";
	CHECK_INT(rates_read(rates, &snapshot, &read, &count), 0);
	CHECK_STRING(rates_name(rates, read[0].group), "main.U");
	snapshot.pid++;
	records[0].type = "main.V";
	CHECK_INT(rates_read(rates, &snapshot, &read, &count), 0);
	CHECK_STRING(rates_name(rates, read[0].group), "main.V");
	CHECK_INT(rates_groups(rates), 4);
}

TEST("by site the name has the place")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(rates_cleanup) struct rates *rates = NULL;
	const struct group_rate *read;
	size_t count;

	snapshot.interval_s = 1;
	records[0].interval.bytes = 100;
	CHECK_INT(rates_new(grouping_find("site"), &rates), 0);
	CHECK_INT(rates_read(rates, &snapshot, &read, &count), 0);
	CHECK_STRING(rates_name(rates, read[0].group), "main.inner main.inner.go:30");
}

TEST("points are found by their time, and a gap has none")
{
	AUTO_SERIES struct series *series = NULL;
	struct snapshot snapshot;
	struct series_point point;

	snapshot_init(&snapshot);
	CHECK_INT(series_new(16, &series), 0);
	add(series, &snapshot, 100, 1);
	add(series, &snapshot, 101, 2);
	add(series, &snapshot, 110, 3); /* stands for 109 to 110 */
	CHECK(!look(series, 98, 99, &point));
	CHECK(look(series, 99, 100, &point) && point.values[SERIES_HEAP_INUSE].last == 1);
	CHECK(look(series, 100, 101, &point) && point.values[SERIES_HEAP_INUSE].last == 2);
	CHECK(!look(series, 101, 109, &point));
	CHECK(look(series, 109, 110, &point) && point.values[SERIES_HEAP_INUSE].last == 3);
	CHECK(look(series, 99, 110, &point));
	CHECK_INT(point.values[SERIES_HEAP_INUSE].low, 1);
	CHECK_INT(point.values[SERIES_HEAP_INUSE].high, 3);
	CHECK(!look(series, 110, 111, &point));
	CHECK(isnan(point.values[SERIES_GOROUTINES].last));
}

TEST("a snapshot from before the last one is counted and left out, the same one is the same")
{
	AUTO_SERIES struct series *series = NULL;
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	CHECK_INT(series_new(16, &series), 0);
	add(series, &snapshot, 100, 1);
	add(series, &snapshot, 100, 1);
	CHECK_INT(series->backwards, 0);
	add(series, &snapshot, 99, 1);
	CHECK_INT(series->backwards, 1);
	CHECK_INT(series->count, 1);
}

TEST("hours fit: older points are merged and keep their extremes, the newest keep their seconds")
{
	AUTO_SERIES struct series *series = NULL;
	struct snapshot snapshot;
	struct series_point point;

	snapshot_init(&snapshot);
	CHECK_INT(series_new(256, &series), 0);
	for (int second = 0; second < 36000; second++)
		add(series, &snapshot, 1000 + second, second == 77 ? 9000000 : 1000 + second % 10);
	CHECK(series->count <= 256);
	CHECK_INT(series->dropped, 0);
	CHECK_INT(series->points[0].begin_ns, 1000 * S);
	CHECK(look(series, 1000, 2000, &point));
	CHECK_INT(point.values[SERIES_HEAP_INUSE].high, 9000000);
	CHECK_INT(point.values[SERIES_HEAP_INUSE].low, 1000);
	for (int second = 35950; second < 36000; second++) {
		CHECK(look(series, 999 + second, 1000 + second, &point));
		CHECK_INT(point.values[SERIES_HEAP_INUSE].last, 1000 + second % 10);
	}
	for (size_t i = 1; i < series->count; i++)
		CHECK(series->points[i].begin_ns == series->points[i - 1].end_ns);
}

TEST("a gap is never merged away, and when only gaps are left the oldest points go and are counted")
{
	AUTO_SERIES struct series *series = NULL;
	struct snapshot snapshot;
	struct series_point point;

	snapshot_init(&snapshot);
	CHECK_INT(series_new(64, &series), 0);
	for (int i = 0; i < 1000; i++)
		add(series, &snapshot, 1000 + 60 * i, i);
	CHECK(series->dropped > 0);
	CHECK_INT(series->dropped + series->count, 1000);
	CHECK(!look(series, 1000 + 60 * 990, 1000 + 60 * 990 + 50, &point));
	CHECK(look(series, 1000 + 60 * 990, 1000 + 60 * 991, &point));
	CHECK_INT(point.values[SERIES_HEAP_INUSE].high, 991);
}

TEST("the types that allocated most in a window are found, with their rates over time")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	AUTO_SERIES struct series *series = NULL;
	struct series_split split;
	struct series_point point;
	uint32_t groups[2];

	snapshot.mode = MODE_SAMPLER;
	CHECK_INT(series_new(64, &series), 0);
	for (int second = 100; second < 120; second++) {
		records[0].interval.bytes = 100;		    /* main.T */
		records[4].interval.bytes = second < 110 ? 300 : 0; /* string */
		add(series, &snapshot, second, 1);
	}
	CHECK_INT(series_top(series, 99 * S, 109 * S, by_type(), groups, 2), 2);
	CHECK_STRING(rates_name(series->rates[by_type()], groups[0]), "string");
	CHECK_INT(series_top(series, 111 * S, 119 * S, by_type(), groups, 2), 1);
	CHECK_STRING(rates_name(series->rates[by_type()], groups[0]), "main.T");
	CHECK(series_look(series, 104 * S, 114 * S, by_type(), &point, &split));
	CHECK_NEAR(series_split_rate(&split, groups[0]), 100, 1e-3);
	CHECK_INT(series_top(series, 99 * S, 109 * S, by_type(), groups, 1), 1);
	CHECK_NEAR(series_split_rate(&split, groups[0]), 150, 1e-3);
}

TEST("the longest pause comes from the stops, else from the cycles, else from the runtime's total")
{
	AUTO_SERIES struct series *series = NULL;
	struct gc_stop stops[2] = { { 0, 300, 1 }, { 0, 700, 2 } };
	struct gc_cycle cycle = { .pause_ns = 1000 };
	struct snapshot snapshot;
	struct series_point point;

	snapshot_init(&snapshot);
	CHECK_INT(series_new(16, &series), 0);
	snapshot.gc.cycles = 5;
	snapshot.gc.pause_total_ns = 10000;
	add(series, &snapshot, 100, 1);
	add(series, &snapshot, 101, 1);
	snapshot.gc.cycles = 7;
	snapshot.gc.pause_total_ns = 10600;
	add(series, &snapshot, 102, 1);
	snapshot.gc_events.cycles = &cycle;
	snapshot.gc_events.cycle_count = 1;
	add(series, &snapshot, 103, 1);
	snapshot.gc_events.stops = stops;
	snapshot.gc_events.stop_count = 2;
	add(series, &snapshot, 104, 1);
	CHECK(look(series, 99, 100, &point) && isnan(point.values[SERIES_PAUSE_NS].high));
	CHECK(look(series, 100, 101, &point) && point.values[SERIES_PAUSE_NS].high == 0);
	CHECK(look(series, 101, 102, &point) && point.values[SERIES_PAUSE_NS].high == 300);
	CHECK(look(series, 102, 103, &point) && point.values[SERIES_PAUSE_NS].high == 1000);
	CHECK(look(series, 103, 104, &point) && point.values[SERIES_PAUSE_NS].high == 700);
}
