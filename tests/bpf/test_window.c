/* Exact windows, counted against what a process of ours is known to have allocated. */
#include "harness/test.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "go_like.h"
#include "losses.h"
#include "probe/features.h"
#include "probe/stack_masks.h"
#include "probe/trap_cost.h"
#include "probe/window_sizes.h"
#include "window_seen.h"

static const struct window_sizes roomy = { .sites = 1000, .stacks = 1000, .threads = 100 };

static struct window *open_at(const struct child *child, enum attach_way way,
			      enum probe_instruction instruction, const struct window_sizes *sizes)
{
	struct probe_plan plan = { .alloc_min_bytes = 80 };
	struct window *window;

	like_add_point(&plan, LIKE_ALLOC, instruction);
	like_add_point(&plan, LIKE_SIZED, instruction);
	if (way == ATTACH_MULTI && !feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	attach_way_force(way);
	CHECK_INT(window_open_sized(child->pid, &plan, sizes, &window), 0);
	return window;
}

static struct window *open_sized(const struct child *child, const struct window_sizes *sizes)
{
	return open_at(child, ATTACH_MULTI, PROBE_AT_PUSH, sizes);
}

/* The work below starts when the probes are there: the last point's text has been patched. */
static void until_probed(enum probe_instruction instruction)
{
	while (*like_site(LIKE_ALLOC, instruction) != 0xcc ||
	       *like_site(LIKE_SIZED, instruction) != 0xcc)
		sched_yield();
}

static void allocate(enum go_like function, uint64_t size, uint64_t type)
{
	like_call(function, &(struct call){ .a = size, .b = type });
}

/* 30 sites: type t and size 100 n are hit t n times. */
static void thirty_sites(void)
{
	for (uint64_t type = 1; type <= 3; type++)
		for (uint64_t n = 1; n <= 10; n++)
			for (uint64_t i = 0; i < type * n; i++)
				allocate(LIKE_ALLOC, 100 * n, type);
}
#define THIRTY_SITES_HITS (6 * 55)

static void thirty_sites_at_push(struct child_shared *shared)
{
	(void)shared;
	until_probed(PROBE_AT_PUSH);
	thirty_sites();
}

static void thirty_sites_at_branch(struct child_shared *shared)
{
	(void)shared;
	until_probed(PROBE_AT_BRANCH);
	thirty_sites();
}

static void check_thirty_sites(const struct window_seen *seen)
{
	CHECK_INT(seen->count, 30);
	for (size_t i = 0; i < seen->count; i++) {
		const struct window_site *site = &seen->sites[i];

		CHECK_INT(site->hits, site->type * site->size_bytes / 100);
		CHECK_INT(site->pc_count, 1);
		CHECK_INT(site->pcs[0], like_return_address(LIKE_ALLOC));
	}
	CHECK_INT(window_hits(seen), THIRTY_SITES_HITS);
}

TEST("a window counts every type and size exactly, at the push")
{
	CHILD(child, thirty_sites_at_push);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen;

	child_begin(&child);
	seen = window_see(window, THIRTY_SITES_HITS, LONG_NS);
	check_thirty_sites(&seen);
	CHECK_INT(all_losses(&seen.statistics), 0);
	CHECK_INT(seen.statistics.hits, THIRTY_SITES_HITS);
	CHECK_INT(seen.statistics.points, 2);
	CHECK(seen.open_ns > 0 && seen.open_ns < LONG_NS);
}

TEST("a window counts every type and size exactly, at the branch")
{
	CHILD(child, thirty_sites_at_branch);
	WINDOW(window) = open_at(&child, ATTACH_MULTI, PROBE_AT_BRANCH, &roomy);
	struct window_seen seen;

	child_begin(&child);
	seen = window_see(window, THIRTY_SITES_HITS, LONG_NS);
	check_thirty_sites(&seen);
	CHECK_INT(all_losses(&seen.statistics), 0);
}

TEST("each window has its own hits only")
{
	CHILD(child, thirty_sites_at_push);
	WINDOW(window) = open_sized(&child, &roomy);

	for (int i = 0; i < 3; i++) {
		struct window_seen seen;

		child_begin(&child);
		seen = window_see(window, THIRTY_SITES_HITS, LONG_NS);
		child_wait(&child);
		check_thirty_sites(&seen);
		CHECK_INT(seen.statistics.hits, (i + 1) * THIRTY_SITES_HITS);
	}
}

/* Allocates until told to stop. */
static void without_end(struct child_shared *shared)
{
	while (!shared->stop)
		allocate(LIKE_ALLOC, 100, 1);
}

/*
 * On one busy CPU the loader may take the probes off before the target runs on, and a target may
 * not run at all during a short window, so these windows are repeated until they show what they are
 * to show.
 */
#define ATTEMPTS 100

TEST("hits after the last that was asked for are counted, not recorded")
{
	CHILD(child, without_end);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen = { 0 };
	uint64_t windows = 0;

	child_begin(&child);
	while (windows < ATTEMPTS && !seen.statistics.losses[LOSS_HIT_BUDGET]) {
		seen = window_see(window, 1000, LONG_NS);
		windows++;
		CHECK_INT(window_hits(&seen), 1000);
	}
	CHECK(seen.statistics.losses[LOSS_HIT_BUDGET] > 0);
	CHECK_INT(seen.statistics.hits, 1000 * windows + seen.statistics.losses[LOSS_HIT_BUDGET]);
	CHECK_INT(all_losses(&seen.statistics), seen.statistics.losses[LOSS_HIT_BUDGET]);
}

static void check_time(enum attach_way way)
{
	CHILD(child, without_end);
	WINDOW(window) = open_at(&child, way, PROBE_AT_PUSH, &roomy);
	struct window_seen seen = { 0 };

	child_begin(&child);
	for (int i = 0; i < ATTEMPTS && !seen.count; i++)
		seen = window_see(window, UINT64_MAX, 3000000);
	CHECK_INT(seen.open_ns, 3000000);
	CHECK_INT(seen.count, 1);
	CHECK_INT(seen.sites[0].size_bytes, 100);
	CHECK_INT(seen.sites[0].pc_count, 1);
	CHECK_INT(seen.sites[0].pcs[0], like_return_address(LIKE_ALLOC));
	CHECK_INT(seen.statistics.hits,
		  window_hits(&seen) + seen.statistics.losses[LOSS_HIT_BUDGET]);
	CHECK_INT(seen.statistics.multi, way == ATTACH_MULTI);
}

TEST("a window ends when its time is over, one link")
{
	check_time(ATTACH_MULTI);
}

TEST("a window ends when its time is over, perf events")
{
	check_time(ATTACH_PERF);
}

static void nothing(struct child_shared *shared)
{
	(void)shared;
}

TEST("a window without any hit is empty and ends in time")
{
	CHILD(child, nothing);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen = window_see(window, 10, 5000000);

	CHECK_INT(seen.count, 0);
	CHECK_INT(seen.open_ns, 0);
	CHECK_INT(all_losses(&seen.statistics), 0);
}

TEST("a window on a process that has ended is empty")
{
	CHILD(child, nothing);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen;

	child_end(&child);
	seen = window_see(window, 10, LONG_NS);
	CHECK_INT(seen.count, 0);
	child = child_start(nothing);
}

static void on_alarm(int signal_number)
{
	(void)signal_number;
}

TEST("a signal ends the window with what there is")
{
	CHILD(child, thirty_sites_at_push);
	WINDOW(window) = open_sized(&child, &roomy);
	struct itimerval later = { .it_value.tv_usec = 300000 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct window_seen seen;

	sigaction(SIGALRM, &action, NULL);
	child_begin(&child);
	setitimer(ITIMER_REAL, &later, NULL);
	seen = window_see(window, UINT64_MAX, LONG_NS);
	check_thirty_sites(&seen);
	CHECK(seen.open_ns > 0 && seen.open_ns < LONG_NS);
}

/* Sizes 0 to 160 through both functions; the plan says that mallocgc forwards up to 80. */
static void small_sizes(struct child_shared *shared)
{
	(void)shared;
	until_probed(PROBE_AT_PUSH);
	for (uint64_t size = 0; size <= 160; size++) {
		allocate(LIKE_ALLOC, size, 1);
		allocate(LIKE_SIZED, size, 2);
	}
}

TEST("sizes that are forwarded are not counted twice, and size 0 not at all")
{
	CHILD(child, small_sizes);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen;

	child_begin(&child);
	seen = window_see(window, 80 + 160, LONG_NS);
	CHECK_INT(seen.count, 80 + 160);
	for (size_t i = 0; i < seen.count; i++) {
		const struct window_site *site = &seen.sites[i];

		CHECK_INT(site->hits, 1);
		CHECK(site->size_bytes > (site->type == 1 ? 80 : 0));
		CHECK_INT(site->pcs[0],
			  like_return_address(site->type == 1 ? LIKE_ALLOC : LIKE_SIZED));
	}
	CHECK_INT(seen.statistics.hits, 2 * 161);
}

#define FRAMES 100
static struct frame_record frames[FRAMES];

/* Stack n has n callers above the first; pcs tell the frame. */
static void stacks_of_all_depths(struct child_shared *shared)
{
	(void)shared;
	until_probed(PROBE_AT_PUSH);
	for (uint64_t i = 0; i < FRAMES; i++)
		frames[i] = (struct frame_record){ i ? &frames[i - 1] : NULL, 0x400000 + i };
	for (uint64_t n = 0; n <= FRAMES; n++)
		like_call(LIKE_ALLOC, &(struct call){ .a = 1000 + n,
						      .b = 1,
						      .frame = n ? &frames[n - 1] : NULL });
}

TEST("a stack is its frame records, leaf first, cut at the limit")
{
	CHILD(child, stacks_of_all_depths);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen;

	child_begin(&child);
	seen = window_see(window, FRAMES + 1, LONG_NS);
	CHECK_INT(seen.count, FRAMES + 1);
	for (size_t i = 0; i < seen.count; i++) {
		const struct window_site *site = &seen.sites[i];
		uint64_t callers = site->size_bytes - 1000;

		CHECK_INT(site->pc_count,
			  callers < LIMIT_EXACT_FRAMES ? callers + 1 : LIMIT_EXACT_FRAMES);
		CHECK_INT(site->pcs[0], like_return_address(LIKE_ALLOC));
		for (uint32_t at = 1; at < site->pc_count; at++)
			CHECK_INT(site->pcs[at], 0x400000 + callers - at);
	}
	CHECK_INT(all_losses(&seen.statistics), 0);
}

/* Ten stacks under one type and size. */
static void ten_stacks(struct child_shared *shared)
{
	(void)shared;
	until_probed(PROBE_AT_PUSH);
	for (uint64_t i = 0; i < 1000; i++) {
		struct frame_record frame = { NULL, 0x400000 + i % 10 };

		like_call(LIKE_ALLOC, &(struct call){ .a = 100, .b = 1, .frame = &frame });
	}
}

TEST("sites are told apart by their stacks")
{
	CHILD(child, ten_stacks);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen;
	uint64_t pcs = 0;

	child_begin(&child);
	seen = window_see(window, 1000, LONG_NS);
	CHECK_INT(seen.count, 10);
	for (size_t i = 0; i < seen.count; i++) {
		CHECK_INT(seen.sites[i].hits, 100);
		pcs |= 1ULL << (seen.sites[i].pcs[1] - 0x400000);
	}
	CHECK_INT(pcs, (1 << 10) - 1);
}

/* The second window meets them in another order than the first. */
static void ten_stacks_the_other_way(struct child_shared *shared)
{
	until_probed(PROBE_AT_PUSH);
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t number = shared->numbers[0] ? 9 - i % 10 : i % 10;
		struct frame_record frame = { NULL, 0x400000 + number };

		like_call(LIKE_ALLOC, &(struct call){ .a = 100, .b = 1, .frame = &frame });
	}
	shared->numbers[0]++;
}

static void note_ids(const struct window_seen *seen, struct stack_id ids[10])
{
	CHECK_INT(seen->count, 10);
	for (size_t i = 0; i < seen->count; i++) {
		CHECK_INT(seen->sites[i].hits, 100);
		CHECK_INT(seen->sites[i].pc_count, 2);
		CHECK_INT(seen->sites[i].stack_id.hash, 1);
		ids[seen->sites[i].pcs[1] - 0x400000] = seen->sites[i].stack_id;
	}
	CHECK_INT(all_losses(&seen->statistics), 0);
}

TEST("stacks whose first hashes are all the same are told apart, and the same in each window")
{
	CHILD(child, ten_stacks_the_other_way);
	WINDOW(window) = NULL;
	struct stack_id ids[10], again[10];
	struct window_seen seen;

	stack_masks_force(0, UINT64_MAX);
	window = open_sized(&child, &roomy);
	stack_masks_force(UINT64_MAX, UINT64_MAX);
	child_begin(&child);
	seen = window_see(window, 1000, LONG_NS);
	note_ids(&seen, ids);
	child_wait(&child);
	child_begin(&child);
	seen = window_see(window, 1000, LONG_NS);
	note_ids(&seen, again);
	CHECK(memcmp(ids, again, sizeof(ids)) == 0);
}

TEST("hits beyond the site map are counted as lost")
{
	CHILD(child, ten_stacks);
	WINDOW(window) = open_sized(
		&child, &(struct window_sizes){ .sites = 4, .stacks = 100, .threads = 10 });
	struct window_seen seen;

	child_begin(&child);
	seen = window_see(window, 1000, LONG_NS);
	CHECK_INT(seen.count, 4);
	CHECK_INT(window_hits(&seen), 400);
	CHECK_INT(seen.statistics.losses[LOSS_SITE_MAP_FULL], 600);
	CHECK_INT(all_losses(&seen.statistics), 600);
}

TEST("hits whose stack finds no room are counted as such, and by type and size")
{
	CHILD(child, ten_stacks);
	WINDOW(window) = open_sized(
		&child, &(struct window_sizes){ .sites = 100, .stacks = 4, .threads = 10 });
	struct window_seen seen;
	size_t with_stack = 0;

	child_begin(&child);
	seen = window_see(window, 1000, LONG_NS);
	CHECK_INT(seen.count, 10);
	for (size_t i = 0; i < seen.count; i++)
		with_stack += seen.sites[i].pcs != NULL;
	CHECK_INT(with_stack, 4);
	CHECK_INT(window_hits(&seen), 1000);
	CHECK_INT(seen.statistics.losses[LOSS_STACK_MAP_FULL], 600);
}

static void unreadable_stack(struct child_shared *shared)
{
	(void)shared;
	until_probed(PROBE_AT_BRANCH);
	for (int i = 0; i < 10; i++)
		like_call(LIKE_ALLOC, &(struct call){ .a = 100, .b = 1, .bad_stack = 64 });
}

TEST("stacks that cannot be read are counted as lost")
{
	CHILD(child, unreadable_stack);
	WINDOW(window) = open_at(&child, ATTACH_MULTI, PROBE_AT_BRANCH, &roomy);
	struct window_seen seen;

	child_begin(&child);
	seen = window_see(window, 10, LONG_NS);
	CHECK_INT(seen.count, 1);
	CHECK_INT(seen.sites[0].hits, 10);
	CHECK(!seen.sites[0].pcs);
	CHECK_INT(seen.statistics.losses[LOSS_STACK_UNREADABLE], 10);
	CHECK_INT(all_losses(&seen.statistics), 10);
}

#define THREADS	   8
#define PER_THREAD 2000

/* A stack of the thread's own, whose pcs all carry its number. */
static void *work_of_thread(void *number)
{
	struct frame_record own[40];

	for (uint64_t i = 0; i < 40; i++)
		own[i] = (struct frame_record){ i ? &own[i - 1] : NULL,
						0x400000 + (uint64_t)number };
	for (int i = 0; i < PER_THREAD; i++)
		like_call(LIKE_ALLOC, &(struct call){ .a = 100, .b = 1, .frame = &own[39] });
	return NULL;
}

static void many_threads(struct child_shared *shared)
{
	pthread_t threads[THREADS];

	(void)shared;
	until_probed(PROBE_AT_PUSH);
	for (uint64_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work_of_thread, (void *)(i + 1));
	for (uint64_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

TEST("threads that share CPUs do not mix their stacks")
{
	CHILD(child, many_threads);
	WINDOW(window) = open_sized(&child, &roomy);
	struct window_seen seen;

	child_begin(&child);
	seen = window_see(window, THREADS * PER_THREAD, LONG_NS);
	CHECK_INT(seen.count, THREADS);
	for (size_t i = 0; i < seen.count; i++) {
		CHECK_INT(seen.sites[i].hits, PER_THREAD);
		CHECK_INT(seen.sites[i].pc_count, 41);
		for (uint32_t at = 2; at < 41; at++)
			CHECK_INT(seen.sites[i].pcs[at], seen.sites[i].pcs[1]);
	}
	CHECK_INT(all_losses(&seen.statistics), 0);
}
