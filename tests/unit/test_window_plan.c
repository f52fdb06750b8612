/* Where windows stand in an interval. */
#include <math.h>

#include "harness/test.h"
#include "model/window_plan.h"

static const struct window_outlook second = { .left_ns = 1000000000,
					      .hits = 5000,
					      .allocs_per_s = 1e6,
					      .opening_ns = 10000000,
					      .closing_ns = 40000000 };

TEST("an interval has a window in each eighth of a second, and they share its hits")
{
	struct window_outlook outlook = second;
	struct window_plan plan;
	uint64_t hits = 0;
	int windows = 0;

	while (window_plan_next(&outlook, 0.5, &plan)) {
		CHECK(plan.start_ns >= 0 && plan.open_ns > 0);
		CHECK_INT(outlook.opening_ns + plan.start_ns + plan.open_ns + outlook.closing_ns,
			  plan.slot_ns);
		hits += plan.hits;
		outlook.hits -= plan.hits;
		outlook.left_ns -= plan.slot_ns;
		windows++;
	}
	CHECK_INT(windows, 8);
	CHECK_INT(hits, 5000);
}

TEST("a window begins anywhere in its slot")
{
	struct window_plan first, last;

	CHECK(window_plan_next(&second, 0, &first) && window_plan_next(&second, 0.999, &last));
	CHECK_INT(first.start_ns, 0);
	CHECK(last.start_ns > 0.99 * (double)(last.slot_ns - 50000000));
}

TEST("a slow program is watched for the whole interval, an unknown one is not")
{
	struct window_outlook outlook = second;
	struct window_plan plan;

	outlook.allocs_per_s = 3000;
	CHECK(window_plan_next(&outlook, 0.5, &plan));
	CHECK_INT(plan.slot_ns, outlook.left_ns);
	CHECK_INT(plan.start_ns, 0);
	CHECK_INT(plan.hits, 5000);
	outlook.allocs_per_s = NAN;
	CHECK(window_plan_next(&outlook, 0.5, &plan));
	CHECK(plan.slot_ns < outlook.left_ns);
}

TEST("where opening and closing take long there are fewer windows, but never none")
{
	for (int64_t closing_ns = 10000000; closing_ns < 980000000; closing_ns += 10000000) {
		struct window_outlook outlook = second;
		struct window_plan plan;

		outlook.closing_ns = closing_ns;
		CHECK(window_plan_next(&outlook, 0.999, &plan));
		CHECK(plan.open_ns > 0 && plan.slot_ns <= outlook.left_ns);
		outlook.left_ns *= 20;
		outlook.closing_ns *= 10;
		outlook.allocs_per_s = 10; /* watched all the time */
		CHECK(window_plan_next(&outlook, 0, &plan));
		CHECK(plan.open_ns > 0 && plan.slot_ns <= outlook.left_ns);
	}
}

TEST("few hits make few windows, a dear closing one, and no time or no hit none")
{
	struct window_outlook outlook = second;
	struct window_plan plan;

	outlook.hits = 45;
	CHECK(window_plan_next(&outlook, 0.5, &plan));
	CHECK_INT(plan.slot_ns, outlook.left_ns / 2);
	outlook.one_slot = true;
	CHECK(window_plan_next(&outlook, 0.5, &plan));
	CHECK_INT(plan.slot_ns, outlook.left_ns);
	outlook.hits = 0;
	CHECK(!window_plan_next(&outlook, 0.5, &plan));
	outlook.hits = 45;
	outlook.left_ns = 50000000;
	CHECK(!window_plan_next(&outlook, 0.5, &plan));
	outlook.first = true;
	CHECK(window_plan_next(&outlook, 0.5, &plan));
	CHECK(plan.open_ns > 0 && plan.open_ns < outlook.left_ns && plan.start_ns == 0);
}

TEST("no window of an hour is open for longer than two seconds, whether the program is slow or "
     "fast")
{
	for (double rate = 10; rate < 1e8; rate *= 1000) {
		struct window_outlook outlook = second;
		struct window_plan plan;
		int windows = 0;

		outlook.allocs_per_s = rate;
		outlook.left_ns = 3600000000000;
		outlook.hits = 3600 * 5000;
		while (window_plan_next(&outlook, 0.5, &plan)) {
			CHECK(plan.open_ns > 0 && plan.open_ns <= WINDOW_MOST_NS);
			CHECK(plan.slot_ns <= 2 * WINDOW_MOST_NS);
			outlook.hits -= outlook.hits * 0.0001;
			outlook.left_ns -= plan.slot_ns;
			windows++;
		}
		printf("# %d windows\n", windows);
		CHECK(windows > 1000 && windows < 3000);
	}
}
