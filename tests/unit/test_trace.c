/* Trace events: read back as JSON, and looked at one by one. */
#include <math.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json_text.h"
#include "export/trace.h"
#include "unit/export_fixture.h"

#define S     1000000000LL
#define BEGIN (1700000000 * S)

struct document {
	json_t *root;
	struct trace_totals totals;
};

static void document_free(struct document *document)
{
	json_decref(document->root);
}
#define AUTO_DOCUMENT CLEANUP(document_free)

static void trace_cleanup(struct trace **trace)
{
	trace_free(*trace);
}

static struct document write_trace(const struct snapshot *snapshots, size_t count, size_t top)
{
	struct trace_options options = { grouping_find("type"), top };
	struct document document = { 0 };
	CLEANUP(trace_cleanup) struct trace *trace = NULL;
	AUTO_FREE char *text = NULL;
	json_error_t error;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_INT(trace_new(out, &options, &trace), 0);
	for (size_t i = 0; i < count; i++)
		CHECK_INT(trace_add(trace, &snapshots[i]), 0);
	CHECK_INT(trace_finish(trace, &document.totals), 0);
	fclose(out);
	document.root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!document.root)
		test_fail(__FILE__, __LINE__, "%s in\n%s", error.text, text);
	CHECK_INT(json_array_size(json_object_get(document.root, "traceEvents")),
		  document.totals.events);
	return document;
}

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "";
}

/* The n-th event of that phase and name; NULL when there is none. */
static const json_t *find(const struct document *document, const char *ph, const char *name, int n)
{
	const json_t *events = json_object_get(document->root, "traceEvents");

	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		if (!strcmp(text_of(event, "ph"), ph) && !strcmp(text_of(event, "name"), name) &&
		    n-- == 0)
			return event;
	}
	return NULL;
}

