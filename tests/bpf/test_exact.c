/* Every allocation, counted against what a process of ours is known to have allocated. */
#include "harness/test.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "child.h"
#include "go_like.h"
#include "losses.h"
#include "model/memstats.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/stack_masks.h"
#include "probe/trap_cost.h"

DEFINE_CLEANUP(exact_cleanup, struct exact, exact_close)
#define EXACT(name) struct exact *name CLEANUP(exact_cleanup)

struct seen {
	const struct exact_count *counts;
	size_t count;
	struct probe_statistics statistics;
};

static const struct exact_options roomy = { .sites = 100000,
					    .stack_capacity = 1000,
					    .threads = 100 };

/* The return address of every call is the runtime's, and so are pcs from 0x500000 on. */
static struct exact *open_at(const struct child *child, enum attach_way way,
			     enum probe_instruction instruction,
			     const struct exact_options *options)
{
	struct probe_plan plan = { .alloc_min_bytes = 80 };
	uint64_t caller = like_return_address(LIKE_ALLOC);
	struct exact *exact;

	like_add_point(&plan, LIKE_ALLOC, instruction);
	like_add_point(&plan, LIKE_SIZED, instruction);
	plan.runtime_text[0] = (struct text_range){ caller, caller + 1 };
	plan.runtime_text[2] = (struct text_range){ 0x500000, 0x600000 };
	if (way == ATTACH_MULTI && !feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	attach_way_force(way);
	CHECK_INT(exact_open(child->pid, &plan, options, &exact), 0);
	return exact;
}

static enum attach_way any_way(void)
{
	return feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF;
}

static struct seen read_now(struct exact *exact)
{
	struct seen seen = { 0 };

	CHECK_INT(exact_read(exact, &seen.counts, &seen.count, &seen.statistics), 0);
	return seen;
}

static uint64_t all_hits(const struct seen *seen)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < seen->count; i++)
		sum += seen->counts[i].hits;
	return sum;
}

static void allocate(enum go_like function, uint64_t size, uint64_t type)
{
	like_call(function, &(struct call){ .a = size, .b = type });
}

/* Every size that there is a class for and some more, once; sizes up to 80 by the other function,
 * to which this one forwards. */
#define LARGEST 40000
static void all_sizes(struct child_shared *shared)
{
	(void)shared;
	for (uint64_t size = 0; size <= LARGEST; size++)
		allocate(LIKE_ALLOC, size, 1);
	for (uint64_t size = 0; size <= 80; size++)
		allocate(LIKE_SIZED, size, 1);
}

/* The slowest way to tell a slot. */
static uint64_t slot_of(uint64_t size)
{
	if (size < 16)
		return size;
	for (int class = 1; class < SIZE_CLASSES; class ++)
		if (size <= size_class_bytes[class])
			return size_class_bytes[class];
	return (size + 8191) / 8192 * 8192;
}

static bool header_grows(uint64_t size)
{
	return size >= 16 && size + 8 <= 32768 && slot_of(size + 8) != slot_of(size);
}

/* Of each size. */
static struct expected {
	uint64_t slot;
	bool grows;
} expected[LARGEST + 1];

static uint64_t expect_all_sizes(void)
{
	uint64_t bytes = 0;

	for (uint64_t size = 1; size <= LARGEST; size++) {
		expected[size] = (struct expected){ slot_of(size), header_grows(size) };
		bytes += expected[size].slot;
	}
	return bytes;
}

static void check_all_sizes(const struct seen *seen)
{
	uint64_t expected_bytes = expect_all_sizes(), bytes = 0;

	for (size_t i = 0; i < seen->count; i++) {
		const struct exact_count *count = &seen->counts[i];
		uint64_t sizes = 0;

		for (uint64_t size = 1; size <= LARGEST; size++)
			sizes += expected[size].slot == count->slot_bytes &&
				 expected[size].grows == count->header_grows;
		CHECK_INT(count->hits, sizes);
		bytes += count->hits * count->slot_bytes;
	}
	CHECK_INT(bytes, expected_bytes);
	CHECK_INT(all_hits(seen), LARGEST);
	CHECK_INT(all_losses(&seen->statistics), 0);
	CHECK_INT(seen->statistics.hits, LARGEST + 1 + 81);
}

