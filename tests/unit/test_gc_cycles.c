/*
 * The collector's cycles: in copies of the runtime's variables as they are in the middle of things,
 * and in live programs of every version against what GODEBUG=gctrace=1 prints, cycle for cycle.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "cmd/observe_gc.h"
#include "harness/announce.h"
#include "model/unknown.h"
#include "target/gc_reader.h"
#include "target/target.h"

DEFINE_CLEANUP(cleanup_target, struct target, target_free)

/* ---- copies ---- */

static struct layout layout;
static struct runtime_image image;

static void put(uint8_t *bytes, int32_t offset, uint64_t value, size_t length)
{
	memcpy(bytes + offset, &value, length);
}

static void put_times(int64_t sweep_term, int64_t mark, int64_t mark_term, int64_t end)
{
	put(image.work, layout.work_t_sweep_term, (uint64_t)sweep_term, 8);
	put(image.work, layout.work_t_mark, (uint64_t)mark, 8);
	put(image.work, layout.work_t_mark_term, (uint64_t)mark_term, 8);
	put(image.work, layout.work_t_end, (uint64_t)end, 8);
}

/* After 7 cycles: the last from 1000 to 1400 ns, which ended at 5400 by the other clock. */
static struct memstats begin(int minor)
{
	const struct go_version version = { .major = 1, .minor = minor };
	struct memstats memstats = { .num_gc = 7, .pause_count = 7 };

	memset(&image, 0, sizeof(image));
	CHECK_INT(layout_from_table(&version, &layout), 0);
	image.work_bytes = sizeof(image.work);
	image.controller_bytes = sizeof(image.controller);
	put(image.work, layout.work_cycles, 7, 4);
	put(image.work, layout.work_user_forced, 1, 1);
	put(image.work, layout.work_heap0, 10000, 8);
	put(image.work, layout.work_heap1, 20000, 8);
	put(image.work, layout.work_heap2, 5000, 8);
	put(image.controller, layout.gc_last_heap_goal, 25000, 8);
	put_times(1000, 1100, 1300, 1400);
	memstats.pause_ns[6] = 77;
	memstats.pause_end_unix_ns[6] = 5400;
	return memstats;
}

TEST("of a cycle that has ended everything is known, in the clock of the pauses")
{
	struct memstats memstats = begin(23);
	struct gc_cycle cycle;

	gc_read_cycle(&image, &memstats, &layout, &cycle);
	CHECK_INT(cycle.number, 7);
	CHECK_INT(cycle.pause_ns, 77);
	CHECK_INT(cycle.sweep_term_unix_ns, 5000);
	CHECK_INT(cycle.mark_unix_ns, 5100);
	CHECK_INT(cycle.mark_term_unix_ns, 5300);
	CHECK_INT(cycle.end_unix_ns, 5400);
	CHECK_INT(cycle.heap_before_bytes, 10000);
	CHECK_INT(cycle.heap_after_bytes, 20000);
	CHECK_INT(cycle.heap_live_bytes, 5000);
	CHECK_INT(cycle.goal_bytes, 25000);
	CHECK(cycle.forced);
}

