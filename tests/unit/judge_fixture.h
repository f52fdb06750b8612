/* A made-up process for verdicts: snapshots a second apart, with a collection every other one,
 * that a test bends before they become evidence. */
#ifndef TESTS_UNIT_JUDGE_FIXTURE_H
#define TESTS_UNIT_JUDGE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "harness/test.h"
#include "judge/rule.h"

#define FIXTURE_RECORDS 3

struct fixture {
	struct evidence *evidence;
	struct verdict verdict;
};

/* Two frames: what allocates in the runtime, and who asked. */
struct fixture_stack {
	uint32_t count;
	struct frame frames[2];
};
_Static_assert(sizeof(struct fixture_stack) == sizeof(struct stack) + 2 * sizeof(struct frame),
	       "as struct stack");

static struct fixture_stack fixture_stacks[FIXTURE_RECORDS] = {
	{ 2,
	  { { "runtime.newobject", "malloc.go", 1, 0, 1, false, 0 },
	    { "main.fill", "main.go", 10, 9, 2, false, 0 } } },
	{ 2,
	  { { "runtime.growslice", "slice.go", 1, 0, 3, false, 0 },
	    { "main.append", "main.go", 20, 19, 4, false, 0 } } },
	{ 2,
	  { { "runtime.newobject", "malloc.go", 1, 0, 1, false, 0 },
	    { "main.work", "main.go", 30, 29, 5, false, 0 } } },
};

/* `i`: the snapshot's number, 0 is the first. */
typedef void (*fixture_bend)(int i, struct snapshot *snapshot);

static inline struct amount fixture_amount(double objects, double object_bytes)
{
	return (struct amount){ (uint64_t)objects, objects, objects * object_bytes, objects,
				objects * object_bytes * object_bytes };
}

/* Steady: every site makes 1,000 objects of 256 bytes a second and keeps 1,000. */
static inline void fixture_fill(int i, struct snapshot *snapshot)
{
	snapshot->time_unix_ns = 1000000000000LL + i * 1000000000LL;
	snapshot->interval_s = i ? 1 : 0;
	snapshot->elapsed_s = i;
	snapshot->pid = 1;
	snapshot->comm = "fixture";
	snapshot->go_version = "go1.23.5";
	snapshot->mode = MODE_SAMPLER;
	snapshot->has_total = snapshot->has_live = true;
	snapshot->heap.inuse_bytes = 100 << 20;
	snapshot->heap.goal_bytes = 200 << 20;
	snapshot->heap.alloc_bytes_per_s = 3 * 256000;
	snapshot->heap.allocs_per_s = 3000;
	snapshot->gc.cycles = 10 + i / 2;
	snapshot->gc.pause_p99_ns = 100000;
	snapshot->gc.cpu_fraction = 0.02;
	snapshot->rss.total_bytes = 160 << 20;
	snapshot->rss.heap_bytes = 120 << 20;
	for (int part = 0; part < RSS_PART_COUNT; part++)
		snapshot->rss.parts[part] = 1 << 20;
	snapshot->rss.parts[RSS_HEAP_OBJECTS] = 100 << 20;
	snapshot->memstats.stack_inuse = 8 << 20;
	snapshot->types.reflect_types_added = 0;
	snapshot->gc_events.probed = true;
	snapshot->type_group.metadata_bytes = (struct share){ 0.1, { 0.08, 0.12 }, 1000 };
	snapshot->type_group.metadata_objects = (struct share){ 0.1, { 0.08, 0.12 }, 1000 };
	snapshot->cache_group.wanted = true;
	snapshot->records = calloc(FIXTURE_RECORDS, sizeof(*snapshot->records));
	CHECK(snapshot->records);
	snapshot->record_count = FIXTURE_RECORDS;
	for (int site = 0; site < FIXTURE_RECORDS; site++)
		snapshot->records[site] = (struct record){
			.id = (uint64_t)site + 1,
			.stack = (const struct stack *)&fixture_stacks[site],
			.type = "main.T",
			.object_bytes = 256,
			.begun = fixture_amount(1000.0 * i, 256),
			.interval = fixture_amount(1000, 256),
			.live = fixture_amount(1000, 256),
		};
}

static inline void fixture_judge(fixture_bend bend, int snapshots, struct fixture *ret)
{
	*ret = (struct fixture){ 0 };
	CHECK_INT(evidence_new(&ret->evidence), 0);
	for (int i = 0; i < snapshots; i++) {
		struct snapshot snapshot;

		snapshot_init(&snapshot);
		fixture_fill(i, &snapshot);
		if (bend)
			bend(i, &snapshot);
		CHECK_INT(evidence_add(ret->evidence, &snapshot), 0);
		snapshot_clear(&snapshot);
	}
	CHECK_INT(judge_all(ret->evidence, &thresholds_default, &ret->verdict), 0);
}

static inline void fixture_free(struct fixture *fixture)
{
	verdict_clear(&fixture->verdict);
	evidence_free(fixture->evidence);
}
#define AUTO_FIXTURE __attribute__((cleanup(fixture_free)))

static inline const struct finding *fixture_finding(const struct fixture *fixture, const char *rule)
{
	for (size_t i = 0; i < fixture->verdict.findings.count; i++)
		if (!strcmp(fixture->verdict.findings.items[i].rule->name, rule))
			return &fixture->verdict.findings.items[i];
	return NULL;
}

static inline enum rule_answer fixture_answer(const struct fixture *fixture, const char *rule)
{
	for (size_t i = 0; i < fixture->verdict.count; i++)
		if (!strcmp(fixture->verdict.answers[i].rule->name, rule))
			return fixture->verdict.answers[i].answer;
	return RULE_FAILED;
}

/* Only this rule fires. */
#define CHECK_ONLY(fixture, only)                                                                  \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < (fixture)->verdict.findings.count; i_++)                  \
			CHECK_STRING((fixture)->verdict.findings.items[i_].rule->name, only);      \
		CHECK(fixture_finding(fixture, only));                                             \
	} while (0)

#endif
