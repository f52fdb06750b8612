/*
 * What RSS consists of, on live programs that say what they have done. Bounds follow from that and
 * from what is said at each; the kernel's own sum is the total.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness/announce.h"
#include "target/target.h"

#define MIB 1048576LL
/* What a program and its runtime do on their own between two readings: stacks of new threads, spans
 * and buffers that the collector takes, background sweeping. */
#define UNREST (4 * MIB)

DEFINE_CLEANUP(cleanup_target, struct target, target_free)

static void open_target(const struct program *program, struct target **ret)
{
	int error = target_open(program->pid, ret);

	if (error == -EACCES || error == -EPERM)
		test_skip("no right to trace a process here");
	EXPECT(error == 0, "cannot be opened: %d", error);
}

static struct rss read_parts(struct target *target)
{
	struct rss_resident resident;
	struct counters counters;
	struct rss rss;
	int64_t sum = 0;
	int error = target_residence(target, &resident);

	EXPECT(error == 0, "its memory cannot be told: %d", error);
	EXPECT(target_counters(target, &counters) == 0, "no counters");
	rss_split(&resident, &counters.memstats, &rss);
	for (int part = 0; part < RSS_PART_COUNT; part++) {
		EXPECT(rss.parts[part] >= 0, "%s is %" PRId64, rss_part_key((enum rss_part)part),
		       rss.parts[part]);
		sum += rss.parts[part];
	}
	EXPECT(sum == rss.total_bytes, "the parts sum to %" PRId64 ", not %" PRId64, sum,
	       rss.total_bytes);
	EXPECT(rss.heap_bytes + rss.stacks_bytes + rss.runtime_bytes + rss.file_bytes +
			       rss.other_bytes ==
		       sum,
	       "the groups do not sum to the parts");
	return rss;
}

static int64_t rollup_bytes(pid_t pid, int64_t *ret_mappings)
{
	char path[64], line[512];
	long long kib = -1, mappings = 0, value;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	AUTO_FCLOSE FILE *file = fopen(path, "r");
	EXPECT(file, "no smaps");
	for (kib = 0; fgets(line, sizeof(line), file);) {
		if (sscanf(line, "Rss: %lld kB", &value) == 1) {
			kib += value;
			mappings++;
		}
	}
	*ret_mappings = mappings;
	return kib << 10;
}

/* Between two sums of the kernel that agree the total is that, within a page per mapping. */
static void check_total(const struct program *program, struct target *target)
{
	int64_t page = sysconf(_SC_PAGESIZE), mappings = 0, before = 0, after = 1;
	struct rss rss;

	for (int i = 0; i < 50 && before != after; i++) {
		before = rollup_bytes(program->pid, &mappings);
		rss = read_parts(target);
		after = rollup_bytes(program->pid, &mappings);
	}
	EXPECT(before == after, "its memory never rests");
	EXPECT(llabs(rss.total_bytes - after) <= page * mappings,
	       "the total is %" PRId64 ", the kernel's %" PRId64, rss.total_bytes, after);
	EXPECT(rss.page_tables_bytes > 0 && rss.swap_bytes >= 0, "page tables or swap are missing");
}

#define EXPECT_GROWTH(now, then, part, least, most)                                                \
	do {                                                                                       \
		int64_t growth_ = (now).parts[part] - (then).parts[part];                          \
		EXPECT(growth_ >= (least) && growth_ <= (most),                                    \
		       "%s grew by %" PRId64 " KiB, not %" PRId64 " to %" PRId64,                  \
		       rss_part_key(part), growth_ >> 10, (int64_t)(least) >> 10,                  \
		       (int64_t)(most) >> 10);                                                     \
	} while (0)

static void ask(struct program *program, const char *command)
{
	const char *answer = program_ask(program, command);

	EXPECT(strstr(answer, "\"ok\": true"), "%s: %.200s", command, answer);
}

/* Objects that stay are objects; nothing of a program without C is native. */
static void check_leak(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=off", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct rss before, after;

	open_target(&program, &target);
	check_total(&program, target);
	before = read_parts(target);
	ask(&program, "alloc page1k 65536 65536");
	check_total(&program, target);
	after = read_parts(target);
	EXPECT_GROWTH(after, before, RSS_HEAP_OBJECTS, 64 * MIB - UNREST, 64 * MIB + UNREST);
	EXPECT_GROWTH(after, before, RSS_HEAP_WASTE, -UNREST, UNREST);
	EXPECT(after.parts[RSS_NATIVE] == 0, "%" PRId64 " KiB are native without C",
	       after.parts[RSS_NATIVE] >> 10);
	/* the executable has no more to be resident than the file and its variables */
	EXPECT(after.parts[RSS_BINARY_TEXT] > 0 && after.parts[RSS_BINARY_DATA] > 0 &&
		       after.file_bytes < 32 * MIB,
	       "the executable has %" PRId64 " KiB", after.file_bytes >> 10);
}

TEST("a leak shows as objects, the parts sum to the kernel's RSS, nothing is native without C")
{
	announce_each("stripped", check_leak);
}

/* At least what the frames hold; the runtime doubles a stack that is full, so never four times it.
 */