TEST("what the next cycle has overwritten of the last one is not known")
{
	struct memstats memstats = begin(27);
	struct gc_cycle cycle;

	put(image.work, layout.work_cycles, 8, 4);
	put_times(2000, 1100, 1300, 1400); /* in sweep termination */
	gc_read_cycle(&image, &memstats, &layout, &cycle);
	CHECK_INT(cycle.sweep_term_unix_ns, UNKNOWN);
	CHECK_INT(cycle.heap_before_bytes, UNKNOWN);
	CHECK_INT(cycle.mark_unix_ns, 5100);
	CHECK_INT(cycle.heap_live_bytes, 5000);
	CHECK(!cycle.forced);
	put_times(2000, 2100, 1300, 1400); /* marking */
	gc_read_cycle(&image, &memstats, &layout, &cycle);
	CHECK_INT(cycle.mark_unix_ns, UNKNOWN);
	CHECK_INT(cycle.mark_term_unix_ns, 5300);
	CHECK_INT(cycle.heap_after_bytes, 20000);
	put_times(2000, 2100, 2300, 1400); /* in mark termination */
	gc_read_cycle(&image, &memstats, &layout, &cycle);
	CHECK_INT(cycle.mark_term_unix_ns, UNKNOWN);
	CHECK_INT(cycle.heap_after_bytes, UNKNOWN);
	CHECK_INT(cycle.goal_bytes, UNKNOWN);
	CHECK_INT(cycle.end_unix_ns, 5400);
	put_times(2000, 2100, 2300, 2400); /* ended, but not counted yet */
	gc_read_cycle(&image, &memstats, &layout, &cycle);
	CHECK_INT(cycle.number, 7);
	CHECK_INT(cycle.sweep_term_unix_ns, UNKNOWN);
	CHECK_INT(cycle.heap_live_bytes, UNKNOWN);
	CHECK_INT(cycle.end_unix_ns, 5400);
}

TEST("without runtime.work the ring of pauses still tells the end of a cycle; before one, nothing")
{
	struct memstats memstats = begin(19), none = { 0 };
	struct gc_cycle cycle;
	struct gc_cpu cpu;

	gc_read_cpu(&image, &layout, &cpu);
	CHECK_INT(cpu.total_ns, UNKNOWN); /* Go 1.19 counts none */
	image.work_bytes = 0;
	gc_read_cycle(&image, &memstats, &layout, &cycle);
	CHECK_INT(cycle.number, 7);
	CHECK_INT(cycle.pause_ns, 77);
	CHECK_INT(cycle.end_unix_ns, 5400);
	CHECK_INT(cycle.mark_unix_ns, UNKNOWN);
	gc_read_cycle(&image, &none, &layout, &cycle);
	CHECK_INT(cycle.number, UNKNOWN);
	CHECK_INT(cycle.end_unix_ns, UNKNOWN);
}

TEST("two copies are of one moment when nothing of a cycle differs, whatever else does")
{
	static struct runtime_image other;

	begin(25);
	other = image;
	CHECK(gc_same_moment(&image, &other, &layout));
	other.memstats[0] = 1;
	other.work[0] = 1;
	CHECK(gc_same_moment(&image, &other, &layout));
	other.memstats[layout.memstats_numgc] = 8;
	CHECK(!gc_same_moment(&image, &other, &layout));
	other = image;
	other.work[layout.work_t_end] = 8;
	CHECK(!gc_same_moment(&image, &other, &layout));
	other = image;
	other.work[layout.work_user_forced] = 0;
	CHECK(!gc_same_moment(&image, &other, &layout));
}

/* ---- what ended between two polls ---- */

static struct counters poll_after(int64_t cycles, int64_t forced)
{
	struct counters counters = { .memstats = { .num_gc = cycles, .num_forced_gc = forced } };
	struct memstats *memstats = &counters.memstats;

	memstats->pause_count = cycles < MEMSTATS_PAUSES ? (uint32_t)cycles : MEMSTATS_PAUSES;
	for (uint32_t i = 0; i < memstats->pause_count; i++) {
		memstats->pause_ns[i] = 100 * (cycles - memstats->pause_count + i + 1);
		memstats->pause_end_unix_ns[i] = 1 + memstats->pause_ns[i];
	}
	counters.cycle = (struct gc_cycle){ .number = cycles, .sweep_term_unix_ns = 3 };
	return counters;
}

