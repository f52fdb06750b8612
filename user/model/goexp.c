/*
 * Go's exponential, operation by operation: x = k*ln2 + 16*r, e^r - 1 as a Taylor polynomial of
 * degree 8, doubled four times by (1+y)^2 - 1 = y*(y+2), then scaled by 2^k. What makes the bits is
 * the order of roundings, so every product that Go fuses is an fma() here, and no other may be.
 */
#include "model/goexp.h"

#include <math.h>

/* gcc fuses by itself where the target machine can, clang where it is told to. */
#ifdef __clang__
#pragma clang fp contract(off)
#else
#pragma GCC optimize("fp-contract=off")
#endif

#define LOG2_E	    1.4426950408889634073599246810018920
#define LN2_HIGH    0.69314718055966295651160180568695068359375
#define LN2_LOW	    0.28235290563031577122588448175013436025412068e-12
#define DOUBLINGS   4
#define SMALLEST_2K (-1022)

static const double taylor[] = { 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
				 1.0 / 24,    1.0 / 6,	  1.0 / 2,   1.0 };
#define TERMS (sizeof(taylor) / sizeof(taylor[0]))

/* Nothing that is sampled is 700 sampling distances long in a way that matters: below the normal
 * numbers 1 - e^x is 1 in either case. */
static double scaled(double value, double k)
{
	return k < SMALLEST_2K ? 0 : ldexp(value, (int)k);
}

double goexp_fused(double x)
{
	double k = nearbyint(x * LOG2_E);
	double r = fma(-LN2_LOW, k, fma(-LN2_HIGH, k, x)) * 0.0625;
	double y = taylor[0];

	for (unsigned int i = 1; i < TERMS; i++)
		y = fma(y, r, taylor[i]);
	y *= r;
	for (int i = 1; i < DOUBLINGS; i++)
		y *= y + 2;
	return scaled(fma(y, y + 2, 1), k);
}

double goexp_plain(double x)
{
	double k = nearbyint(x * LOG2_E);
	double r = ((x - k * LN2_HIGH) - k * LN2_LOW) * 0.0625;
	double y = taylor[0];

	for (unsigned int i = 1; i < TERMS; i++)
		y = y * r + taylor[i];
	y *= r;
	for (int i = 0; i < DOUBLINGS; i++)
		y *= y + 2;
	return scaled(y + 1, k);
}

double goexp(double x)
{
#ifdef __x86_64__
	/* Go asks the processor in the same words, and it is the same processor. */
	return __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma") ? goexp_fused(x)
									      : goexp_plain(x);
#else
	return exp(x);
#endif
}
