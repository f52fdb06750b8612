/* Births and deaths, counted against what a process of ours is known to have done. */
#include "harness/test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "child.h"
#include "go_like.h"
#include "losses.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"

#define KIND_PROFILE 2
#define KIND_OTHER   1

/* Our own runtime.specialprofile, with offsets unlike any Go version's. */
struct special {
	uint64_t padding;
	uint64_t bucket;
	uint8_t more_padding[3], kind;
};

DEFINE_CLEANUP(sampler_cleanup, struct sampler, sampler_close)
#define SAMPLER(name) struct sampler *name CLEANUP(sampler_cleanup) = NULL

struct seen {
	const struct bucket_activity *buckets;
	size_t count;
	struct probe_statistics statistics;
};

static struct probe_plan plan_at(enum probe_instruction instruction)
{
	struct probe_plan plan = {
		.special_kind_offset = offsetof(struct special, kind),
		.special_kind_profile = KIND_PROFILE,
		.special_bucket_offset = offsetof(struct special, bucket),
	};

	like_add_point(&plan, LIKE_BIRTH, instruction);
	like_add_point(&plan, LIKE_DEATH, instruction);
	return plan;
}

static struct sampler *observe(const struct child *child, enum attach_way way,
			       enum probe_instruction instruction, size_t buckets, size_t live)
{
	struct probe_plan plan = plan_at(instruction);
	struct sampler_options options = { buckets, live };
	struct sampler *sampler;

	if (way == ATTACH_MULTI && !feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	attach_way_force(way);
	CHECK_INT(sampler_open(child->pid, &plan, &options, &sampler), 0);
	return sampler;
}

/* What an ordinary run uses here. */
static enum attach_way best_way(void)
{
	return feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF;
}

static struct sampler *observe_push(const struct child *child)
{
	return observe(child, best_way(), PROBE_AT_PUSH, 1000, 1000);
}

static struct seen look(struct sampler *sampler)
{
	struct seen seen;

	CHECK_INT(sampler_read(sampler, &seen.buckets, &seen.count, &seen.statistics), 0);
	return seen;
}

static struct bucket_activity bucket(const struct seen *seen, uint64_t address)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->buckets[i].address == address)
			return seen->buckets[i];
	return (struct bucket_activity){ 0 };
}

static void birth(uint64_t object, uint64_t bucket_address)
{
	like_call(LIKE_BIRTH, &(struct call){ .a = object, .b = bucket_address });
}

static void death_of(uint64_t object, uint64_t bucket_address, uint8_t kind)
{
	struct special special = { .bucket = bucket_address, .kind = kind };

	like_call(LIKE_DEATH, &(struct call){ .a = (uint64_t)&special, .b = object });
}

/* Bucket n (1 to 10) gets 10 n objects, of which n die, and one object of another kind dies. */
static void births_and_deaths(struct child_shared *shared)
{
	(void)shared;
	for (uint64_t n = 1; n <= 10; n++) {
		for (uint64_t i = 0; i < 10 * n; i++)
			birth(n << 16 | i, 0xc000000000 + n);
		for (uint64_t i = 0; i < n; i++)
			death_of(n << 16 | i, 0xc000000000 + n, KIND_PROFILE);
		death_of(n << 16 | 99999, 0xc000000000 + n, KIND_OTHER);
	}
}

static void check_births_and_deaths(enum attach_way way, enum probe_instruction instruction)
{
	CHILD(child, births_and_deaths);
	struct sampler *sampler CLEANUP(sampler_cleanup) =
		observe(&child, way, instruction, 1000, 1000);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(seen.count, 10);
	for (uint64_t n = 1; n <= 10; n++) {
		struct bucket_activity activity = bucket(&seen, 0xc000000000 + n);

		CHECK_INT(activity.births, 10 * n);
		CHECK_INT(activity.deaths, n);
		CHECK_INT(activity.deaths_aged, n);
	}
	CHECK_INT(seen.statistics.hits, 550 + 55 + 10);
	CHECK_INT(seen.statistics.foreign, 0);
	CHECK_INT(seen.statistics.points, 2);
	CHECK_INT(seen.statistics.multi, way == ATTACH_MULTI);
	CHECK_INT(all_losses(&seen.statistics), 0);
}

TEST("births and deaths are counted exactly, one link, at the push")
{
	check_births_and_deaths(ATTACH_MULTI, PROBE_AT_PUSH);
}

TEST("births and deaths are counted exactly, one link, at the branch")
{
	check_births_and_deaths(ATTACH_MULTI, PROBE_AT_BRANCH);
}

TEST("births and deaths are counted exactly, perf events, at the push")
{
	check_births_and_deaths(ATTACH_PERF, PROBE_AT_PUSH);
}

