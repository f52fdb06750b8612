/* The counters of live programs, at rest class by class, and while they never rest. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/announce.h"
#include "target/target_internal.h"

DEFINE_CLEANUP(cleanup_target, struct target, target_free)

static void open_target(const struct program *program, struct target **ret)
{
	int error = target_open(program->pid, ret);

	if (error == -EACCES || error == -EPERM)
		test_skip("no right to trace a process here");
	EXPECT(error == 0, "cannot be opened: %d", error);
}

/* The numbers of MemStats.BySize, class by class: size, Mallocs, Frees. */
static void check_classes(const char *json, const struct counters *counters)
{
	const char *at = strstr(json, "\"BySize\":");
	uint64_t numbers[3];

	EXPECT(at, "no BySize");
	at = strchr(at, '[');
	for (int class = 0; class < 61; class ++) { /* BySize ends at 18432 bytes */
		for (int i = 0; i < 3; i++) {
			at += strcspn(at, "0123456789");
			numbers[i] = strtoull(at, (char **)&at, 10);
		}
		EXPECT(numbers[0] == size_class_bytes[class], "class %d has %" PRIu64 " bytes",
		       class, numbers[0]);
		if (class == 0)
			continue;
		EXPECT(numbers[1] == (uint64_t)counters->classes[class].mallocs &&
			       numbers[2] == (uint64_t)counters->classes[class].frees,
		       "%" PRIu64 " bytes: %" PRIu64 " and %" PRIu64 ", not %" PRIu64
		       " and %" PRIu64,
		       numbers[0], (uint64_t)counters->classes[class].mallocs,
		       (uint64_t)counters->classes[class].frees, numbers[1], numbers[2]);
	}
}

static uint64_t motion(const char *json)
{
	return announce_number(json, "Mallocs") + announce_number(json, "Frees");
}

/* While the scavenger gives back memory, two of the words that the goal is made of do not fit. */
static bool goal_fits(const char *json, const struct counters *counters)
{
	return announce_number(json, "NextGC") == (uint64_t)counters->memstats.next_gc;
}

static void check_quiet(void)
{
	static char truth[65536];
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=off", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct counters counters;
	bool rests = false;

	open_target(&program, &target);
	program_ask(&program, "alloc node 20000 500");
	program_ask(&program, "gc");
	program_ask(&program, "alloc page1k 333 10");
	for (int i = 0; i < 50 && !rests; i++) {
		snprintf(truth, sizeof(truth), "%s", program_ask(&program, "memstats"));
		EXPECT(target_counters(target, &counters) == 0, "no counters");
		rests = motion(truth) == motion(program_ask(&program, "memstats")) &&
			goal_fits(program.line, &counters);
	}
	EXPECT(rests, "its statistics never rest, or the goal %" PRId64 " is wrong",
	       counters.memstats.next_gc);
	EXPECT(!counters.torn, "torn at rest");
	check_classes(truth, &counters);
}

TEST("a program at rest, with GOGC=off: the counts of each size class are its own BySize")
{
	announce_each("stripped", check_quiet);
}

