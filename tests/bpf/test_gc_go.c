/*
 * Cycles and stops of real Go programs: what the probes see against what the program prints with
 * GODEBUG=gctrace=1, and what it says of its pauses.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness/announce.h"
#include "model/unknown.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"
#include "target/target.h"

DEFINE_CLEANUP(gc_probe_cleanup, struct gc_probe, gc_probe_close)
DEFINE_CLEANUP(target_cleanup, struct target, target_free)

/* ---- a program whose trace we have ---- */

/* Its standard error is a file, which the runtime writes a line to at the end of each cycle. */
static struct program start_traced(FILE *trace)
{
	struct program program;
	char ready[256];
	int error = dup(STDERR_FILENO);

	CHECK(error >= 0 && dup2(fileno(trace), STDERR_FILENO) >= 0);
	program = announce_start("GODEBUG=gctrace=1", ready);
	dup2(error, STDERR_FILENO);
	close(error);
	return program;
}

struct observed {
	struct program program;
	struct target *target;
	struct gc_probe *probe;
	struct gc_hits hits;
	struct gc_events events; /* so far */
	struct probe_statistics statistics;
	FILE *trace;
	int minor;
	uint64_t pauses_before, cycles_before;
};

static void observed_end(struct observed *observed)
{
	gc_probe_close(observed->probe);
	target_free(observed->target);
	program_end(&observed->program);
	gc_hits_free(&observed->hits);
	gc_events_clear(&observed->events);
	fclose(observed->trace);
}

static void ask_ok(struct observed *observed, const char *command)
{
	const char *answer = program_ask(&observed->program, command);

	EXPECT(strstr(answer, "\"ok\": true"), "%s: %s", command, answer);
}

static struct observed observe(enum attach_way way)
{
	const struct gc_probe_options options = { .ring_bytes = 1U << 20 };
	struct observed observed = { .trace = tmpfile() };
	struct probe_plan plan;

	CHECK(observed.trace);
	attach_way_force(way);
	observed.program = start_traced(observed.trace);
	CHECK_INT(target_open(observed.program.pid, &observed.target), 0);
	observed.minor = go_binary_version(target_binary(observed.target))->minor;
	EXPECT(target_plan_gc(observed.target, &plan) == 0, "no plan");
	ask_ok(&observed, "memstats");
	observed.pauses_before = announce_number(observed.program.line, "PauseTotalNs");
	observed.cycles_before = announce_number(observed.program.line, "NumGC");
	EXPECT(gc_probe_open(observed.program.pid, &plan, &options, &observed.probe) == 0,
	       "no probes");
	return observed;
}

static void look(struct observed *observed)
{
	const struct gc_hit *hits;
	size_t count;

	CHECK_INT(gc_probe_read(observed->probe, &hits, &count, &observed->statistics), 0);
	for (size_t i = 0; i < count; i++)
		gc_hits_add(&observed->hits, &hits[i], 0);
	CHECK_INT(gc_hits_take(&observed->hits, INT64_MAX, &observed->events), 0);
	CHECK_INT(observed->statistics.foreign, 0);
	for (int i = 0; i < LOSS_COUNT; i++)
		CHECK_INT(observed->statistics.losses[i], 0);
}

/* ---- the trace ---- */

struct traced {
	unsigned int number;
	char phases[3][32];	    /* as printed, milliseconds */
	unsigned int heap[3], goal; /* MiB, rounded down */
	bool forced;
};

/* 1 with the next cycle, 0 at the end. */
static int read_trace(FILE *trace, struct traced *ret)
{
	char *line AUTO_FREE = NULL;
	size_t capacity = 0;

	while (getline(&line, &capacity, trace) > 0) {
		char *clock = strstr(line, "%: "), *heap = strstr(line, " ms cpu, ");

		if (sscanf(line, "gc %u @", &ret->number) != 1)
			continue;
		EXPECT(clock && heap &&
			       sscanf(clock + 3, "%31[0-9.]+%31[0-9.]+%31[0-9.] ms clock",
				      ret->phases[0], ret->phases[1], ret->phases[2]) == 3 &&
			       sscanf(heap + 9, "%u->%u->%u MB, %u MB goal", &ret->heap[0],
				      &ret->heap[1], &ret->heap[2], &ret->goal) == 4,
		       "a line of the trace: %s", line);
		ret->forced = strstr(line, "(forced)");
		return 1;
	}
	return 0;
}

