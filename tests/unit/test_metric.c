/* The registry of a snapshot's numbers, and copies of whole snapshots. */
#include "harness/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/metric.h"

TEST("every metric is one number of its own, unknown at first")
{
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	for (size_t i = 0; i < metric_count(); i++) {
		CHECK(isnan(metric_value(&metrics[i], &snapshot)));
		CHECK(metric_find(metrics[i].name) == &metrics[i]);
		for (size_t j = 0; j < i; j++)
			CHECK(metrics[i].offset != metrics[j].offset);
	}
	CHECK(!metrics[metric_count()].name);
	CHECK(!metric_find("heap"));
}

TEST("a metric is read and written by name, exactly")
{
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	metric_set_integer(metric_find("memstats_sys"), &snapshot, (1LL << 62) + 1);
	CHECK_INT(snapshot.memstats.sys, (1LL << 62) + 1);
	CHECK_INT(metric_integer(metric_find("memstats_sys"), &snapshot), (1LL << 62) + 1);
	metric_set_real(metric_find("gc_cpu_fraction"), &snapshot, 0.25);
	CHECK(snapshot.gc.cpu_fraction == 0.25);
	snapshot.rss.parts[RSS_NATIVE] = 4096;
	CHECK(metric_value(metric_find("rss_native_bytes"), &snapshot) == 4096);
}

TEST("a copy of a snapshot owns its records and events")
{
	struct snapshot snapshot, copy;

	snapshot_init(&snapshot);
	snapshot_init(&copy);
	snapshot.records = calloc(2, sizeof(*snapshot.records));
	snapshot.record_count = 2;
	snapshot.records[1].id = 7;
	snapshot.gc_events.stops = calloc(1, sizeof(*snapshot.gc_events.stops));
	snapshot.gc_events.stop_count = 1;
	snapshot.gc_events.stops[0].reason = GC_STOP_READ_MEMSTATS;
	CHECK_INT(snapshot_copy(&snapshot, &copy), 0);
	snapshot_clear(&snapshot);
	CHECK_INT(copy.records[1].id, 7);
	CHECK(!strcmp(gc_stop_reason_text(copy.gc_events.stops[0].reason), "read mem stats"));
	CHECK(!strcmp(gc_stop_reason_text(99), "unknown"));
	snapshot_clear(&copy);
}