TEST("births and deaths are counted exactly, perf events, at the branch")
{
	check_births_and_deaths(ATTACH_PERF, PROBE_AT_BRANCH);
}

TEST("reading twice gives totals since opening, not differences")
{
	CHILD(child, births_and_deaths);
	struct sampler *sampler CLEANUP(sampler_cleanup) = observe_push(&child);
	struct seen seen;

	child_do(&child);
	look(sampler);
	child_do(&child);
	seen = look(sampler);
	CHECK_INT(bucket(&seen, 0xc000000007).births, 140);
	CHECK_INT(bucket(&seen, 0xc000000007).deaths, 14);
}

#define THREADS	   8
#define PER_THREAD 5000

/* Few buckets, so that threads on two CPUs often add to the same one at once: an addition that is
 * not atomic loses some here. */
static void *work_of_thread(void *number)
{
	uint64_t base = (uint64_t)number << 32;

	for (uint64_t i = 0; i < PER_THREAD; i++) {
		birth(base + i, 0xc000000000 + i % 2);
		if (i % 2)
			death_of(base + i, 0xc000000000 + i % 2, KIND_PROFILE);
	}
	return NULL;
}

static void many_threads(struct child_shared *shared)
{
	pthread_t threads[THREADS];

	(void)shared;
	for (uint64_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work_of_thread, (void *)(i + 1));
	for (uint64_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void check_threads(enum attach_way way)
{
	CHILD(child, many_threads);
	struct sampler *sampler CLEANUP(sampler_cleanup) =
		observe(&child, way, PROBE_AT_PUSH, 1000, THREADS * PER_THREAD);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(seen.count, 2);
	for (uint64_t i = 0; i < 2; i++) {
		struct bucket_activity activity = bucket(&seen, 0xc000000000 + i);

		CHECK_INT(activity.births, THREADS * PER_THREAD / 2);
		CHECK_INT(activity.deaths, i % 2 ? THREADS * PER_THREAD / 2 : 0);
		CHECK_INT(activity.deaths_aged, activity.deaths);
	}
	CHECK_INT(all_losses(&seen.statistics), 0);
}

TEST("threads that meet in the same buckets lose no count, one link")
{
	check_threads(ATTACH_MULTI);
}

TEST("threads that meet in the same buckets lose no count, perf events")
{
	check_threads(ATTACH_PERF);
}

static void retries(struct child_shared *shared)
{
	(void)shared;
	for (uint64_t i = 0; i < 100; i++)
		like_call(LIKE_BIRTH, &(struct call){ .a = i, .b = 7, .retries = i % 3 });
}

TEST("a call whose stack check fails first is one birth")
{
	CHILD(child, retries);
	struct sampler *sampler CLEANUP(sampler_cleanup) =
		observe(&child, best_way(), PROBE_AT_BRANCH, 10, 1000);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(bucket(&seen, 7).births, 100);
	CHECK_INT(seen.statistics.hits, 100 + 33 * 1 + 33 * 2);
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* One object, 20 ms old; the clock is read on both sides of its birth and its death. */
static void one_life(struct child_shared *shared)
{
	struct timespec pause = { 0, 20 * 1000 * 1000 };

	shared->numbers[0] = clock_ns();
	birth(1, 7);
	shared->numbers[1] = clock_ns();
	nanosleep(&pause, NULL);
	shared->numbers[2] = clock_ns();
	death_of(1, 7, KIND_PROFILE);
	shared->numbers[3] = clock_ns();
}

static size_t slot_of(uint64_t age_ns)
{
	size_t slot = 0;

	while (slot + 1 < AGE_SLOTS && age_ns >= 1ULL << (slot + 11))
		slot++;
	return slot;
}

TEST("an object's age is in the slot that two clocks around its life allow")
{
	CHILD(child, one_life);
	struct sampler *sampler CLEANUP(sampler_cleanup) = observe_push(&child);
	struct bucket_activity activity;
	uint64_t in_range = 0, all = 0;
	const uint64_t *at = child.shared->numbers;
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	activity = bucket(&seen, 7);
	for (size_t i = 0; i < AGE_SLOTS; i++) {
		all += activity.ages.slots[i];
		if (i >= slot_of(at[2] - at[1]) && i <= slot_of(at[3] - at[0]))
			in_range += activity.ages.slots[i];
	}
	CHECK_INT(all, 1);
	CHECK_INT(in_range, 1);
}

/* An unseen birth, and one whose record was taken over by another bucket. */
static void deaths_without_age(struct child_shared *shared)
{
	(void)shared;
	death_of(1, 7, KIND_PROFILE);
	birth(2, 8);
	death_of(2, 7, KIND_PROFILE);
	death_of(2, 8, KIND_PROFILE);
}

TEST("a death is counted without an age when its birth was not seen")
{
	CHILD(child, deaths_without_age);
	struct sampler *sampler CLEANUP(sampler_cleanup) = observe_push(&child);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(bucket(&seen, 7).deaths, 2);
	CHECK_INT(bucket(&seen, 8).deaths, 1);
	CHECK_INT(bucket(&seen, 7).deaths_aged + bucket(&seen, 8).deaths_aged, 0);
}

static void many_buckets(struct child_shared *shared)
{
	(void)shared;
	for (uint64_t i = 0; i < 1000; i++)
		birth(i, 0xc000000000 + i);
}

TEST("births beyond the bucket map are counted as lost")
{
	CHILD(child, many_buckets);
	struct sampler *sampler CLEANUP(sampler_cleanup) =
		observe(&child, best_way(), PROBE_AT_PUSH, 100, 1000);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(seen.count, 100);
	CHECK_INT(seen.statistics.losses[LOSS_BUCKET_MAP_FULL], 900);
	CHECK_INT(all_losses(&seen.statistics), 900);
}

TEST("objects beyond the live map are counted as lost")
{
	CHILD(child, many_buckets);
	struct sampler *sampler CLEANUP(sampler_cleanup) =
		observe(&child, best_way(), PROBE_AT_PUSH, 1000, 100);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(seen.count, 1000);
	CHECK_INT(seen.statistics.losses[LOSS_LIVE_MAP_FULL], 900);
	CHECK_INT(all_losses(&seen.statistics), 900);
}

static void unreadable_special(struct child_shared *shared)
{
	(void)shared;
	for (int i = 0; i < 5; i++)
		like_call(LIKE_DEATH, &(struct call){ .a = 16, .b = 1 });
}

TEST("specials that cannot be read are counted as lost")
{
	CHILD(child, unreadable_special);
	struct sampler *sampler CLEANUP(sampler_cleanup) = observe_push(&child);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(seen.count, 0);
	CHECK_INT(seen.statistics.losses[LOSS_TARGET_UNREADABLE], 5);
}

/* The child of a vfork has its parent's memory, and with it the probes. */
static void vfork_calls(struct child_shared *shared)
{
	pid_t pid = vfork();

	(void)shared;
	if (pid == 0) {
		for (uint64_t i = 0; i < 20; i++)
			birth(i, 7);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	birth(100, 7);
}

TEST("hits of a vfork child are not the target's")
{
	CHILD(child, vfork_calls);
	struct sampler *sampler CLEANUP(sampler_cleanup) =
		observe(&child, ATTACH_PERF, PROBE_AT_PUSH, 10, 100);
	struct seen seen;

	child_do(&child);
	seen = look(sampler);
	CHECK_INT(seen.statistics.foreign, 20);
	CHECK_INT(seen.statistics.hits, 1);
	CHECK_INT(bucket(&seen, 7).births, 1);
}

TEST("another process of the same file is left alone")
{
	CHILD(child, births_and_deaths);
	CHILD(other, births_and_deaths);
	struct sampler *sampler CLEANUP(sampler_cleanup) = observe_push(&child);
	struct seen seen;

	child_do(&other);
	seen = look(sampler);
	CHECK_INT(seen.count, 0);
	CHECK_INT(seen.statistics.hits + seen.statistics.foreign, 0);
}

static void report_text(struct child_shared *shared)
{
	shared->numbers[0] = *like_site(LIKE_BIRTH, PROBE_AT_PUSH);
	shared->numbers[1] = *like_site(LIKE_DEATH, PROBE_AT_PUSH);
}

static void check_text_restored(enum attach_way way)
{
	CHILD(child, report_text);
	SAMPLER(sampler);

	sampler = observe(&child, way, PROBE_AT_PUSH, 10, 10);
	child_do(&child);
	CHECK_INT(child.shared->numbers[0], 0xcc);
	CHECK_INT(child.shared->numbers[1], 0xcc);
	sampler_close(TAKE(sampler));
	child_do(&child);
	CHECK_INT(child.shared->numbers[0], 0x55);
	CHECK_INT(child.shared->numbers[1], 0x55);
}

TEST("closing gives the target its text back, one link")
{
	check_text_restored(ATTACH_MULTI);
}

TEST("closing gives the target its text back, perf events")
{
	check_text_restored(ATTACH_PERF);
}

TEST("what a killed target did can still be read")
{
	CHILD(child, births_and_deaths);
	struct sampler *sampler CLEANUP(sampler_cleanup) = observe_push(&child);
	struct seen seen;

	child_do(&child);
	kill(child.pid, SIGKILL);
	CHECK_INT(waitpid(child.pid, NULL, 0), child.pid);
	seen = look(sampler);
	CHECK_INT(bucket(&seen, 0xc000000003).births, 30);
}
