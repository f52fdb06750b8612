/* Unsampling against Go, intervals against published tables and against their definition. */
#include <math.h>
#include <stdint.h>

#include "harness/test.h"
#include "model/amount.h"
#include "model/goexp.h"

/* math.Exp(-size/rate) of Go 1.23 on amd64, and the same under GODEBUG=cpu.fma=off. The two differ
 * in every row, and libm's exp differs from one of them. */
static const struct {
	double size, rate;
	uint64_t fused, plain;
} exponentials[] = {
	{ 120, 512, 0x3fe95067c78379f3, 0x3fe95067c78379f2 },
	{ 9752, 512, 0x3e36f63cc1c1e6d9, 0x3e36f63cc1c1e6d8 },
	{ 16032, 65536, 0x3fe90e4ba1ff23b3, 0x3fe90e4ba1ff23b2 },
	{ 21768, 4096, 0x3f7426f605a5a131, 0x3f7426f605a5a132 },
	{ 26384, 512, 0x3b4936a42236a0cf, 0x3b4936a42236a0d0 },
	{ 34960, 65536, 0x3fe2c54221956459, 0x3fe2c5422195645a },
	{ 43664, 4096, 0x3ef899db91b5ca83, 0x3ef899db91b5ca84 },
	{ 52720, 1000000, 0x3fee5b4e02531983, 0x3fee5b4e02531984 },
	{ 57640, 65536, 0x3fda8f16cf3e452f, 0x3fda8f16cf3e452e },
	{ 62904, 65536, 0x3fd88253f5595a13, 0x3fd88253f5595a14 },
};

