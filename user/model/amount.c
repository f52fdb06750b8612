/*
 * Unsampling as the program's own heap profile does it, and exact Poisson intervals for what comes
 * out of it.
 */
#include "model/amount.h"

#include <math.h>
#include <stdbool.h>

#include "model/goexp.h"

#define TAIL 0.025 /* of each side of a 95 % interval */

/* From here on the Wilson-Hilferty approximation is right to six digits, and the series is long. */
#define MANY_SAMPLES 2000.0

#define MAX_STEPS 100

/* The conversions to integers and back are Go's: what a profile shows are whole objects and bytes.
 */
struct amount amount_from_samples(uint64_t samples, uint64_t object_bytes, double rate_bytes)
{
	double count = (double)samples, bytes = (double)(samples * object_bytes), scale, size;

	if (samples == 0 || object_bytes == 0)
		return (struct amount){ 0 };
	if (!(rate_bytes > 1))
		return (struct amount){ .samples = samples, .objects = count, .bytes = bytes };
	size = (double)object_bytes;
	scale = 1 / (1 - goexp(-size / rate_bytes));
	return (struct amount){
		.samples = samples,
		.objects = trunc(count * scale),
		.bytes = trunc(bytes * scale),
		.objects_variance = count * scale * scale,
		.bytes_variance = count * scale * size * scale * size,
	};
}

static double hits_variance(double hits, double weight, double scale)
{
	return scale > 1 ? hits * weight * weight : 0;
}

struct amount amount_from_hits(uint64_t hits, uint64_t object_bytes, double objects_scale,
			       double bytes_scale)
{
	double count = (double)hits, bytes_per_hit = (double)object_bytes * bytes_scale;

	return (struct amount){
		.samples = hits,
		.objects = count * objects_scale,
		.bytes = count * bytes_per_hit,
		.objects_variance = hits_variance(count, objects_scale, objects_scale),
		.bytes_variance = hits_variance(count, bytes_per_hit, bytes_scale),
	};
}

void amount_add(struct amount *sum, const struct amount *more)
{
	sum->samples += more->samples;
	sum->objects += more->objects;
	sum->bytes += more->bytes;
	sum->objects_variance += more->objects_variance;
	sum->bytes_variance += more->bytes_variance;
}

/* x^a e^-x / Gamma(a), the factor that both expansions below share. lgamma_r, as lgamma writes a
 * global. */
static double gamma_factor(double a, double x)
{
	int sign;

	return exp(a * log(x) - x - lgamma_r(a, &sign));
}

/* P(a, x) as a power series: fast where x is not much larger than a. */
static double gamma_series(double a, double x)
{
	double term = 1 / a, sum = term;

	for (double n = a + 1; term > sum * 1e-16; n++) {
		term *= x / n;
		sum += term;
	}
	return sum * gamma_factor(a, x);
}

/* 1 - P(a, x) as a continued fraction, evaluated by Lentz's method: for x > a + 1. */
static double gamma_fraction(double a, double x)
{
	double b = x + 1 - a, c = 1e300, d = 1 / b, value = d;

	for (int i = 1; i < 10 * MANY_SAMPLES; i++) {
		double step, numerator = -i * (i - a);

		b += 2;
		d = 1 / (numerator * d + b);
		c = b + numerator / c;
		step = c * d;
		value *= step;
		if (fabs(step - 1) < 1e-16)
			break;
	}
	return value * gamma_factor(a, x);
}

/* The regularised lower incomplete gamma function: the share of a Gamma(a, 1) below x. */
static double gamma_below(double a, double x)
{
	if (x <= 0)
		return 0;
	return x < a + 1 ? gamma_series(a, x) : 1 - gamma_fraction(a, x);
}

/* Cube of a normal quantile: within a per cent for a > 1, the better the larger a is. */
static double wilson_hilferty(double a, bool upper)
{
	const double z = upper ? 1.959963984540054 : -1.959963984540054;
	double t = 1 - 1 / (9 * a) + z / (3 * sqrt(a));

	return t > 0 ? a * t * t * t : 0;
}

/*
 * The x with P(a, x) = share: Newton's method, kept in a bracket by bisection, since the density
 * says nothing far out. Half of the chi-square quantile with 2a degrees of freedom.
 */
static double gamma_quantile(double a, bool upper)
{
	const double share = upper ? 1 - TAIL : TAIL;
	double low = 0, high = a + 20 + 10 * sqrt(a), x = wilson_hilferty(a, upper);

	if (a > MANY_SAMPLES)
		return x;
	for (int i = 0; i < MAX_STEPS; i++) {
		double next, error;

		if (!(x > low && x < high))
			x = (low + high) / 2;
		error = gamma_below(a, x) - share;
		if (error > 0)
			high = x;
		else
			low = x;
		next = x - error * x / gamma_factor(a, x);
		if (fabs(next - x) <= 1e-12 * x)
			return next;
		x = next;
	}
	return (low + high) / 2;
}

struct interval amount_interval(double value, double variance)
{
	double samples, per_sample;

	if (!(variance > 0) || !(value >= 0))
		return (struct interval){ value, value };
	if (!(value > 0))
		return (struct interval){ 0, -log(TAIL) * sqrt(variance) };
	samples = value * value / variance;
	per_sample = variance / value;
	return (struct interval){
		.low = gamma_quantile(samples, false) * per_sample,
		.high = gamma_quantile(samples + 1, true) * per_sample,
	};
}
