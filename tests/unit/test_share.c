/* Shares with their Wilson intervals. */
#include "harness/test.h"

#include <math.h>

#include "model/share.h"

TEST("Wilson's interval is that of the worked examples: 81 of 263, 15 of 148, 0 of 20, 1 of 29")
{
	/* R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
	 * Medicine 17 (1998) 857-872, table I, method 3 */
	static const struct {
		double hits, trials, low, high;
	} examples[] = {
		{ 81, 263, 0.2553, 0.3662 },
		{ 15, 148, 0.0624, 0.1605 },
		{ 0, 20, 0.0000, 0.1611 },
		{ 1, 29, 0.0061, 0.1718 },
	};

	for (size_t i = 0; i < 4; i++) {
		struct interval interval = wilson_interval(examples[i].hits, examples[i].trials);

		CHECK_NEAR(interval.low, examples[i].low, 0.00005);
		CHECK_NEAR(interval.high, examples[i].high, 0.00005);
	}
}

TEST("without a trial a share may be anything")
{
	struct interval interval = wilson_interval(0, 0);

	CHECK_NEAR(interval.low, 0, 0);
	CHECK_NEAR(interval.high, 1, 0);
}

TEST("the share of exact amounts has no width, that of samples Wilson's")
{
	struct amount part = { .objects = 81, .bytes = 810 },
		      whole = { .objects = 263, .bytes = 2630 };
	struct share share = share_of_objects(&part, &whole);

	CHECK_NEAR(share.value, 81.0 / 263, 1e-12);
	CHECK_NEAR(share.bounds.low, share.value, 0);
	/* 263 samples that stand for 10 bytes each */
	whole.bytes_variance = 263 * 100;
	share = share_of_bytes(&part, &whole);
	CHECK_NEAR(share.samples, 263, 1e-9);
	CHECK_NEAR(share.bounds.low, 0.2553, 0.00005);
	CHECK_NEAR(share.bounds.high, 0.3662, 0.00005);
}

TEST("nothing has no share of nothing")
{
	struct amount none = { 0 };

	CHECK(isnan(share_of_objects(&none, &none).value));
}

TEST("the share of what is not known is not known, and not 0")
{
	struct amount part = { .objects = NAN, .bytes = NAN },
		      whole = { .objects = 8, .bytes = 64 };

	CHECK(isnan(share_of_objects(&part, &whole).value));
	CHECK(isnan(share_of_bytes(&part, &whole).bounds.high));
}
