/* Every rule both ways: it fires on what it is about, and nothing fires on what is steady. */
#include "judge_fixture.h"

#define SNAPSHOTS 61

TEST("a steady program is in order, and every rule has looked at it")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(NULL, SNAPSHOTS, &fixture);
	CHECK_INT(fixture.verdict.findings.count, 0);
	CHECK(fixture.verdict.count > 10);
	for (size_t i = 0; i < fixture.verdict.count; i++)
		if (fixture.verdict.answers[i].answer != RULE_QUIET)
			test_fail(__FILE__, __LINE__, "%s: %s",
				  fixture.verdict.answers[i].rule->name,
				  fixture.verdict.answers[i].why);
}

static void leak(int i, struct snapshot *snapshot)
{
	snapshot->records[0].live = fixture_amount(1000 + 1000.0 * i, 256);
}

TEST("a site whose objects all stay is growing, and said to look like a leak")
{
	struct fixture fixture AUTO_FIXTURE;
	const struct finding *finding;

	fixture_judge(leak, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "steady_growth");
	finding = fixture_finding(&fixture, "steady_growth");
	CHECK_STRING(finding->places[0].name, "main.fill");
	CHECK(strstr(finding->seen, "that is how a leak looks"));
	/* 1000 objects of 256 bytes a second */
	CHECK_NEAR(finding->numbers[1].value, 256000.0 * 3600, 256000.0 * 36);
	CHECK(finding->numbers[1].bounds.low <= 256000.0 * 3600);
	CHECK(finding->numbers[1].bounds.high >= 256000.0 * 3600);
}

static void growing_heap(int i, struct snapshot *snapshot)
{
	snapshot->heap.inuse_bytes = (100 << 20) + i * (1 << 20);
}

TEST("a heap that grows as a whole is found before its sites are")
{
	struct fixture fixture AUTO_FIXTURE, few AUTO_FIXTURE;

	fixture_judge(growing_heap, 21, &fixture);
	CHECK_ONLY(&fixture, "heap_growth");
	CHECK_NEAR(fixture_finding(&fixture, "heap_growth")->numbers[0].value, 3600.0 * (1 << 20),
		   1 << 20);
	fixture_judge(growing_heap, 7, &few);
	CHECK_INT(few.verdict.findings.count, 0);
	CHECK_INT(fixture_answer(&few, "heap_growth"), RULE_BLIND);
}

static void sawtooth(int i, struct snapshot *snapshot)
{
	/* garbage from collection to collection, each eight seconds */
	snapshot->gc.cycles = 10 + i / 8;
	snapshot->records[0].live = fixture_amount(1000 + 1000.0 * (i % 8), 256);
}

TEST("garbage between two collections is no growth")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(sawtooth, SNAPSHOTS, &fixture);
	CHECK_INT(fixture.verdict.findings.count, 0);
	CHECK_INT(fixture_answer(&fixture, "steady_growth"), RULE_QUIET);
}

static void no_collections(int i, struct snapshot *snapshot)
{
	leak(i, snapshot);
	snapshot->gc.cycles = 10;
}

TEST("without collections growth cannot be told from garbage, which is said")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(no_collections, SNAPSHOTS, &fixture);
	CHECK_INT(fixture.verdict.findings.count, 0);
	CHECK_INT(fixture_answer(&fixture, "steady_growth"), RULE_BLIND);
}

static void metadata(int i, struct snapshot *snapshot)
{
	(void)i;
	snapshot->type_group.metadata_bytes = (struct share){ 0.45, { 0.41, 0.49 }, 500 };
}

static void doubtful_metadata(int i, struct snapshot *snapshot)
{
	(void)i;
	snapshot->type_group.metadata_bytes = (struct share){ 0.45, { 0.39, 0.51 }, 200 };
}

TEST("metadata above the threshold is found only when the whole interval is above it")
{
	struct fixture fixture AUTO_FIXTURE, doubtful AUTO_FIXTURE;

	fixture_judge(metadata, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "metadata_share");
	fixture_judge(doubtful_metadata, SNAPSHOTS, &doubtful);
	CHECK_INT(doubtful.verdict.findings.count, 0);
}

static void reflect_types(int i, struct snapshot *snapshot)
{
	(void)i;
	snapshot->types.reflect_types_added = 5;
}