static void count_all_sizes(enum attach_way way, enum probe_instruction instruction)
{
	CHILD(child, all_sizes);
	EXACT(exact) = open_at(&child, way, instruction, &roomy);
	struct seen seen;

	child_do(&child);
	seen = read_now(exact);
	check_all_sizes(&seen);
	CHECK_INT(seen.statistics.points, 2);
	CHECK_INT(seen.statistics.multi, way == ATTACH_MULTI);
}

TEST("every size is counted once, in its slot: one link, at the push")
{
	count_all_sizes(ATTACH_MULTI, PROBE_AT_PUSH);
}

TEST("every size is counted once, in its slot: perf events, at the branch")
{
	count_all_sizes(ATTACH_PERF, PROBE_AT_BRANCH);
}

static void retried(struct child_shared *shared)
{
	(void)shared;
	for (int i = 0; i < 10; i++)
		like_call(LIKE_ALLOC, &(struct call){ .a = 100, .retries = 3 });
}

TEST("calls that first grow the stack are counted once")
{
	CHILD(child, retried);
	EXACT(exact) = open_at(&child, any_way(), PROBE_AT_BRANCH, &roomy);
	struct seen seen;

	child_do(&child);
	seen = read_now(exact);
	CHECK_INT(all_hits(&seen), 10);
	CHECK_INT(seen.statistics.hits, 40);
}

TEST("counts go on over reads, and entries keep their places")
{
	CHILD(child, all_sizes);
	EXACT(exact) = open_at(&child, any_way(), PROBE_AT_PUSH, &roomy);
	struct exact_count *first AUTO_FREE = NULL;
	struct seen seen;

	child_do(&child);
	seen = read_now(exact);
	first = calloc(seen.count, sizeof(*first));
	memcpy(first, seen.counts, seen.count * sizeof(*first));
	for (size_t round = 2; round < 5; round++) {
		child_do(&child);
		for (int again = 0; again < 4; again++)
			seen = read_now(exact);
		for (size_t i = 0; i < seen.count; i++) {
			CHECK_INT(seen.counts[i].hits, round * first[i].hits);
			CHECK_INT(seen.counts[i].slot_bytes, first[i].slot_bytes);
		}
	}
}

TEST("after the probes came off what was counted can still be read")
{
	CHILD(child, all_sizes);
	EXACT(exact) = open_at(&child, any_way(), PROBE_AT_PUSH, &roomy);
	struct seen seen;

	child_do(&child);
	exact_detach(exact);
	child_do(&child);
	seen = read_now(exact);
	CHECK_INT(all_hits(&seen), LARGEST);
	CHECK_INT(seen.statistics.points, 0);
}

/* ---- stacks ---- */

#define DEPTH 30
#define PATHS 100

/* Path p: p % 5 frames of the runtime, then callers that all are the path's own; far apart, or next
 * to the stack pointer where the compiler would have them. */
static void paths(struct child_shared *shared)
{
	struct frame_record records[DEPTH];

	(void)shared;
	for (uint64_t path = 0; path < PATHS; path++) {
		for (uint64_t i = 0; i < DEPTH; i++)
			records[i] = (struct frame_record){ i + 1 < DEPTH ? &records[i + 1] : NULL,
							    (i < path % 5 ? 0x500000 : 0x400000) +
								    1000 * path + i };
		for (uint64_t i = 0; i <= path; i++)
			like_call(LIKE_ALLOC, &(struct call){ .a = 100, .frame = records });
	}
}

