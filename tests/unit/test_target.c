/*
 * A whole target on live programs of every Go version and build there is, against what the programs
 * say of themselves. Needs the right to trace them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/announce.h"
#include "target/target.h"

DEFINE_CLEANUP(cleanup_target, struct target, target_free)
#define AUTO_TARGET CLEANUP(cleanup_target)

static void open_target(const struct program *program, struct target **ret)
{
	int error = target_open(program->pid, ret);

	if (error == -EACCES || error == -EPERM)
		test_skip("no right to trace a process here");
	EXPECT(error == 0, "cannot be opened: %d", error);
}

/* ---- counters ---- */

#define MEMSTATS_BYTES 65536

/* Polls between two answers that agree: the runtime's own goroutines allocate a little now and
 * then. false when they do not agree. */
static bool poll_between(struct program *program, struct target *target, struct counters *ret,
			 char truth[MEMSTATS_BYTES])
{
	const char *after;

	snprintf(truth, MEMSTATS_BYTES, "%s", program_ask(program, "memstats"));
	EXPECT(target_counters(target, ret) == 0, "the counters cannot be read");
	after = program_ask(program, "memstats");
	return announce_number(truth, "Mallocs") == announce_number(after, "Mallocs") &&
	       announce_number(truth, "Frees") == announce_number(after, "Frees") &&
	       announce_number(truth, "StackInuse") == announce_number(after, "StackInuse");
}

static void check_counters(void)
{
	static char truth[MEMSTATS_BYTES];
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;
	struct counters counters;
	bool quiet = false;

	open_target(&program, &target);
	program_ask(&program, "alloc node 20000 500");
	program_ask(&program, "alloc large100k 20 2");
	program_ask(&program, "gc");
	program_ask(&program, "alloc tiny8 1000 10");
	program_ask(&program, "alloc directory 300 10");
	for (int i = 0; i < 8 && !quiet; i++)
		quiet = poll_between(&program, target, &counters, truth);
	EXPECT(quiet, "its statistics never rest");
	EXPECT(!counters.torn, "torn in a program that does nothing");
#define EXPECT_FIELD(member, name)                                                                 \
	EXPECT((uint64_t)counters.member == announce_number(truth, name),                          \
	       name " is %" PRIu64 ", not %" PRIu64, (uint64_t)counters.member,                    \
	       announce_number(truth, name))
	EXPECT_FIELD(total_alloc_bytes, "TotalAlloc");
	EXPECT_FIELD(mallocs, "Mallocs");
	EXPECT_FIELD(frees, "Frees");
	EXPECT_FIELD(heap_alloc_bytes, "HeapAlloc");
	EXPECT_FIELD(heap_objects, "HeapObjects");
	EXPECT_FIELD(heap_goal_bytes, "NextGC");
	EXPECT_FIELD(heap_inuse_bytes, "HeapInuse");
	EXPECT_FIELD(stacks_bytes, "StackInuse");
	EXPECT_FIELD(gc_cycles, "NumGC");
	EXPECT_FIELD(pause_total_ns, "PauseTotalNs");
#undef EXPECT_FIELD
}

TEST("the counters of a live program are its own MemStats")
{
	announce_each("*", check_counters);
}

/* ---- buckets ---- */