static void reflect_start(int i, struct snapshot *snapshot)
{
	snapshot->types.reflect_types_added = i < 5 ? 100 : 0;
}

/* Something was used for the first time. */
static void reflect_once(int i, struct snapshot *snapshot)
{
	snapshot->types.reflect_types_added = i == 55 ? 100 : 0;
}

TEST("types made by reflection all the time are found, those of a start or of one use are not")
{
	struct fixture fixture AUTO_FIXTURE, start AUTO_FIXTURE, once AUTO_FIXTURE;

	fixture_judge(reflect_types, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "reflect_types");
	CHECK_NEAR(fixture_finding(&fixture, "reflect_types")->numbers[0].value, 5, 1e-9);
	fixture_judge(reflect_start, SNAPSHOTS, &start);
	CHECK_INT(start.verdict.findings.count, 0);
	fixture_judge(reflect_once, SNAPSHOTS, &once);
	CHECK_INT(once.verdict.findings.count, 0);
}

static void reflect_without_probes(int i, struct snapshot *snapshot)
{
	snapshot->types.reflect_types_added = UNKNOWN;
	snapshot->types.reflect_registered = 100 + 10 * i;
}

TEST("types made by reflection are found by the runtime's own count when probes were too dear")
{
	struct fixture fixture AUTO_FIXTURE;
	const struct finding *finding;

	fixture_judge(reflect_without_probes, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "reflect_types");
	finding = fixture_finding(&fixture, "reflect_types");
	CHECK_NEAR(finding->numbers[0].value, 10, 1e-9);
	CHECK_STRING(finding->numbers[0].unit, "registrations/s");
}

static void short_lived(int i, struct snapshot *snapshot)
{
	struct record *record = &snapshot->records[2];

	snapshot->heap.allocs_per_s = 500000;
	record->object_bytes = 16;
	record->begun = fixture_amount(500000.0 * i, 16);
	record->live = fixture_amount(10, 16);
	record->ages.slots[5] = 1000; /* some 50 us */
}

TEST("many small objects that die at once are found where they are made")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(short_lived, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "short_lived");
	CHECK_STRING(fixture_finding(&fixture, "short_lived")->places[0].name, "main.work");
	CHECK(strstr(fixture_finding(&fixture, "short_lived")->seen, "or less than"));
}

static void boxed(int i, struct snapshot *snapshot)
{
	static const struct fixture_stack conversion = {
		2,
		{ { "runtime.convT64", "iface.go", 1, 0, 1, false, 0 },
		  { "main.log", "main.go", 40, 39, 6, false, 0 } }
	};

	snapshot->records[2].stack = (const struct stack *)&conversion;
	snapshot->records[2].begun = fixture_amount(4000.0 * i, 256);
}

static void two_boxed(int i, struct snapshot *snapshot)
{
	static const struct fixture_stack conversion = {
		2,
		{ { "runtime.convT64", "iface.go", 1, 0, 1, false, 0 },
		  { "main.send", "main.go", 50, 49, 6, false, 0 } }
	};

	boxed(i, snapshot);
	snapshot->records[1].stack = (const struct stack *)&conversion;
	snapshot->records[1].begun = snapshot->records[2].begun;
}

TEST("of two places that do as much, both are named")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(two_boxed, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "boxing");
	CHECK_INT(fixture_finding(&fixture, "boxing")->place_count, 2);
}

TEST("values that are put into interfaces are found where they are converted")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(boxed, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "boxing");
	CHECK_STRING(fixture_finding(&fixture, "boxing")->places[0].name, "main.log");
}

#define SHAPES 30
static struct fixture_stack shape_stacks[SHAPES];
static char shape_names[SHAPES][64];

/* One generic function, as many instantiations as `count`. */
static void add_shapes(int i, struct snapshot *snapshot, int count)
{
	struct record *records = calloc(SHAPES, sizeof(*records));

	CHECK(records);
	for (int shape = 0; shape < SHAPES; shape++) {
		snprintf(shape_names[shape], sizeof(shape_names[shape]),
			 "main.Fill[go.shape.struct { F%d int }]", shape % count);
		shape_stacks[shape] = fixture_stacks[0];
		shape_stacks[shape].frames[1].function = shape_names[shape];
		records[shape] = snapshot->records[0];
		records[shape].id = 100 + (uint64_t)shape;
		records[shape].stack = (const struct stack *)&shape_stacks[shape];
		records[shape].begun = fixture_amount(100.0 * i, 256);
	}
	free(snapshot->records);
	snapshot->records = records;
	snapshot->record_count = SHAPES;
}

