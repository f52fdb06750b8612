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

/* The name of the first field that differs, or NULL. */
static const char *difference(const struct memstats *a, const struct memstats *b)
{
#define COMPARE(member, name)                                                                      \
	if (a->member != b->member)                                                                \
		return name;
	MEMSTATS_FIELDS(COMPARE)
#undef COMPARE
	if (a->gc_cpu_fraction != b->gc_cpu_fraction)
		return "GCCPUFraction";
	if (memcmp(a->pause_ns, b->pause_ns, a->pause_count * sizeof(a->pause_ns[0])) != 0)
		return "PauseNs";
	if (memcmp(a->pause_end_unix_ns, b->pause_end_unix_ns,
		   a->pause_count * sizeof(a->pause_end_unix_ns[0])) != 0)
		return "PauseEnd";
	return NULL;
}

/* Polls between two answers of the program that agree in every field: the runtime allocates and
 * gives back memory by itself now and then. */
static void check_at_rest(struct program *program, struct target *target)
{
	struct memstats before, after;
	struct counters counters;
	const char *restless = "", *differs;

	for (int i = 0; i < 20 && restless; i++) {
		before = announce_memstats(program_ask(program, "memstats"));
		EXPECT(target_counters(target, &counters) == 0, "the counters cannot be read");
		after = announce_memstats(program_ask(program, "memstats"));
		restless = difference(&before, &after);
	}
	EXPECT(!restless, "its %s never rests", restless);
	EXPECT(!counters.torn, "torn in a program that does nothing");
	differs = difference(&counters.memstats, &after);
	EXPECT(!differs, "%s is wrong", differs);
}

static void check_counters(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;

	open_target(&program, &target);
	program_ask(&program, "alloc node 20000 500");
	program_ask(&program, "alloc large100k 20 2");
	program_ask(&program, "gc");
	program_ask(&program, "alloc tiny8 1000 10");
	program_ask(&program, "alloc directory 300 10");
	check_at_rest(&program, target);
}

TEST("every field of MemStats of a live program is what it says itself")
{
	announce_each("*", check_counters);
}

static void check_many_cycles(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;

	open_target(&program, &target);
	for (int i = 0; i < MEMSTATS_PAUSES + 3; i++)
		program_ask(&program, "gc");
	check_at_rest(&program, target);
}

TEST("the rings of pauses are MemStats' also after they went round")
{
	announce_each("stripped", check_many_cycles);
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