TEST("between two polls the ring tells each cycle, and the last has its phases")
{
	struct counters before = poll_after(5, 1), now = poll_after(8, 1);
	struct gc_events events = { 0 };

	CHECK_INT(gc_events_poll(&now, &before, &events), 0);
	CHECK_INT(events.cycle_count, 3);
	CHECK_INT(events.cycles[0].number, 6);
	CHECK_INT(events.cycles[0].pause_ns, 600);
	CHECK_INT(events.cycles[0].end_unix_ns, 601);
	CHECK_INT(events.cycles[0].sweep_term_unix_ns, UNKNOWN);
	CHECK_INT(events.cycles[1].number, 7);
	CHECK_INT(events.cycles[2].number, 8);
	CHECK_INT(events.cycles[2].sweep_term_unix_ns, 3);
	CHECK_INT(events.cycles_unseen, 2);
	gc_events_clear(&events);
	CHECK_INT(gc_events_poll(&now, &now, &events), 0);
	CHECK_INT(events.cycle_count, 0);
}

TEST("cycles that fell out of the ring are unseen; all forced ones are known as such")
{
	struct counters before = poll_after(5, 0), now = poll_after(405, 400);
	struct gc_events events = { 0 };

	now.cycle.sweep_term_unix_ns = UNKNOWN; /* the next one has begun */
	CHECK_INT(gc_events_poll(&now, &before, &events), 0);
	CHECK_INT(events.cycle_count, 256);
	CHECK_INT(events.cycles[0].number, 150);
	CHECK_INT(events.cycles_unseen, 400);
	CHECK(events.cycles[0].forced && events.cycles[255].forced);
	gc_events_clear(&events);
}

/* ---- live ---- */

/* A line of the trace, as far as it is compared. */
struct trace {
	int64_t number, before_mib, after_mib, live_mib, goal_mib;
	char clock[3][16]; /* ms */
	bool forced;
};

/* The runtime's fmtNSAsMS (runtime/mgc.go): whole milliseconds from 10 on, else two digits that
 * count, cut off. */
static void format_ms(int64_t ns, char text[32])
{
	int64_t us = ns / 1000;
	int decimals = 3;

	if (ns >= 10000000) {
		snprintf(text, 32, "%" PRId64, ns / 1000000);
		return;
	}
	if (us == 0) {
		snprintf(text, 32, "0");
		return;
	}
	for (; us >= 100; decimals--)
		us /= 10;
	if (decimals == 3)
		snprintf(text, 32, "0.%03" PRId64, us);
	else if (decimals == 2)
		snprintf(text, 32, "0.%02" PRId64, us);
	else
		snprintf(text, 32, "%" PRId64 ".%" PRId64, us / 10, us % 10);
}

/* The line of one cycle; waits for it: the runtime prints when the world runs already. */
static struct trace read_trace(FILE *file, int64_t number)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	struct trace trace = { 0 };
	char begin[32], line[512];

	snprintf(begin, sizeof(begin), "gc %" PRId64 " @", number);
	for (int tries = 0; tries < 20000; tries++) {
		rewind(file);
		while (fgets(line, sizeof(line), file)) {
			const char *clock = strstr(line, "%: "), *heap = strstr(line, " ms cpu, ");

			if (strncmp(line, begin, strlen(begin)) || !strchr(line, '\n') || !clock ||
			    !heap)
				continue;
			trace.number = number;
			trace.forced = strstr(line, "(forced)") != NULL;
			EXPECT(sscanf(clock, "%%: %15[0-9.]+%15[0-9.]+%15[0-9.] ms clock",
				      trace.clock[0], trace.clock[1], trace.clock[2]) == 3,
			       "no times in %s", line);
			EXPECT(sscanf(heap,
				      " ms cpu, %" SCNd64 "->%" SCNd64 "->%" SCNd64 " MB, %" SCNd64
				      " MB goal",
				      &trace.before_mib, &trace.after_mib, &trace.live_mib,
				      &trace.goal_mib) == 4,
			       "no sizes in %s", line);
			return trace;
		}
		nanosleep(&moment, NULL);
	}
	EXPECT(false, "cycle %" PRId64 " was never printed", number);
	return trace;
}