static void many_shapes(int i, struct snapshot *snapshot)
{
	add_shapes(i, snapshot, SHAPES);
}

static void few_shapes(int i, struct snapshot *snapshot)
{
	add_shapes(i, snapshot, 2);
}

TEST("a generic function that is instantiated for thirty types is found, one for two is not")
{
	struct fixture fixture AUTO_FIXTURE, few AUTO_FIXTURE;

	fixture_judge(many_shapes, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "instantiations");
	CHECK_NEAR(fixture_finding(&fixture, "instantiations")->numbers[0].value, SHAPES, 0);
	CHECK_INT(fixture_finding(&fixture, "instantiations")->numbers[0].kind, NUMBER_SAMPLED);
	CHECK(!strncmp(fixture_finding(&fixture, "instantiations")->seen, "At least 30 ", 12));
	fixture_judge(few_shapes, SNAPSHOTS, &few);
	CHECK_INT(few.verdict.findings.count, 0);
}

static void large(int i, struct snapshot *snapshot)
{
	snapshot->records[2].object_bytes = 1 << 20;
	snapshot->records[2].begun = fixture_amount(100.0 * i, 1 << 20);
}

TEST("large objects that are made all the time are found")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(large, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "large_objects");
	CHECK_NEAR(fixture_finding(&fixture, "large_objects")->numbers[2].value, 100 << 20, 1);
}

static void regrown(int i, struct snapshot *snapshot)
{
	snapshot->records[1].begun = fixture_amount(20000.0 * i, 256);
}

TEST("slices that are regrown again and again are found")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(regrown, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "slices_regrown");
	CHECK_STRING(fixture_finding(&fixture, "slices_regrown")->places[0].name, "main.append");
}

static void add_pool(struct snapshot *snapshot, double gets, double misses)
{
	snapshot->cache_group.pools = calloc(1, sizeof(*snapshot->cache_group.pools));
	snapshot->cache_group.pool_count = 1;
	snapshot->cache_group.pools[0] = (struct cache_pool){
		.name = "main.pool",
		.made_by = "main.newBuffer",
		.gets.begun.objects = gets,
		.misses.begun.objects = misses,
	};
}

static void pool_misses(int i, struct snapshot *snapshot)
{
	add_pool(snapshot, 1000.0 * i, 990.0 * i);
}

static void pool_hits(int i, struct snapshot *snapshot)
{
	add_pool(snapshot, 1000.0 * i, 10.0 * i);
}

TEST("a pool that never hits is found, one that does is not")
{
	struct fixture fixture AUTO_FIXTURE, hits AUTO_FIXTURE;

	fixture_judge(pool_misses, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "pool_never_hits");
	CHECK(strstr(fixture_finding(&fixture, "pool_never_hits")->seen, "main.newBuffer"));
	fixture_judge(pool_hits, SNAPSHOTS, &hits);
	CHECK_INT(hits.verdict.findings.count, 0);
}

static void thrash(int i, struct snapshot *snapshot)
{
	snapshot->gc.cycles = 10 + 20 * i;
	snapshot->gc_cpu.gc_total_ns = 500000000LL * i;
	snapshot->gc_cpu.idle_ns = 0;
	snapshot->gc_cpu.idle_time_ns = 500000000LL * i;
	snapshot->gc_cpu.total_ns = 2000000000LL * i;
}

static void thrash_at_limit(int i, struct snapshot *snapshot)
{
	thrash(i, snapshot);
	snapshot->heap.goal_bytes = 105 << 20;
}

TEST("a goal that leaves no room is said to be the reason for a collector that runs too often")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(thrash_at_limit, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "gc_thrash");
	CHECK(strstr(fixture_finding(&fixture, "gc_thrash")->advice, "GOMEMLIMIT"));
}

static void idle_marking(int i, struct snapshot *snapshot)
{
	thrash(i, snapshot);
	snapshot->gc_cpu.idle_ns = 450000000LL * i;
}