static double number(const json_t *event, const char *key)
{
	const json_t *value = json_object_get(event, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static double argument(const json_t *event, const char *key)
{
	return number(json_object_get(event, "args"), key);
}

static struct snapshot second(int n)
{
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	snapshot.time_unix_ns = BEGIN + n * S;
	snapshot.interval_s = n ? 1 : 0;
	snapshot.pid = 42;
	snapshot.comm = "program";
	return snapshot;
}

TEST("an empty trace is a trace")
{
	AUTO_DOCUMENT struct document document = write_trace(NULL, 0, 8);

	CHECK_INT(document.totals.events, 0);
}

TEST("a process and its tracks have names, also where the name is no UTF-8")
{
	struct snapshot snapshot = second(0);
	AUTO_DOCUMENT struct document document = { 0 };
	const json_t *event;

	snapshot.comm = "a\"b\\\xff\n";
	document = write_trace(&snapshot, 1, 8);
	event = find(&document, "M", "process_name", 0);
	CHECK_STRING(text_of(json_object_get(event, "args"), "name"), "a\"b\\?\n");
	event = find(&document, "M", "thread_name", 2);
	CHECK_STRING(text_of(json_object_get(event, "args"), "name"), "GC mark");
}

TEST("a cycle is a slice, and so is each of its phases, to the nanosecond")
{
	struct gc_cycle cycles[2] = {
		{ 7, BEGIN + 100, BEGIN + 300, BEGIN + 5300, BEGIN + 5400, 250, 1000, 900, 800,
		  2000, true },
		{ 8, UNKNOWN, UNKNOWN, UNKNOWN, BEGIN + 9000, 250, UNKNOWN, UNKNOWN, UNKNOWN,
		  UNKNOWN, false },
	};
	struct snapshot snapshots[2] = { second(0), second(1) };
	AUTO_DOCUMENT struct document document = { 0 };
	const json_t *whole, *mark;

	snapshots[1].gc_events.cycles = cycles;
	snapshots[1].gc_events.cycle_count = 2;
	snapshots[1].gc_events.cycles_unseen = 3;
	document = write_trace(snapshots, 2, 8);
	whole = find(&document, "X", "GC, forced", 0);
	mark = find(&document, "X", "mark", 0);
	CHECK(whole && mark && find(&document, "X", "sweep termination", 0) &&
	      find(&document, "X", "mark termination", 0));
	CHECK_NEAR(number(whole, "ts"), 60e6 + 0.1, 1e-6);
	CHECK_NEAR(number(whole, "dur"), 5.3, 1e-9);
	CHECK_NEAR(number(mark, "ts"), 60e6 + 0.3, 1e-6);
	CHECK_NEAR(number(mark, "dur"), 5, 1e-9);
	CHECK_INT(argument(whole, "cycle"), 7);
	CHECK_INT(argument(whole, "heap_live_bytes"), 800);
	/* of the second one nothing but its end is known */
	CHECK(!find(&document, "X", "GC", 0) && !find(&document, "X", "mark", 1));
	CHECK_INT(document.totals.cycles_unseen, 3);
}

TEST("each stop of the world is a slice with its reason")
{
	struct gc_stop stops[2] = { { BEGIN + 1000, 500, GC_STOP_SWEEP_TERMINATION },
				    { BEGIN + 1400, 300, GC_STOP_READ_MEMSTATS } };
	struct snapshot snapshots[2] = { second(0), second(1) };
	AUTO_DOCUMENT struct document document = { 0 };
	const json_t *event;

	snapshots[1].gc_events.stops = stops;
	snapshots[1].gc_events.stop_count = 2;
	document = write_trace(snapshots, 2, 8);
	CHECK(find(&document, "X", "GC sweep termination", 0));
	event = find(&document, "X", "read mem stats", 0);
	/* the converted clocks overlap: the part that does is cut off */
	CHECK_NEAR(number(event, "ts"), 60e6 + 1.5, 1e-6);
	CHECK_NEAR(number(event, "dur"), 0.2, 1e-9);
	CHECK_INT(document.totals.out_of_order, 0);
}

TEST("what is not known has no counter, what has not changed is not repeated")
{
	struct snapshot snapshots[3] = { second(0), second(1), second(2) };
	AUTO_DOCUMENT struct document document = { 0 };

	for (int i = 0; i < 3; i++)
		snapshots[i].heap.inuse_bytes = i < 2 ? 1000 : 2000;
	document = write_trace(snapshots, 3, 8);
	CHECK_INT(argument(find(&document, "C", "heap_inuse_bytes", 0), "bytes"), 1000);
	CHECK_INT(argument(find(&document, "C", "heap_inuse_bytes", 1), "bytes"), 2000);
	CHECK(!find(&document, "C", "heap_inuse_bytes", 2));
	CHECK(!find(&document, "C", "goroutines", 0));
	CHECK(!find(&document, "C", "rss_parts_bytes", 0));
}

TEST("the parts of RSS are one counter with all of them")
{
	struct snapshot snapshot = second(0);
	AUTO_DOCUMENT struct document document = { 0 };
	const json_t *event;

	for (int i = 0; i < RSS_PART_COUNT; i++)
		snapshot.rss.parts[i] = i * 4096;
	document = write_trace(&snapshot, 1, 8);
	event = find(&document, "C", "rss_parts_bytes", 0);
	CHECK_INT(json_object_size(json_object_get(event, "args")), RSS_PART_COUNT);
	CHECK_INT(argument(event, "goroutine_stacks"), RSS_STACKS * 4096);
}

TEST("the types that allocated most in all have a counter from beginning to end, the rest is other")
{
	struct record records[3][FIXTURE_RECORDS];
	struct snapshot snapshots[3];
	AUTO_DOCUMENT struct document document = { 0 };
	const json_t *first, *last;

	for (int i = 0; i < 3; i++) {
		snapshots[i] = fixture_snapshot(records[i]);
		snapshots[i].time_unix_ns = BEGIN + i * S;
		snapshots[i].interval_s = i ? 1 : 0;
		snapshots[i].mode = MODE_SAMPLER;
		records[i][0].interval.bytes = 100;		  /* main.T */
		records[i][1].interval.bytes = 10;		  /* not known */
		records[i][4].interval.bytes = i == 2 ? 5000 : 0; /* string: late, and most */
	}
	document = write_trace(snapshots, 3, 2);
	first = find(&document, "C", "alloc_rate_by_type_bytes_per_s", 0);
	last = find(&document, "C", "alloc_rate_by_type_bytes_per_s", 1);
	CHECK(first && last && !find(&document, "C", "alloc_rate_by_type_bytes_per_s", 2));
	CHECK_INT(argument(first, "string"), 0);
	CHECK_INT(argument(first, "main.T"), 100);
	CHECK_INT(argument(first, "other"), 10);
	CHECK_INT(argument(last, "string"), 5000);
	CHECK_INT(argument(last, "other"), 10);
}

TEST("names that differ only in bytes that are no UTF-8 stay two counters")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	AUTO_DOCUMENT struct document document = { 0 };
	const json_t *event;

	snapshot.interval_s = 1;
	snapshot.mode = MODE_SAMPLER;
	records[0].type = "main.\xff";
	records[0].interval.bytes = 7;
	records[1].type = "main.\xfe";
	records[1].interval.bytes = 5;
	document = write_trace(&snapshot, 1, 8);
	event = find(&document, "C", "alloc_rate_by_type_bytes_per_s", 0);
	CHECK_INT(argument(event, "main.?"), 7);
	CHECK_INT(argument(event, "main.? (2)"), 5);
}

TEST("registrations are instants")
{
	struct snapshot snapshots[2] = { second(0), second(1) };
	AUTO_DOCUMENT struct document document = { 0 };

	snapshots[1].types.itabs_added = 4;
	snapshots[1].types.reflect_types_added = 0;
	document = write_trace(snapshots, 2, 8);
	CHECK_INT(argument(find(&document, "i", "itabs", 0), "added"), 4);
	CHECK_STRING(text_of(find(&document, "i", "itabs", 0), "s"), "t");
	CHECK(!find(&document, "i", "types made by reflection", 0));
}

TEST("what stays the same is in the trace once more at its end, what is not known any more is not")
{
	struct snapshot snapshots[3] = { second(0), second(1), second(2) };
	AUTO_DOCUMENT struct document document = { 0 };

	for (int i = 0; i < 3; i++) {
		snapshots[i].heap.inuse_bytes = 1000;
		snapshots[i].goroutines = i < 1 ? 5 : UNKNOWN;
	}
	document = write_trace(snapshots, 3, 8);
	CHECK_INT(argument(find(&document, "C", "heap_inuse_bytes", 1), "bytes"), 1000);
	CHECK_NEAR(number(find(&document, "C", "heap_inuse_bytes", 1), "ts"), 62e6, 1e-6);
	CHECK(!find(&document, "C", "heap_inuse_bytes", 2));
	CHECK(find(&document, "C", "goroutines", 0) && !find(&document, "C", "goroutines", 1));
}

TEST("why GC events are not probed is an instant whenever that changes")
{
	struct snapshot snapshots[4] = { second(0), second(1), second(2), second(3) };
	AUTO_DOCUMENT struct document document = { 0 };

	snapshots[1].gc_events.note = snapshots[2].gc_events.note = "polled: \"why\"";
	document = write_trace(snapshots, 4, 8);
	CHECK_NEAR(number(find(&document, "i", "polled: \"why\"", 0), "ts"), 61e6, 1e-6);
	CHECK(!find(&document, "i", "polled: \"why\"", 1));
	CHECK_NEAR(number(find(&document, "i", "GC events are probed", 0), "ts"), 63e6, 1e-6);
	CHECK_STRING(text_of(find(&document, "i", "GC events are probed", 0), "s"), "t");
}

TEST("time that nobody observed is a slice that says so; a clock set back is counted")
{
	struct snapshot snapshots[4] = { second(0), second(1), second(60), second(30) };
	AUTO_DOCUMENT struct document document = write_trace(snapshots, 4, 8);
	const json_t *event = find(&document, "X", "not observed", 0);

	CHECK_NEAR(number(event, "ts"), 61e6, 1e-6);
	CHECK_NEAR(number(event, "dur"), 58e6, 1e-6);
	CHECK(!find(&document, "X", "not observed", 1));
	CHECK_INT(document.totals.out_of_order, 1);
}

TEST("several processes share a trace, each with names and counters of its own")
{
	struct snapshot snapshots[4] = { second(0), second(0), second(1), second(1) };
	AUTO_DOCUMENT struct document document = { 0 };

	for (int i = 0; i < 4; i++) {
		snapshots[i].pid = 42 + i % 2;
		snapshots[i].heap.inuse_bytes = 1000 * (i % 2);
	}
	document = write_trace(snapshots, 4, 8);
	CHECK_INT(number(find(&document, "M", "process_name", 1), "pid"), 43);
	for (size_t i = 0; i < 4; i++) /* at the beginning and at the end of each */
		CHECK_INT(number(find(&document, "C", "heap_inuse_bytes", i), "pid"), 42 + i % 2);
	CHECK(!find(&document, "C", "heap_inuse_bytes", 4));
	CHECK_INT(document.totals.out_of_order, 0);
}