/* Several polls between two answers: each is between them, and none less than the one before. */
static unsigned int check_bracket(struct program *program, struct target *target)
{
	struct memstats before = announce_memstats(program_ask(program, "memstats")), after;
	struct counters counters[10];
	unsigned int torn = 0;

	for (int i = 0; i < 10; i++) {
		EXPECT(target_counters(target, &counters[i]) == 0, "no counters");
		torn += counters[i].torn;
	}
	after = announce_memstats(program_ask(program, "memstats"));
	for (int i = 0; i < 10; i++) {
		const struct memstats *now = &counters[i].memstats;

#define EXPECT_BETWEEN(member)                                                                     \
	EXPECT(now->member >= before.member && now->member <= after.member,                        \
	       #member " is %" PRId64 ", not between %" PRId64 " and %" PRId64, now->member,       \
	       before.member, after.member);                                                       \
	EXPECT(i == 0 || now->member >= counters[i - 1].memstats.member, #member " steps back")
		EXPECT_BETWEEN(mallocs);
		EXPECT_BETWEEN(frees);
		EXPECT_BETWEEN(total_alloc);
		EXPECT_BETWEEN(num_gc);
		EXPECT_BETWEEN(num_forced_gc);
		EXPECT_BETWEEN(pause_total_ns);
		EXPECT_BETWEEN(last_gc);
#undef EXPECT_BETWEEN
		EXPECT(now->heap_objects == now->mallocs - now->frees, "objects are wrong");
		for (int class = 0; i > 0 && class < SIZE_CLASSES; class ++)
			EXPECT(counters[i].classes[class].mallocs >=
				       counters[i - 1].classes[class].mallocs,
			       "class %d steps back", class);
	}
	return torn;
}

static void check_busy(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=20", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	unsigned int torn = 0;

	open_target(&program, &target);
	program_ask(&program, "churn 500 4 0");
	for (int i = 0; i < 60; i++)
		torn += check_bracket(&program, target);
	EXPECT(torn <= 6, "%u of 600 polls are torn", torn);
	program_ask(&program, "stop");
	EXPECT(strstr(program_ask(&program, "check"), "\"ok\": true"), "its memory was damaged");
}

TEST("a program that never rests is read between its own MemStats, class by class forwards")
{
	announce_each("stripped", check_busy);
}

/* ---- beyond MemStats ---- */

/* Whether two answers have the same numbers of these names. */
static bool agree(const char *a, const char *b, const char *const *names)
{
	for (; *names; names++)
		if (announce_number(a, *names) != announce_number(b, *names))
			return false;
	return true;
}

/* Polls between two answers to `question` that agree; keeps the answer in `truth`. */
static struct counters poll_at_rest(struct program *program, struct target *target,
				    const char *question, const char *const *names,
				    char truth[65536])
{
	struct counters counters;

	for (int i = 0; i < 20; i++) {
		snprintf(truth, 65536, "%s", program_ask(program, question));
		EXPECT(target_counters(target, &counters) == 0, "no counters");
		if (agree(truth, program_ask(program, question), names))
			return counters;
	}
	EXPECT(false, "its %s never rest", question);
	return counters;
}

/* In Go 1.19-1.27 alike (runtime/mheap.go): allspans follows sweepgen, aligned, and in an mspan the
 * state follows the span class. */
#define SPANS_MAX  (1 << 16)
#define SPAN_BYTES 160
#define IN_USE	   1

/* Counts the spans in use class by class, in a walk over all there are. */
static void walk_spans(const struct target *target, int64_t spans[SIZE_CLASSES])
{
	static uint64_t addresses[SPANS_MAX];
	struct memory memory = target->memory;
	uint64_t all[2]; /* address, length */

	memset(spans, 0, SIZE_CLASSES * sizeof(spans[0]));
	EXPECT(memory_read(&memory,
			   target->globals.mheap + (uint64_t)target->layout.mheap_sweepgen + 8, all,
			   sizeof(all)) == 0 &&
		       all[1] <= SPANS_MAX &&
		       memory_read(&memory, all[0], addresses, all[1] * 8) == 0,
	       "allspans cannot be read");
	for (uint64_t i = 0; i < all[1]; i++) {
		uint8_t class_and_state[2];

		EXPECT(memory_read(&memory, addresses[i] + (uint64_t)target->layout.mspan_spanclass,
				   class_and_state, 2) == 0,
		       "a span cannot be read");
		spans[class_and_state[0] / 2] += class_and_state[1] == IN_USE;
	}
}

static void check_spans(void)
{
	static const char *const names[] = { "Mallocs", "Frees", "HeapInuse", NULL };
	static char truth[65536];
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	int64_t spans[SIZE_CLASSES], held = 0;
	struct counters counters;

	open_target(&program, &target);
	program_ask(&program, "alloc node 20000 5000");
	program_ask(&program, "alloc large100k 20 7");
	program_ask(&program, "alloc directory 300 10");
	program_ask(&program, "gc"); /* and swept */
	counters = poll_at_rest(&program, target, "memstats", names, truth);
	walk_spans(target, spans);
	for (int class = 0; class < SIZE_CLASSES; class ++) {
		const struct size_class *counts = &counters.classes[class];

		EXPECT(counts->spans == spans[class],
		       "class %d has %" PRId64 " spans, not %" PRId64, class, spans[class],
		       counts->spans);
		if (class > 0)
			EXPECT(counts->waste_bytes >= 0, "the waste of class %d is unknown", class);
		held += counts->alloc_bytes - counts->free_bytes +
			(class > 0 ? counts->waste_bytes : 0);
	}
	EXPECT(counters.classes[0].spans == counters.classes[0].mallocs - counters.classes[0].frees,
	       "large objects have other spans than themselves");
	EXPECT(held == counters.memstats.heap_inuse,
	       "objects and waste are %" PRId64 " bytes, HeapInuse %" PRId64, held,
	       counters.memstats.heap_inuse);
}

TEST("spans by class are those of a walk over all spans; objects and waste are HeapInuse")
{
	announce_each("stripped", check_spans);
}

static void check_goroutines(void)
{
	static const char *const names[] = { "NumGoroutine", NULL };
	static char truth[65536];
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct counters counters;

	open_target(&program, &target);
	for (int i = 0; i < 2; i++) {
		program_ask(&program, "threads 5");	   /* that stay */
		program_ask(&program, "stackgrow 10 300"); /* that end */
		if (i)
			program_ask(&program, "gc"); /* which takes the dead ones' stacks */
		counters = poll_at_rest(&program, target, "memstats", names, truth);
		EXPECT((uint64_t)counters.goroutines == announce_number(truth, "NumGoroutine"),
		       "%" PRId64 " goroutines, not %" PRIu64, counters.goroutines,
		       announce_number(truth, "NumGoroutine"));
	}
}

TEST("goroutines are what runtime.NumGoroutine says, whichever have ended")
{
	announce_each("*stripped", check_goroutines);
}

static void check_gc_cpu(void)
{
	static const char *const names[] = { "assist_ns", "dedicated_ns", "idle_ns",
					     "pause_ns",  "gc_total_ns",  "scavenge_ns",
					     "user_ns",	  "idle_time_ns", "total_ns",
					     NULL };
	static char truth[65536];
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=20", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct counters counters;

	open_target(&program, &target);
	program_ask(&program, "alloc page1k 20000 1000");
	program_ask(&program, "gc");
	if (!strstr(program_ask(&program, "gccpu"), "total_ns")) {
		EXPECT(target_counters(target, &counters) == 0 && counters.gc_cpu.total_ns == -1,
		       "CPU times that the runtime does not have");
		return;
	}
	counters = poll_at_rest(&program, target, "gccpu", names, truth);
#define EXPECT_NS(member)                                                                          \
	EXPECT((uint64_t)counters.gc_cpu.member == announce_number(truth, #member),                \
	       #member " is %" PRIu64 ", not %" PRId64, announce_number(truth, #member),           \
	       counters.gc_cpu.member)
	EXPECT_NS(assist_ns);
	EXPECT_NS(dedicated_ns);
	EXPECT_NS(idle_ns);
	EXPECT_NS(pause_ns);
	EXPECT_NS(gc_total_ns);
	EXPECT_NS(scavenge_ns);
	EXPECT_NS(user_ns);
	EXPECT_NS(idle_time_ns);
	EXPECT_NS(total_ns);
#undef EXPECT_NS
}

TEST("the collector's CPU times are those of runtime/metrics")
{
	announce_each("stripped", check_gc_cpu);
}