/* runtime.fmtNSAsMS: whole milliseconds from 10 on, else two digits that count. */
static void print_ms(int64_t ns, char text[32])
{
	if (ns >= 10000000) {
		snprintf(text, 32, "%" PRId64, ns / 1000000);
		return;
	}
	uint64_t x = (uint64_t)ns / 1000;
	int decimals = 3;

	if (x == 0) {
		snprintf(text, 32, "0");
		return;
	}
	while (x >= 100) {
		x /= 10;
		decimals--;
	}
	snprintf(text, 32, "%.*f", decimals, (double)x / pow(10, decimals));
}

static void expect_phase(const struct traced *traced, int phase, int64_t ns)
{
	char text[32];

	print_ms(ns, text);
	EXPECT(strcmp(text, traced->phases[phase]) == 0, "cycle %u: phase %d is %s, not %s",
	       traced->number, phase, text, traced->phases[phase]);
}

/* work.userForced is set when a cycle is asked for, before the one under way has ended, and the
 * trace prints what it is then: it may be that of the next cycle. */
static bool forced_fits(const struct gc_cycle *cycle, const struct gc_cycle *next, bool printed)
{
	return cycle->forced == printed || (next && next->forced == printed);
}

static void expect_cycle(const struct gc_cycle *cycle, const struct gc_cycle *next,
			 const struct traced *traced)
{
	EXPECT(cycle->number == traced->number, "cycle %" PRId64 " is traced as %u", cycle->number,
	       traced->number);
	expect_phase(traced, 0, cycle->mark_unix_ns - cycle->sweep_term_unix_ns);
	expect_phase(traced, 1, cycle->mark_term_unix_ns - cycle->mark_unix_ns);
	expect_phase(traced, 2, cycle->end_unix_ns - cycle->mark_term_unix_ns);
	EXPECT(forced_fits(cycle, next, traced->forced), "cycle %u: forced", traced->number);
	/* the trace's first number was read before the world stopped, in which time it grows */
	EXPECT((cycle->heap_before_bytes >> 20) + 1 >= traced->heap[0], "cycle %u: heap before",
	       traced->number);
	EXPECT(cycle->heap_after_bytes >> 20 == traced->heap[1], "cycle %u: heap after",
	       traced->number);
	EXPECT(cycle->heap_live_bytes >> 20 == traced->heap[2], "cycle %u: heap live",
	       traced->number);
	EXPECT(cycle->goal_bytes >> 20 == traced->goal, "cycle %u: goal", traced->number);
}

/* Each cycle since the probes came is in the trace, and the other way round. */
static void expect_trace(struct observed *observed)
{
	const struct gc_cycle *cycles = observed->events.cycles;
	size_t count = 0, total = observed->events.cycle_count;
	struct traced traced;

	rewind(observed->trace);
	while (read_trace(observed->trace, &traced)) {
		if (traced.number <= observed->cycles_before)
			continue;
		EXPECT(count < total, "cycle %u was not seen", traced.number);
		expect_cycle(&cycles[count], count + 1 < total ? &cycles[count + 1] : NULL,
			     &traced);
		count++;
	}
	EXPECT(count == total, "%zu of %zu cycles are traced", count, total);
}

static int64_t stopped_for(const struct gc_events *events, int reason, size_t *ret_count)
{
	int64_t sum = 0;

	*ret_count = 0;
	for (size_t i = 0; i < events->stop_count; i++) {
		const struct gc_stop *stop = &events->stops[i];

		EXPECT(stop->duration_ns > 0 && stop->duration_ns < 60000000000, "a stop's length");
		if (stop->reason != reason)
			continue;
		sum += stop->duration_ns;
		++*ret_count;
	}
	return sum;
}

