/* When exact windows end, and what they say to have held up. */
#include "harness/test.h"

#include <sched.h>

#include "child.h"
#include "go_like.h"
#include "probe/features.h"
#include "probe/trap_cost.h"
#include "probe/window_sizes.h"
#include "window_seen.h"

#define FEW 100

static struct window *open_paced(const struct child *child)
{
	static const struct window_sizes sizes = { .sites = 100, .stacks = 100, .threads = 10 };
	struct probe_plan plan = { 0 };
	struct window *window;

	like_add_point(&plan, LIKE_ALLOC, PROBE_AT_PUSH);
	if (!feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	attach_way_force(ATTACH_MULTI);
	CHECK_INT(window_open_sized(child->pid, &plan, &sizes, &window), 0);
	return window;
}

static void allocate(void)
{
	like_call(LIKE_ALLOC, &(struct call){ .a = 100, .b = 1 });
}

static void a_few(struct child_shared *shared)
{
	(void)shared;
	while (*like_site(LIKE_ALLOC, PROBE_AT_PUSH) != 0xcc)
		sched_yield();
	for (int i = 0; i < FEW; i++)
		allocate();
}

static void without_end(struct child_shared *shared)
{
	while (!shared->stop)
		allocate();
}

/* As if one hit took a millisecond, and a thousandth of the time were there for hits. */
static const struct window_pace slow_pace = {
	.hit_ns = 1000000,
	.work_ns = 1000000,
	.trap_ns = 1000000,
	.share = 0.001,
	.most_ns = 10000000,
};

TEST("hits that come too fast to be paid off end the window, and are what holds up the target")
{
	CHILD(child, without_end);
	WINDOW(window) = open_paced(&child);
	struct window_seen seen = { 0 };

	CHECK_INT(window_stall_ns(window), -1);
	window_set_pace(window, &slow_pace);
	child_begin(&child);
	seen = window_see(window, UINT64_MAX, LONG_NS);
	CHECK_INT(window_hits(&seen), 10);
	CHECK(window_edges_ns(window) > 0 && window_stall_ns(window) >= window_edges_ns(window));
	/* no more than from the first hit to the last, though ten hits would be ten milliseconds */
	CHECK(window_stall_ns(window) - window_edges_ns(window) <= 10000000);
}

TEST("hits at their pace never end the window")
{
	CHILD(child, a_few);
	WINDOW(window) = open_paced(&child);
	struct window_pace pace = {
		.hit_ns = 1, .work_ns = 1000000000, .trap_ns = 1, .share = 1, .most_ns = 1000
	};
	struct window_seen seen;

	window_set_pace(window, &pace);
	child_begin(&child);
	seen = window_see(window, FEW, LONG_NS);
	CHECK_INT(window_hits(&seen), FEW);
	CHECK(window_stall_ns(window) < 1000 + window_edges_ns(window));
}

TEST("a hit that takes longer than its price counts as long as the kernel's clock says it took")
{
	CHILD(child, a_few);
	WINDOW(window) = open_paced(&child);
	struct window_pace pace = {
		.hit_ns = 1, .work_ns = 1, .trap_ns = 1, .share = 0.001, .most_ns = 1000000000
	};
	struct window_seen seen;

	window_set_pace(window, &pace);
	child_begin(&child);
	seen = window_see(window, FEW, LONG_NS);
	CHECK_INT(window_hits(&seen), FEW);
	/* two map look-ups and a stack are not done in 10 ns; by its price a hit were one */
	CHECK(window_stall_ns(window) - window_edges_ns(window) > 10 * FEW);
}

TEST("a window with hits is over when it is to be, one without waits for the first")
{
	CHILD(child, a_few);
	WINDOW(window) = open_paced(&child);
	struct window_pace pace = { .hit_ns = 1,
				    .trap_ns = 1,
				    .share = 1,
				    .most_ns = 1000000000,
				    .until_ns = 1 /* long ago */ };
	struct window_seen seen;

	window_set_pace(window, &pace);
	seen = window_see(window, UINT64_MAX, 5000000);
	CHECK_INT(seen.count, 0);
	child_begin(&child);
	seen = window_see(window, UINT64_MAX, LONG_NS);
	CHECK(seen.count > 0 && seen.open_ns < LONG_NS);
}