static void check_phases(const struct gc_cycle *cycle, const struct trace *trace)
{
	const int64_t phases[] = { cycle->mark_unix_ns - cycle->sweep_term_unix_ns,
				   cycle->mark_term_unix_ns - cycle->mark_unix_ns,
				   cycle->end_unix_ns - cycle->mark_term_unix_ns };
	char text[32];

	for (int i = 0; i < 3; i++) {
		format_ms(phases[i], text);
		EXPECT(!strcmp(text, trace->clock[i]),
		       "phase %d of cycle %" PRId64 " took %s ms, not %s", i, cycle->number,
		       trace->clock[i], text);
	}
	EXPECT(cycle->heap_before_bytes >> 20 == trace->before_mib &&
		       cycle->heap_after_bytes >> 20 == trace->after_mib &&
		       cycle->heap_live_bytes >> 20 == trace->live_mib,
	       "the heap of cycle %" PRId64 " is wrong", cycle->number);
	EXPECT(cycle->goal_bytes >> 20 == trace->goal_mib, "the goal of cycle %" PRId64 " is wrong",
	       cycle->number);
	EXPECT(cycle->forced == trace->forced, "cycle %" PRId64 ": forced is %d", cycle->number,
	       cycle->forced);
}

/* Returns how many of the cycles had their phases. */
static int check_events(const struct gc_events *events, const struct counters *before, FILE *file)
{
	int seen = 0;

	for (size_t i = 0; i < events->cycle_count; i++) {
		const struct gc_cycle *cycle = &events->cycles[i];
		struct trace trace = read_trace(file, cycle->number);

		EXPECT(cycle->number == before->memstats.num_gc + 1 + (int64_t)i,
		       "%" PRId64 " is out of turn", cycle->number);
		EXPECT(cycle->pause_ns > 0 && cycle->end_unix_ns > before->memstats.last_gc,
		       "the ring's entry of cycle %" PRId64 " is none", cycle->number);
		if (cycle->sweep_term_unix_ns == UNKNOWN)
			continue;
		check_phases(cycle, &trace);
		seen++;
	}
	return seen;
}

static struct program start_tracing(const char *trace_path)
{
	static char command[8192];
	char ready[256];
	const char *const arguments[] = { "/bin/sh", "-c", command, NULL };
	struct program program;

	snprintf(command, sizeof(command), "exec '%s' 2>'%s'", announce_path, trace_path);
	program = program_start(arguments,
				(struct program_options){ .setting = "GODEBUG=gctrace=1" });
	snprintf(ready, sizeof(ready), "%s", program_read(&program));
	EXPECT(strstr(ready, "\"ready\""), "did not start: '%s'", ready);
	return program;
}

static void check_traced(void)
{
	char path[] = "/tmp/heaptap-gctrace.XXXXXX";
	AUTO_CLOSE int fd = mkstemp(path);
	AUTO_FCLOSE FILE *file = fopen(path, "r");
	AUTO_PROGRAM struct program program = start_tracing(path);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct counters before, now;
	int error = target_open(program.pid, &target), seen = 0;

	unlink(path);
	if (error == -EACCES || error == -EPERM)
		test_skip("no right to trace a process here");
	EXPECT(error == 0 && fd >= 0 && file, "cannot be opened: %d", error);
	EXPECT(target_counters(target, &before) == 0, "no counters");
	for (int i = 0; i < 20; i++) {
		struct gc_events events = { 0 };

		program_ask(&program, i % 2 ? "alloc page1k 6000 50" : "gc");
		EXPECT(target_counters(target, &now) == 0, "no counters");
		EXPECT(gc_events_poll(&now, &before, &events) == 0, "no events");
		EXPECT(i % 2 || events.cycle_count >= 2, "two cycles did not show");
		seen += check_events(&events, &before, file);
		gc_events_clear(&events);
		before = now;
	}
	/* after each "gc" the collector rests, and what it noted still stands */
	EXPECT(seen >= 10, "only %d cycles were seen with their phases", seen);
}

TEST("the cycles of a live program are those that gctrace prints: phases, heap, goal, forced")
{
	announce_each("stripped", check_traced);
}