static const struct known {
	const char *kind, *function, *type;
} known[] = {
	{ "node", "main.makeNode", "main.node" },
	{ "block64", "main.makeBlock64", "main.block64" },
	{ "page1k", "main.makePage1k", "main.page1k" },
	{ "large100k", "main.makeLarge100k", "main.large100k" },
	{ "directory", "main.makeDirectory", "main.directory" },
	{ "bytes", "main.makeBytes", "[]uint8" },
	{ "words", "main.makeWords", "[]uint64" },
	{ "nodelist", "main.makeNodeList", "[]*main.node" },
	{ "text", "main.makeText", "string" },
	{ "boxed", "main.box", "main.record" },
	{ "inlined", "main.newLeaf", "main.leaf" },
	{ "inlined", "main.makeInlined", "main.leaf" },
	{ "item", "example.com/targets/announce/store%2ev2.New", "store.Item" },
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

static bool stack_has(const struct stack *stack, const char *function)
{
	for (uint32_t i = 0; i < stack->count; i++) {
		if (strcmp(stack->frames[i].function, function) == 0)
			return true;
	}
	return false;
}

/* Samples of objects of this type made in this function. */
static uint64_t count_allocs(struct target *target, const struct known *what)
{
	const struct bucket *buckets;
	uint64_t invalid, allocs = 0;
	size_t count;

	EXPECT(target_buckets(target, &buckets, &count, &invalid) == 0, "no buckets");
	EXPECT(invalid == 0, "%" PRIu64 " invalid buckets", invalid);
	for (size_t i = 0; i < count; i++) {
		if (buckets[i].type && strcmp(buckets[i].type, what->type) == 0 &&
		    stack_has(buckets[i].stack, what->function))
			allocs += buckets[i].allocs;
	}
	return allocs;
}

static void check_buckets(void)
{
	char ready[256], line[64];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;
	uint64_t old = 1, ours = 0;
	double rate;

	open_target(&program, &target);
	EXPECT(target_sampler(target, &rate) ==
		       (announce_number(ready, "memprofilerate") ? SAMPLER_ON : SAMPLER_OFF),
	       "the sampler's state is wrong");
	EXPECT(target_set_sampling_rate(target, 1, &old) == 0, "the rate cannot be set");
	EXPECT(old == announce_number(ready, "memprofilerate"), "the rate was %" PRIu64, old);
	EXPECT(target_sampler(target, &rate) == SAMPLER_ON && rate == 1, "the rate is not 1");
	for (size_t i = 0; i < KNOWN; i++) {
		uint64_t before = count_allocs(target, &known[i]), after;

		snprintf(line, sizeof(line), "alloc %s 50 10", known[i].kind);
		program_ask(&program, line);
		after = count_allocs(target, &known[i]);
		EXPECT(after - before == 50, "%s: %" PRIu64 " samples of 50 objects %s in %s",
		       known[i].kind, after - before, known[i].type, known[i].function);
	}
	EXPECT(target_set_sampling_rate(target, old, &ours) == 0 && ours == 1,
	       "the rate was not set back");
	EXPECT(strstr(program_ask(&program, "check"), "\"ok\": true"), "its memory was damaged");
}

TEST("with every allocation sampled, the buckets tell function, type and number of objects")
{
	announce_each("*", check_buckets);
}

/* ---- the same buckets as the program sees them ---- */

struct totals {
	uint64_t allocs, bytes, inuse;
};

static int compare_totals(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct totals));
}

static size_t own_totals(struct target *target, struct totals *totals, size_t max)
{
	const struct bucket *buckets;
	uint64_t invalid;
	size_t count, used = 0;

	EXPECT(target_buckets(target, &buckets, &count, &invalid) == 0, "no buckets");
	for (size_t i = 0; i < count && used < max; i++)
		totals[used++] = (struct totals){ buckets[i].allocs,
						  buckets[i].allocs * buckets[i].object_bytes,
						  buckets[i].allocs - buckets[i].frees };
	return used;
}

static size_t told_totals(const char *json, struct totals *totals, size_t max)
{
	size_t used = 0;

	while (used < max && (json = strstr(json, "\"alloc_bytes\":"))) {
		totals[used++] = (struct totals){ announce_number(json, "alloc_objects"),
						  announce_number(json, "alloc_bytes"),
						  announce_number(json, "inuse_objects") };
		json++;
	}
	return used;
}

#define MAX_TOTALS 4096

/* MemProfile shows what was sampled before the last collection but one; we, everything. */
static bool same_records(struct program *program, struct target *target, size_t *ret_count)
{
	static struct totals ours[MAX_TOTALS], told[MAX_TOTALS];
	size_t ours_count;

	program_ask(program, "gc");
	*ret_count = told_totals(program_ask(program, "records"), told, MAX_TOTALS);
	ours_count = own_totals(target, ours, MAX_TOTALS);
	qsort(ours, ours_count, sizeof(*ours), compare_totals);
	qsort(told, *ret_count, sizeof(*told), compare_totals);
	return ours_count == *ret_count && memcmp(ours, told, ours_count * sizeof(*told)) == 0;
}

static void check_records(void)
{
	char ready[256], line[64];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;
	uint64_t rate;
	size_t count = 0;
	bool same = false;

	open_target(&program, &target);
	EXPECT(target_set_sampling_rate(target, 1, &rate) == 0, "the rate cannot be set");
	for (size_t i = 0; i < KNOWN; i++) {
		snprintf(line, sizeof(line), "alloc %s 300 20", known[i].kind);
		program_ask(&program, line);
	}
	EXPECT(target_set_sampling_rate(target, 0, &rate) == 0, "the rate cannot be set");
	/* the runtime's own last samples come in while the first collections run */
	for (int i = 0; i < 8 && !same; i++)
		same = same_records(&program, target, &count);
	EXPECT(count >= KNOWN - 1, "only %zu records", count);
	EXPECT(same, "the buckets differ from the %zu records", count);
}

TEST("the buckets are the records of runtime.MemProfile")
{
	announce_each("plain", check_records);
	announce_each("stripped", check_records);
	announce_each("pie-stripped", check_records);
}
