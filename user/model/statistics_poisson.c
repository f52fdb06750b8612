/* Counts: the binomial distribution of one half, and the Poisson distribution with the gamma
 * distribution that its bounds come from. */
#include <math.h>

#include "model/statistics.h"

/* From here on the Wilson-Hilferty approximation is right to six digits, and the series is long. */
#define MANY_SAMPLES 2000.0

#define MAX_STEPS 100

/* lgamma writes a global. */
static double log_factorial(double n)
{
	int sign;

	return lgamma_r(n + 1, &sign);
}

double statistics_binomial_half(double n, double k)
{
	return exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) - n * M_LN2);
}

/* x^a e^-x / Gamma(a), the factor that both expansions below share. */
static double gamma_factor(double a, double x)
{
	return exp(a * log(x) - x - log_factorial(a - 1));
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
	const double z = upper ? STATISTICS_Z95 : -STATISTICS_Z95;
	double t = 1 - 1 / (9 * a) + z / (3 * sqrt(a));

	return t > 0 ? a * t * t * t : 0;
}

/*
 * The x with P(a, x) = share: Newton's method, kept in a bracket by bisection, since the density
 * says nothing far out. Half of the chi-square quantile with 2a degrees of freedom.
 */
static double gamma_quantile(double a, bool upper)
{
	const double share = upper ? 1 - STATISTICS_TAIL : STATISTICS_TAIL;
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

struct interval statistics_poisson_interval(double count)
{
	if (!(count > 0))
		return (struct interval){ 0, STATISTICS_POISSON_NONE_HIGH };
	return (struct interval){ gamma_quantile(count, false), gamma_quantile(count + 1, true) };
}

double statistics_poisson_pair(double first, double second)
{
	double less = round(fmin(first, second)), sum = less + round(fmax(first, second));
	double tail = 0, z;

	if (isnan(first) || isnan(second))
		return NAN;
	if (sum > 2000) {
		z = (sum - 2 * less - 1) / sqrt(sum);
		return z <= 0 ? 1 : erfc(z / M_SQRT2);
	}
	for (double k = 0; k <= less; k++)
		tail += statistics_binomial_half(sum, k);
	return fmin(1, 2 * tail);
}