/* Each path is there with its hits, after `rounds` of them; its stack ends where it should. */
static void check_paths(struct exact *exact, const struct seen *seen, bool whole, uint64_t rounds)
{
	uint64_t pcs[LIMIT_EXACT_FRAMES];

	CHECK_INT(seen->count, PATHS);
	for (size_t i = 0; i < seen->count; i++) {
		size_t count = exact_stack(exact, &seen->counts[i].stack_id, pcs);
		uint64_t path = seen->counts[i].hits / rounds - 1, runtime = path % 5;

		CHECK_INT(count, 1 + (whole ? DEPTH : runtime + 1));
		CHECK_INT(pcs[0], like_return_address(LIKE_ALLOC));
		for (size_t at = 0; at + 1 < count; at++)
			CHECK_INT(pcs[at + 1],
				  (at < runtime ? 0x500000 : 0x400000) + 1000 * path + at);
	}
	CHECK_INT(all_hits(seen), rounds * PATHS * (PATHS + 1) / 2);
	CHECK_INT(all_losses(&seen->statistics), 0);
}

static void count_paths(bool stacks)
{
	CHILD(child, paths);
	struct exact_options options = roomy;
	EXACT(exact) = NULL;
	struct seen seen;

	options.stacks = stacks;
	exact = open_at(&child, any_way(), PROBE_AT_PUSH, &options);
	child_do(&child);
	seen = read_now(exact);
	check_paths(exact, &seen, stacks, 1);
}

TEST("a call site is told by the frames up to the first outside of the runtime")
{
	count_paths(false);
}

TEST("whole stacks are told apart and kept whole")
{
	count_paths(true);
}

static void check_halves(const struct seen *seen, uint64_t hash_mask, uint64_t check_mask)
{
	for (size_t i = 0; i < seen->count; i++) {
		CHECK_INT(seen->counts[i].stack_id.hash & ~(hash_mask | 1), 0);
		CHECK_INT(seen->counts[i].stack_id.check & ~check_mask, 0);
	}
}

/* The same counts of the same stacks, though all share a half of their ids, or all but 2 bits. */
static void count_colliding_paths(bool stacks, uint64_t hash_mask, uint64_t check_mask)
{
	CHILD(child, paths);
	struct exact_options options = roomy;
	EXACT(exact) = NULL;
	struct seen seen;

	options.stacks = stacks;
	stack_masks_force(hash_mask, check_mask);
	exact = open_at(&child, any_way(), PROBE_AT_PUSH, &options);
	stack_masks_force(UINT64_MAX, UINT64_MAX);
	child_do(&child);
	child_do(&child); /* what is known now is found again */
	seen = read_now(exact);
	for (size_t i = 0; i < seen.count; i++)
		CHECK_INT(seen.counts[i].hits % 2, 0);
	check_halves(&seen, hash_mask, check_mask);
	check_paths(exact, &seen, stacks, 2);
}

TEST("call sites whose first hashes are all the same are told apart by the second")
{
	count_colliding_paths(false, 0, UINT64_MAX);
	count_colliding_paths(false, 6, UINT64_MAX);
	count_colliding_paths(false, UINT64_MAX, 0);
}

TEST("whole stacks whose first hashes are all the same are told apart by the second")
{
	count_colliding_paths(true, 0, UINT64_MAX);
	count_colliding_paths(true, 6, UINT64_MAX);
	count_colliding_paths(true, UINT64_MAX, 0);
}

TEST("hits beyond the site map are counted as lost, and their bytes are known")
{
	CHILD(child, all_sizes);
	struct exact_options small = roomy;
	EXACT(exact) = NULL;
	uint64_t hits, bytes;
	struct seen seen;

	small.sites = 10;
	exact = open_at(&child, any_way(), PROBE_AT_PUSH, &small);
	child_do(&child);
	seen = read_now(exact);
	exact_beyond(exact, &hits, &bytes);
	CHECK_INT(seen.count, 10);
	CHECK(hits > 0);
	CHECK_INT(all_hits(&seen) + hits, LARGEST);
	CHECK_INT(seen.statistics.losses[LOSS_SITE_MAP_FULL], hits);
	CHECK_INT(all_losses(&seen.statistics), hits);
	for (size_t i = 0; i < seen.count; i++)
		bytes += seen.counts[i].hits * seen.counts[i].slot_bytes;
	CHECK_INT(bytes, expect_all_sizes());
}

