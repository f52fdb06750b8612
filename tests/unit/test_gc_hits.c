/* From hits to cycles and stops: the two forms of Go versions, and what is missing. */
#include "harness/test.h"

#include "base/cleanup.h"
#include "limits.h"
#include "model/gc_hits.h"
#include "model/unknown.h"

#define UNIX	  1000000 /* CLOCK_REALTIME minus CLOCK_MONOTONIC here */
#define AUTO_HITS CLEANUP(gc_hits_free)

static void add(struct gc_hits *hits, struct gc_hit hit)
{
	gc_hits_add(hits, &hit);
}

static struct gc_events take(struct gc_hits *hits)
{
	struct gc_events events = { 0 };

	CHECK_INT(gc_hits_take(hits, INT64_MAX, UNIX, &events), 0);
	return events;
}

/* Hits come 3 ns after the moment they stand for. Sweep termination stops the world from 100 to
 * 120, mark termination from 200 to 230. */
static void begin_cycle(struct gc_hits *hits, bool registers)
{
	if (!registers)
		add(hits, (struct gc_hit){ .kind = GC_HIT_WORLD_STOP, .time_ns = 103 });
	add(hits, (struct gc_hit){ .kind = GC_HIT_CYCLE_START,
				   .forced = true,
				   .time_ns = 113,
				   .runtime_ns = registers ? 98 : 100,
				   .heap_bytes = 5000 });
	add(hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START,
				   .reason = registers ? GC_STOP_SWEEP_TERMINATION : 0,
				   .time_ns = 116,
				   .stop_ns = registers ? 100 : 0 });
	add(hits, (struct gc_hit){ .kind = GC_HIT_TRANSITION, .time_ns = 123, .runtime_ns = 120 });
}

static void end_cycle(struct gc_hits *hits, bool registers)
{
	if (!registers)
		add(hits, (struct gc_hit){ .kind = GC_HIT_WORLD_STOP, .time_ns = 203 });
	add(hits, (struct gc_hit){ .kind = GC_HIT_MARK_END,
				   .time_ns = 213,
				   .runtime_ns = registers ? 198 : 200,
				   .heap_bytes = 7000 });
	add(hits, (struct gc_hit){ .kind = GC_HIT_TRANSITION,
				   .time_ns = 233,
				   .runtime_ns = 230,
				   .heap_bytes = 6000,
				   .goal_bytes = 12000,
				   .pause_ns = 50,
				   .cycles = 17 });
	add(hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START,
				   .reason = registers ? GC_STOP_MARK_TERMINATION : 0,
				   .time_ns = 236,
				   .runtime_ns = registers ? 230 : 0,
				   .stop_ns = registers ? 200 : 0 });
}

static void expect_stop(const struct gc_stop *stop, int reason, int64_t begin, int64_t end)
{
	CHECK_INT(stop->reason, reason);
	CHECK_INT(stop->begin_unix_ns, UNIX + begin);
	CHECK_INT(stop->begin_unix_ns + stop->duration_ns, UNIX + end);
}

static void check_cycle(bool registers)
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };
	const struct gc_cycle *cycle;

	begin_cycle(&hits, registers);
	end_cycle(&hits, registers);
	events = take(&hits);
	CHECK_INT(events.cycle_count, 1);
	cycle = &events.cycles[0];
	CHECK_INT(cycle->number, 17);
	CHECK_INT(cycle->sweep_term_unix_ns, UNIX + (registers ? 98 : 100));
	CHECK_INT(cycle->mark_unix_ns, UNIX + 120);
	CHECK_INT(cycle->mark_term_unix_ns, UNIX + (registers ? 198 : 200));
	CHECK_INT(cycle->end_unix_ns, UNIX + 230);
	CHECK_INT(cycle->pause_ns, 50);
	CHECK_INT(cycle->heap_before_bytes, 5000);
	CHECK_INT(cycle->heap_after_bytes, 7000);
	CHECK_INT(cycle->heap_live_bytes, 6000);
	CHECK_INT(cycle->goal_bytes, 12000);
	CHECK(cycle->forced);
	CHECK_INT(events.stop_count, 2);
	expect_stop(&events.stops[0], GC_STOP_SWEEP_TERMINATION, 100, 120);
	expect_stop(&events.stops[1], GC_STOP_MARK_TERMINATION, 200, 230);
	CHECK_INT(hits.cycles.count + hits.stops.count, 0);
}

TEST("a cycle has the runtime's own times, and its two stops are its pause")
{
	check_cycle(true);
}

TEST("a cycle is told the same where nothing says why the world stopped and since when")
{
	check_cycle(false);
}