static uint64_t bits(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

TEST("the exponential has the bits of Go's, with and without fused multiply-add")
{
	for (size_t i = 0; i < sizeof(exponentials) / sizeof(exponentials[0]); i++) {
		double x = -exponentials[i].size / exponentials[i].rate;

		CHECK_INT(bits(goexp_fused(x)), exponentials[i].fused);
		CHECK_INT(bits(goexp_plain(x)), exponentials[i].plain);
	}
}

TEST("the exponential has no trouble at its ends")
{
	CHECK(goexp_fused(0) == 1 && goexp_plain(0) == 1);
	CHECK(goexp_fused(-800) == 0 && goexp_plain(-800) == 0);
	CHECK(goexp_fused(-1e300) == 0 && goexp_plain(-1e300) == 0);
	CHECK_NEAR(goexp(-700) / exp(-700), 1, 1e-14);
}

/* What scaleHeapSample's expressions (runtime/pprof/protomem.go) give in a program built by Go 1.19
 * and 1.27, which agree. */
static const struct {
	uint64_t samples, object_bytes;
	double rate_bytes;
	double objects, bytes;
} scaled[] = {
	{ 1, 16, 512, 32, 520 },
	{ 7, 16, 512, 227, 3640 },
	{ 123457, 16, 512, 4012673, 64202783 },
	{ 1, 48, 512, 11, 536 },
	{ 7, 48, 512, 78, 3754 },
	{ 123457, 48, 512, 1379567, 66219241 },
	{ 1, 208, 512, 2, 623 },
	{ 7, 208, 512, 20, 4361 },
	{ 123457, 208, 512, 369790, 76916473 },
	{ 1, 1152, 512, 1, 1287 },
	{ 7, 1152, 512, 7, 9014 },
	{ 123457, 1152, 512, 138002, 158978695 },
	{ 1, 9472, 512, 1, 9472 },
	{ 7, 9472, 512, 7, 66304 },
	{ 123457, 9472, 512, 123457, 1169384714 },
	{ 1, 32768, 512, 1, 32768 },
	{ 7, 32768, 512, 7, 229376 },
	{ 123457, 32768, 512, 123457, 4045438976 },
	{ 1, 1048576, 512, 1, 1048576 },
	{ 7, 1048576, 512, 7, 7340032 },
	{ 123457, 1048576, 512, 123457, 129454047232 },
	{ 1, 16, 4096, 256, 4104 },
	{ 7, 16, 4096, 1795, 28728 },
	{ 123457, 16, 4096, 31666760, 506668171 },
	{ 1, 48, 4096, 85, 4120 },
	{ 7, 48, 4096, 600, 28840 },
	{ 123457, 48, 4096, 10596846, 508648627 },
	{ 1, 208, 4096, 20, 4200 },
	{ 7, 208, 4096, 141, 29406 },
	{ 123457, 208, 4096, 2493404, 518628063 },
	{ 1, 1152, 4096, 4, 4698 },
	{ 7, 1152, 4096, 28, 32892 },
	{ 123457, 1152, 4096, 503576, 580120056 },
	{ 1, 9472, 4096, 1, 10512 },
	{ 7, 9472, 4096, 7, 73590 },
	{ 123457, 9472, 4096, 137024, 1297893570 },
	{ 1, 32768, 4096, 1, 32778 },
	{ 7, 32768, 4096, 7, 229452 },
	{ 123457, 32768, 4096, 123498, 4046796524 },
	{ 1, 1048576, 4096, 1, 1048576 },
	{ 7, 1048576, 4096, 7, 7340032 },
	{ 123457, 1048576, 4096, 123457, 129454047232 },
	{ 1, 16, 524288, 32768, 524296 },
	{ 7, 16, 524288, 229379, 3670072 },
	{ 123457, 16, 524288, 4045500704, 64728011276 },
	{ 1, 48, 524288, 10923, 524312 },
	{ 7, 48, 524288, 76462, 3670184 },
	{ 123457, 48, 524288, 1348541388, 64729986629 },
	{ 1, 208, 524288, 2521, 524392 },
	{ 7, 208, 524288, 17647, 3670744 },
	{ 123457, 208, 524288, 311249346, 64739863992 },
	{ 1, 1152, 524288, 455, 524864 },
	{ 7, 1152, 524288, 3189, 3674049 },
	{ 123457, 1152, 524288, 56248403, 64798160889 },
	{ 1, 9472, 524288, 55, 529038 },
	{ 7, 9472, 524288, 390, 3703267 },
	{ 123457, 9472, 524288, 6895426, 65313476506 },
	{ 1, 32768, 524288, 16, 540842 },
	{ 7, 32768, 524288, 115, 3785898 },
	{ 123457, 32768, 524288, 2037683, 66770811727 },
	{ 1, 1048576, 524288, 1, 1212696 },
	{ 7, 1048576, 524288, 8, 8488876 },
	{ 123457, 1048576, 524288, 142780, 149715889549 },
};

TEST("samples are scaled to the objects and bytes that Go's heap profile shows")
{
	for (size_t i = 0; i < sizeof(scaled) / sizeof(scaled[0]); i++) {
		struct amount amount = amount_from_samples(
			scaled[i].samples, scaled[i].object_bytes, scaled[i].rate_bytes);

		CHECK_INT(amount.samples, scaled[i].samples);
		CHECK_INT(amount.objects, scaled[i].objects);
		CHECK_INT(amount.bytes, scaled[i].bytes);
	}
}

TEST("a sampling rate of one byte, or none, means that everything was counted")
{
	struct amount every = amount_from_samples(1000, 48, 1);
	struct amount off = amount_from_samples(1000, 48, 0);
	struct amount unknown = amount_from_samples(1000, 48, NAN);

	CHECK_INT(every.objects, 1000);
	CHECK_INT(every.bytes, 48000);
	CHECK(every.objects_variance == 0 && every.bytes_variance == 0);
	CHECK_INT(off.bytes, 48000);
	CHECK_INT(unknown.bytes, 48000);
}

TEST("no samples are nothing, for sure")
{
	struct amount none = amount_from_samples(0, 48, 524288);
	struct interval interval = amount_interval(none.bytes, none.bytes_variance);

	CHECK(none.samples == 0 && none.objects == 0 && none.bytes == 0);
	CHECK(interval.low == 0 && interval.high == 0);
}

TEST("n samples of equal objects have the variance of n Poisson events")
{
	struct amount amount = amount_from_samples(25, 524288, 524288);
	double weight = 1 / (1 - exp(-1));

	CHECK_NEAR(amount.objects_variance, 25 * weight * weight, 1e-9);
	CHECK_NEAR(sqrt(amount.bytes_variance), 5 * weight * 524288, 1e-3);
}

TEST("amounts add member by member")
{
	struct amount sum = { 1, 2, 3, 4, 5 };

	amount_add(&sum, &(struct amount){ 10, 20, 30, 40, 50 });
	CHECK_INT(sum.samples, 11);
	CHECK(sum.objects == 22 && sum.bytes == 33);
	CHECK(sum.objects_variance == 44 && sum.bytes_variance == 55);
}

/* 95 % limits of a Poisson mean: E. S. Pearson and H. O. Hartley, Biometrika Tables for
 * Statisticians, volume 1, table 40 (three or four digits there); they are Garwood's of 1936. */
static const struct {
	double count, low, high, precision;
} published[] = {
	{ 1, 0.0253, 5.572, 6e-4 }, { 2, 0.242, 7.225, 6e-4 },	{ 3, 0.619, 8.767, 6e-4 },
	{ 4, 1.09, 10.24, 6e-3 },   { 5, 1.62, 11.67, 6e-3 },	{ 6, 2.20, 13.06, 6e-3 },
	{ 8, 3.45, 15.76, 6e-3 },   { 10, 4.80, 18.39, 6e-3 },	{ 15, 8.40, 24.74, 6e-3 },
	{ 20, 12.22, 30.89, 6e-3 }, { 25, 16.18, 36.90, 6e-3 }, { 30, 20.24, 42.83, 6e-3 },
	{ 50, 37.11, 65.92, 6e-3 },
};

TEST("intervals of whole counts are those of published tables")
{
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		double count = published[i].count;
		struct interval interval = amount_interval(count, count);

		CHECK_NEAR(interval.low, published[i].low, published[i].precision);
		CHECK_NEAR(interval.high, published[i].high, published[i].precision);
	}
}

/* The chance of at most `count` events where `mean` are expected, summed up term by term. */
static double poisson_at_most(int count, double mean)
{
	double sum = 0;

	for (int k = 0; k <= count; k++)
		sum += exp(k * log(mean) - mean - lgamma(k + 1.0));
	return sum;
}

TEST("at each end of an interval the count seen is a 2.5 % chance")
{
	static const int counts[] = { 1, 2, 7, 33, 150, 700, 1999, 2001, 5000, 20000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		int n = counts[i];
		struct interval interval = amount_interval(n, n);

		CHECK_NEAR(poisson_at_most(n, interval.high), 0.025, 2e-6);
		CHECK_NEAR(1 - poisson_at_most(n - 1, interval.low), 0.025, 2e-6);
	}
}

TEST("an interval scales with what a sample stands for")
{
	struct interval one = amount_interval(10, 10),
			scaled_up = amount_interval(5000, 10 * 500.0 * 500);

	CHECK_NEAR(scaled_up.low, 500 * one.low, 1e-6);
	CHECK_NEAR(scaled_up.high, 500 * one.high, 1e-6);
}

TEST("intervals of fractions of a sample are wide and in order")
{
	for (double samples = 0.01; samples < 4; samples += 0.01) {
		struct interval interval = amount_interval(samples, samples);

		CHECK(interval.low >= 0 && interval.low < samples);
		CHECK(interval.high > samples && isfinite(interval.high));
	}
}