static void check_stacks(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=off", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct rss before, after;
	int64_t bytes;

	open_target(&program, &target);
	before = read_parts(target);
	ask(&program, "deep 100 1000");
	bytes = (int64_t)announce_number(program.line, "bytes");
	check_total(&program, target);
	after = read_parts(target);
	EXPECT_GROWTH(after, before, RSS_STACKS, bytes, 4 * bytes + UNREST);
	EXPECT_GROWTH(after, before, RSS_HEAP_OBJECTS, -UNREST, UNREST);
}

TEST("an explosion of goroutine stacks shows as stacks")
{
	announce_each("stripped", check_stacks);
}

/* One object stays in each span, and so do all pages of the spans. */
static void check_fragmentation(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=off", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct rss before, after;
	int64_t freed, kept;

	open_target(&program, &target);
	before = read_parts(target);
	ask(&program, "thin page1k 65536 8"); /* 8 of them in a span */
	freed = (int64_t)announce_number(program.line, "freed");
	kept = (int64_t)announce_number(program.line, "kept") * 1024;
	ask(&program, "release"); /* spans in use are not free */
	check_total(&program, target);
	after = read_parts(target);
	EXPECT_GROWTH(after, before, RSS_HEAP_WASTE, freed - 2 * UNREST, freed + UNREST);
	EXPECT_GROWTH(after, before, RSS_HEAP_OBJECTS, kept - UNREST, kept + UNREST);
}

TEST("one object kept in each span shows as waste of spans")
{
	announce_each("stripped", check_fragmentation);
}

/* Freed memory stays until FreeOSMemory, and is gone after it. */
static void check_release(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GODEBUG=scavtrace=0", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct rss full, freed, released;

	open_target(&program, &target);
	ask(&program, "alloc page1k 65536 65536");
	full = read_parts(target);
	ask(&program, "free");
	ask(&program, "gc");
	freed = read_parts(target);
	/* the scavenger may have returned some of it meanwhile; no page is an object any more */
	EXPECT_GROWTH(freed, full, RSS_HEAP_OBJECTS, -80 * MIB, -64 * MIB + UNREST);
	ask(&program, "release");
	check_total(&program, target);
	released = read_parts(target);
	EXPECT(released.parts[RSS_HEAP_FREE] + released.parts[RSS_HEAP_RETURNED] < UNREST,
	       "%" PRId64 " and %" PRId64 " KiB are still there",
	       released.parts[RSS_HEAP_FREE] >> 10, released.parts[RSS_HEAP_RETURNED] >> 10);
	EXPECT(released.total_bytes < full.total_bytes - 64 * MIB + 2 * UNREST,
	       "RSS did not shrink");
}

TEST("what is freed is no object, and after debug.FreeOSMemory not there at all")
{
	announce_each("stripped", check_release);
}

/* In the books it is an object; in memory it is nothing, and no other part pays for it. */
static void check_ballast(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=off", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct rss before, after;

	open_target(&program, &target);
	ask(&program, "alloc page1k 16384 16384");
	before = read_parts(target);
	ask(&program, "ballast 512");
	check_total(&program, target);
	after = read_parts(target);
	EXPECT_GROWTH(after, before, RSS_HEAP_OBJECTS, -UNREST, UNREST);
	EXPECT_GROWTH(after, before, RSS_HEAP_WASTE, -UNREST, UNREST);
	EXPECT_GROWTH(after, before, RSS_STACKS, -UNREST, UNREST);
}

TEST("a ballast that is never written to changes no part")
{
	announce_each("stripped", check_ballast);
}

/* Through malloc: from its arenas (small blocks) and from mmap (large ones). */
static void check_native(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start("GOGC=off", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	struct rss before, small, large;

	open_target(&program, &target);
	check_total(&program, target);
	before = read_parts(target);
	EXPECT(before.parts[RSS_NATIVE] < UNREST, "%" PRId64 " KiB are native at the start",
	       before.parts[RSS_NATIVE] >> 10);
	ask(&program, "cmalloc 100000 1000"); /* and 16 bytes of malloc's own each */
	small = read_parts(target);
	EXPECT_GROWTH(small, before, RSS_NATIVE, 100000000 - UNREST, 100000000 + 2 * UNREST);
	ask(&program, "cmalloc 50 2000000");
	check_total(&program, target);
	large = read_parts(target);
	EXPECT_GROWTH(large, small, RSS_NATIVE, 100000000 - UNREST, 100000000 + UNREST);
	EXPECT_GROWTH(large, before, RSS_HEAP_OBJECTS, -UNREST, UNREST);
	EXPECT(llabs(large.runtime_bytes - before.runtime_bytes) < UNREST,
	       "the runtime's own changed by %" PRId64 " KiB",
	       (large.runtime_bytes - before.runtime_bytes) >> 10);
	EXPECT(large.parts[RSS_LIBRARIES] > 0 && large.parts[RSS_NATIVE_STACKS] > 0,
	       "no library, or no stack of a thread");
}

TEST("what C has allocated shows as native, and Go's memory beside it does not")
{
	announce_each("cgo", check_native);
}