TEST("stops for other reasons lie between, and those of the GC keep theirs")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	begin_cycle(&hits, false);
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_STOP,
				    .reason = GC_STOP_READ_MEMSTATS,
				    .time_ns = 150 });
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START, .time_ns = 160 });
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START,
				    .reason = GC_STOP_GOMAXPROCS,
				    .time_ns = 180,
				    .stop_ns = 170 });
	end_cycle(&hits, false);
	events = take(&hits);
	CHECK_INT(events.stop_count, 4);
	expect_stop(&events.stops[0], GC_STOP_SWEEP_TERMINATION, 100, 120);
	expect_stop(&events.stops[1], GC_STOP_READ_MEMSTATS, 150, 160);
	expect_stop(&events.stops[2], GC_STOP_GOMAXPROCS, 170, 180);
	expect_stop(&events.stops[3], GC_STOP_MARK_TERMINATION, 200, 230);
	CHECK_INT(events.cycles[0].mark_unix_ns, UNIX + 120);
}

TEST("marking that turns out not to be over is a stop more in the cycle")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	begin_cycle(&hits, true);
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START,
				    .reason = GC_STOP_MARK_TERMINATION,
				    .time_ns = 160,
				    .stop_ns = 150 });
	end_cycle(&hits, true);
	events = take(&hits);
	CHECK_INT(events.cycle_count, 1);
	CHECK_INT(events.stop_count, 3);
	expect_stop(&events.stops[1], GC_STOP_MARK_TERMINATION, 150, 160);
}

TEST("of a cycle that had begun before, its end is known")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	end_cycle(&hits, true);
	events = take(&hits);
	CHECK_INT(events.cycle_count, 1);
	CHECK_INT(events.cycles[0].number, 17);
	CHECK_INT(events.cycles[0].sweep_term_unix_ns, UNKNOWN);
	CHECK_INT(events.cycles[0].mark_unix_ns, UNKNOWN);
	CHECK_INT(events.cycles[0].heap_before_bytes, UNKNOWN);
	CHECK_INT(events.cycles[0].mark_term_unix_ns, UNIX + 198);
}

TEST("behind a gap nothing is joined to what was before it")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	begin_cycle(&hits, false);
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_STOP, .time_ns = 150 });
	gc_hits_break(&hits);
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START, .time_ns = 160 });
	end_cycle(&hits, false);
	events = take(&hits);
	CHECK_INT(events.stop_count, 2);
	CHECK_INT(events.cycle_count, 1);
	CHECK_INT(events.cycles[0].sweep_term_unix_ns, UNKNOWN);
}

TEST("what ends after a snapshot is in the next one")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	begin_cycle(&hits, true);
	end_cycle(&hits, true);
	CHECK_INT(gc_hits_take(&hits, 229, UNIX, &events), 0);
	CHECK_INT(events.cycle_count, 0);
	CHECK_INT(events.stop_count, 1);
	CHECK_INT(gc_hits_take(&hits, 230, UNIX, &events), 0);
	CHECK_INT(events.cycle_count, 1);
	CHECK_INT(events.stop_count, 1);
	expect_stop(&events.stops[0], GC_STOP_MARK_TERMINATION, 200, 230);
}

TEST("what ended before an interval that is seen whole is forgotten, and no more")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	begin_cycle(&hits, true);
	gc_hits_drop(&hits, 120);
	end_cycle(&hits, true);
	events = take(&hits);
	CHECK_INT(events.stop_count, 1);
	CHECK_INT(events.cycle_count, 1);
	CHECK_INT(events.cycles[0].mark_unix_ns, UNIX + 120);
}

TEST("times that the target cannot mean are not believed, and reasons unknown are unknown")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START,
				    .reason = 200,
				    .time_ns = 300,
				    .runtime_ns = INT64_MAX,
				    .stop_ns = 290 });
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START, .time_ns = 400, .stop_ns = 401 });
	add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START, .time_ns = 500, .stop_ns = -5 });
	events = take(&hits);
	CHECK_INT(events.stop_count, 1);
	expect_stop(&events.stops[0], GC_STOP_UNKNOWN, 290, 300);
}

TEST("cycles and stops beyond what an interval keeps are counted")
{
	AUTO_HITS struct gc_hits hits = { 0 };
	AUTO_EVENTS struct gc_events events = { 0 };

	for (int64_t i = 1; i <= LIMIT_GC_EVENTS + 10; i++)
		add(&hits, (struct gc_hit){ .kind = GC_HIT_WORLD_START,
					    .time_ns = 10 * i + 5,
					    .stop_ns = 10 * i });
	CHECK_INT(hits.lost, 10);
	events = take(&hits);
	CHECK_INT(events.stop_count, LIMIT_GC_EVENTS);
}