/* The stops of the GC add up to what the program takes for its pauses. */
static void expect_pauses(struct observed *observed, uint64_t pauses_ns)
{
	const struct gc_events *events = &observed->events;
	size_t sweep, mark;
	int64_t stopped = stopped_for(events, GC_STOP_SWEEP_TERMINATION, &sweep), cycles = 0;

	stopped += stopped_for(events, GC_STOP_MARK_TERMINATION, &mark);
	for (size_t i = 0; i < events->cycle_count; i++)
		cycles += events->cycles[i].pause_ns;
	EXPECT((uint64_t)cycles == pauses_ns, "pauses of the cycles are %" PRId64 ", not %" PRIu64,
	       cycles, pauses_ns);
	EXPECT(sweep == events->cycle_count && mark >= events->cycle_count,
	       "%zu and %zu stops for %zu cycles", sweep, mark, events->cycle_count);
	/* Marking may turn out not to be over, and the world goes on: the end of such a stop is
	 * told by the hit alone. */
	if (mark == events->cycle_count)
		EXPECT((uint64_t)stopped == pauses_ns, "stops are %" PRId64 ", not %" PRIu64,
		       stopped, pauses_ns);
}

static void check_cycles(enum attach_way way)
{
	struct observed observed __attribute__((cleanup(observed_end))) = observe(way);

	ask_ok(&observed, "gc");
	ask_ok(&observed, "churn 20000 2 0");
	ask_ok(&observed, "gc");
	ask_ok(&observed, "gc");
	ask_ok(&observed, "stop");
	ask_ok(&observed, "alloc page1k 100000 10");
	/* forced ones end any other before */
	ask_ok(&observed, "gc");
	ask_ok(&observed, "memstats");
	look(&observed);
	expect_trace(&observed);
	EXPECT(observed.events.cycle_count > 8, "%zu cycles", observed.events.cycle_count);
	expect_pauses(&observed, announce_number(observed.program.line, "PauseTotalNs") -
					 observed.pauses_before);
}

static void check_cycles_multi(void)
{
	check_cycles(ATTACH_MULTI);
}

static void check_cycles_perf(void)
{
	check_cycles(ATTACH_PERF);
}

TEST("the cycles seen by one link are those of the program's own trace, each with its phases, and "
     "their stops its pauses")
{
	if (!feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	announce_each("plain", check_cycles_multi);
}

TEST("the cycles seen by perf events are those of the program's own trace")
{
	announce_each("pie-stripped", check_cycles_perf);
}

/* ---- reasons ---- */

/* 1.19 has no reasons: only what the GC does in its own stops tells them. */
static void expect_stops(const struct observed *observed, int reason, size_t least, size_t most)
{
	size_t count;

	stopped_for(&observed->events, observed->minor >= 21 ? reason : GC_STOP_UNKNOWN, &count);
	EXPECT(count >= least && count <= most, "%zu stops for '%s'", count,
	       gc_stop_reason_text(reason));
}

static void check_reasons(enum attach_way way)
{
	struct observed observed __attribute__((cleanup(observed_end))) = observe(way);
	size_t count;

	ask_ok(&observed, "readstats 50");
	look(&observed);
	expect_stops(&observed, GC_STOP_READ_MEMSTATS, 50, 50);
	EXPECT(observed.events.stop_count == 50, "%zu stops", observed.events.stop_count);
	ask_ok(&observed, "procs 3");
	ask_ok(&observed, "procs 5");
	ask_ok(&observed, "procs 5"); /* as it is: no stop */
	look(&observed);
	expect_stops(&observed, GC_STOP_GOMAXPROCS, 2, 2);
	EXPECT(observed.events.stop_count == 2, "%zu stops", observed.events.stop_count);
	ask_ok(&observed, "gc");
	/* that of the mark termination ends a little after runtime.GC returns */
	ask_ok(&observed, "memstats");
	look(&observed);
	stopped_for(&observed.events, GC_STOP_SWEEP_TERMINATION, &count);
	EXPECT(count == 2, "%zu stops for sweep termination", count);
	stopped_for(&observed.events, GC_STOP_MARK_TERMINATION, &count);
	EXPECT(count >= 2, "%zu stops for mark termination", count);
	EXPECT(observed.events.cycle_count == 2, "%zu cycles", observed.events.cycle_count);
	expect_stops(&observed, GC_STOP_READ_MEMSTATS, 1, 1);
}

static void check_reasons_multi(void)
{
	check_reasons(ATTACH_MULTI);
}

static void check_reasons_perf(void)
{
	check_reasons(ATTACH_PERF);
}

TEST("each stop of the world has its reason, seen by one link")
{
	if (!feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	announce_each("plain", check_reasons_multi);
}

TEST("each stop of the world has its reason, seen by perf events")
{
	announce_each("pie-stripped", check_reasons_perf);
}
