/* Sums of sampled quantities that carry their own uncertainty. */
#ifndef MODEL_AMOUNT_H
#define MODEL_AMOUNT_H

#include <stdint.h>

/*
 * An estimated quantity of objects and bytes, made from `samples` observations. Variances follow
 * from Poisson counts: n samples that stand for w each have variance n*w^2; exact counts have
 * variance 0. Amounts add member by member.
 */
struct amount {
	uint64_t samples;
	double objects, bytes;
	double objects_variance, bytes_variance;
};

/* An estimate's 95 % interval; low = high = value for exact amounts. */
struct interval {
	double low, high;
};

/* What `samples` samples of objects of `object_bytes` stand for at a mean sampling distance of
 * `rate_bytes`: 1/(1-exp(-size/rate)) each, as runtime/pprof scaleHeapSample does it, truncation
 * included; rate <= 1: exact. */
struct amount amount_from_samples(uint64_t samples, uint64_t object_bytes, double rate_bytes);

/* What `hits` exact hits stand for, when one object stands for `objects_scale` and one byte for
 * `bytes_scale`; scales up to 1 come from counters that lag behind by a few objects: nothing was
 * estimated then. */
struct amount amount_from_hits(uint64_t hits, uint64_t object_bytes, double objects_scale,
			       double bytes_scale);

void amount_add(struct amount *sum, const struct amount *more);
/* What a count has grown by since it was `before`; 0 where it has become less, since another
 * collector began anew. Samples of different times are independent, so their variances differ by
 * what the growth's is. */
void amount_subtract(struct amount *sum, const struct amount *before);

/* statistics_poisson_interval of the effective number of samples value^2/variance, scaled back. A
 * value of 0 that has a variance w^2 is of no samples that would have stood for w each. */
struct interval amount_interval(double value, double variance);

#endif