/* The sites with a stack, each of which has hits of its own path alone. */
static size_t with_room_each(struct exact *exact, const struct seen *seen)
{
	uint64_t pcs[LIMIT_EXACT_FRAMES];
	size_t count = 0;

	for (size_t i = 0; i < seen->count; i++) {
		if (!exact_stack(exact, &seen->counts[i].stack_id, pcs))
			continue;
		CHECK_INT((pcs[1] & 0xfffff) / 1000, seen->counts[i].hits - 1);
		count++;
	}
	return count;
}

static void count_few_stacks(struct exact_options options, bool stacks)
{
	CHILD(child, paths);
	EXACT(exact) = NULL;
	uint64_t without = 0;
	struct seen seen;

	options.stacks = stacks;
	exact = open_at(&child, any_way(), PROBE_AT_PUSH, &options);
	child_do(&child);
	seen = read_now(exact);
	for (size_t i = 0; i < seen.count; i++)
		without += seen.counts[i].stack_id.hash ? 0 : seen.counts[i].hits;
	CHECK_INT(all_hits(&seen), PATHS * (PATHS + 1) / 2);
	CHECK(without > 0);
	CHECK_INT(with_room_each(exact, &seen), 7);
	CHECK_INT(seen.statistics.losses[LOSS_STACK_MAP_FULL], without);
	CHECK_INT(all_losses(&seen.statistics), without);
}

TEST("hits whose stack finds no room are counted as such, and by type and slot")
{
	struct exact_options few = roomy;

	few.stack_capacity = 7;
	count_few_stacks(few, false);
	count_few_stacks(few, true);
}

TEST("stacks with the same hash that find no room are counted as lost, none merged")
{
	struct exact_options few = roomy;

	few.stack_capacity = 7;
	stack_masks_force(0, UINT64_MAX);
	count_few_stacks(few, false);
	count_few_stacks(few, true);
	stack_masks_force(UINT64_MAX, UINT64_MAX);
}

static void unreadable(struct child_shared *shared)
{
	(void)shared;
	for (int i = 0; i < 10; i++)
		like_call(LIKE_ALLOC, &(struct call){ .a = 100, .bad_stack = 64 });
}

TEST("a hit whose stack cannot be read is counted, and the stack as lost")
{
	CHILD(child, unreadable);
	EXACT(exact) = open_at(&child, any_way(), PROBE_AT_BRANCH, &roomy);
	struct seen seen;

	child_do(&child);
	seen = read_now(exact);
	CHECK_INT(seen.count, 1);
	CHECK_INT(seen.counts[0].hits, 10);
	CHECK_INT(seen.counts[0].stack_id.hash, 0);
	CHECK_INT(seen.statistics.losses[LOSS_STACK_UNREADABLE], 10);
}

#define THREADS	   8
#define PER_THREAD 5000

static void *one_thread(void *unused)
{
	(void)unused;
	for (int i = 0; i < PER_THREAD; i++)
		allocate(LIKE_ALLOC, 100 + 100 * (i % 50), 1);
	return NULL;
}

static void threads(struct child_shared *shared)
{
	pthread_t all[THREADS];

	(void)shared;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&all[i], NULL, one_thread, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(all[i], NULL);
}

TEST("threads that meet at the same sites lose nothing")
{
	CHILD(child, threads);
	EXACT(exact) = open_at(&child, any_way(), PROBE_AT_PUSH, &roomy);
	struct seen seen;

	child_begin(&child);
	for (int i = 0; i < 20; i++)
		seen = read_now(exact); /* meanwhile */
	child_wait(&child);
	seen = read_now(exact);
	CHECK_INT(all_hits(&seen), THREADS * PER_THREAD);
	CHECK_INT(all_losses(&seen.statistics), 0);
}
