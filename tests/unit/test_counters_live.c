/* The counters of live programs, at rest class by class, and while they never rest. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/announce.h"
#include "target/target.h"

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