TEST("a collector that takes a third of the CPU is found, one that uses idle processors is not")
{
	struct fixture fixture AUTO_FIXTURE, idle AUTO_FIXTURE;

	fixture_judge(thrash, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "gc_thrash");
	CHECK_NEAR(fixture_finding(&fixture, "gc_thrash")->numbers[0].value, 1.0 / 3, 1e-9);
	CHECK_INT(fixture_finding(&fixture, "gc_thrash")->place_count, FIXTURE_RECORDS);
	fixture_judge(idle_marking, SNAPSHOTS, &idle);
	CHECK_INT(idle.verdict.findings.count, 0);
}

static void add_stop(struct snapshot *snapshot, int64_t duration_ns)
{
	snapshot->gc_events.stops = calloc(1, sizeof(*snapshot->gc_events.stops));
	snapshot->gc_events.stop_count = 1;
	snapshot->gc_events.stops[0] = (struct gc_stop){
		.begin_unix_ns = snapshot->time_unix_ns,
		.duration_ns = duration_ns,
		.reason = GC_STOP_READ_MEMSTATS,
	};
}

static void long_stop(int i, struct snapshot *snapshot)
{
	add_stop(snapshot, i == 7 ? 55000000 : 50000);
}

static void short_stops(int i, struct snapshot *snapshot)
{
	(void)i;
	add_stop(snapshot, 50000);
}

TEST("a long stop of the world is found with its reason")
{
	struct fixture fixture AUTO_FIXTURE, quiet AUTO_FIXTURE;

	fixture_judge(long_stop, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "long_stops");
	CHECK(strstr(fixture_finding(&fixture, "long_stops")->seen, "read mem stats"));
	fixture_judge(short_stops, SNAPSHOTS, &quiet);
	CHECK_INT(quiet.verdict.findings.count, 0);
}

static void native_memory(int i, struct snapshot *snapshot)
{
	(void)i;
	snapshot->rss.parts[RSS_NATIVE] = 300 << 20;
	snapshot->rss.total_bytes = 450 << 20;
}

TEST("resident memory far above the heap is found, and which part it is")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(native_memory, SNAPSHOTS, &fixture);
	CHECK_ONLY(&fixture, "rss_above_heap");
	CHECK(strstr(fixture_finding(&fixture, "rss_above_heap")->seen, "native, 300 MiB"));
}

static void growing_stacks(int i, struct snapshot *snapshot)
{
	snapshot->memstats.stack_inuse = (8 << 20) + i * (1 << 18);
}

static void growing_native(int i, struct snapshot *snapshot)
{
	snapshot->rss.parts[RSS_NATIVE] = (1 << 20) + i * (1 << 18);
}

TEST("goroutine stacks and native memory that grow are found")
{
	struct fixture stacks AUTO_FIXTURE, native AUTO_FIXTURE;

	fixture_judge(growing_stacks, SNAPSHOTS, &stacks);
	CHECK_ONLY(&stacks, "stacks_growing");
	fixture_judge(growing_native, SNAPSHOTS, &native);
	CHECK_ONLY(&native, "native_growing");
}

TEST("evidence of a long observation merges neighbours and keeps sums and rates")
{
	struct fixture fixture AUTO_FIXTURE;
	double sum = 0;

	fixture_judge(reflect_types, 2 * EVIDENCE_SAMPLES + 100, &fixture);
	CHECK(fixture.evidence->count <= EVIDENCE_SAMPLES);
	CHECK_INT(fixture.evidence->stride, 4);
	for (size_t i = 0; i < fixture.evidence->count; i++)
		sum += evidence_value(fixture.evidence, i, "reflect_types_added");
	CHECK_NEAR(sum, 5.0 * (2 * EVIDENCE_SAMPLES + 99), 0);
	CHECK_NEAR(evidence_median(fixture.evidence, "heap_allocs_per_s"), 3000, 1e-6);
	CHECK_INT(fixture.evidence->gaps, 0);
}

static void gap(int i, struct snapshot *snapshot)
{
	if (i >= 30)
		snapshot->time_unix_ns += 3600000000000LL;
}

TEST("a time at which nobody looked is counted")
{
	struct fixture fixture AUTO_FIXTURE;

	fixture_judge(gap, SNAPSHOTS, &fixture);
	CHECK_INT(fixture.evidence->gaps, 1);
	CHECK_NEAR(fixture.evidence->elapsed_s, 60, 1e-9);
}
