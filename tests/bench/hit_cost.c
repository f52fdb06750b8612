/* Cost of a hit of the sampler's program against a hit that is only recognised as foreign, at the
 * same site, in turn: prints the ratio's median and spread over the rounds. */
#include <stdio.h>
#include <stdlib.h>

#include "probe/trap_cost.h"

#define ROUNDS 15

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int main(void)
{
	double counted[ROUNDS], ignored[ROUNDS], ratios[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		if (trap_cost_of_hit(true, &counted[i]) < 0 ||
		    trap_cost_of_hit(false, &ignored[i]) < 0)
			return 1;
		ratios[i] = counted[i] / ignored[i];
	}
	qsort(counted, ROUNDS, sizeof(double), by_value);
	qsort(ignored, ROUNDS, sizeof(double), by_value);
	qsort(ratios, ROUNDS, sizeof(double), by_value);
	printf("one hit of the sampler: %.0f ns, of a program that does nothing at the same site: "
	       "%.0f ns; ratio "
	       "%.2f [%.2f-%.2f]\n",
	       counted[ROUNDS / 2], ignored[ROUNDS / 2], ratios[ROUNDS / 2], ratios[1],
	       ratios[ROUNDS - 2]);
	return 0;
}
