/* Histograms of object ages. */
#include "model/bucket.h"

#include <math.h>

#define FIRST_EXPONENT 10 /* of slot 0, see AGE_SLOTS */

void ages_add(struct ages *sum, const struct ages *more)
{
	for (int i = 0; i < AGE_SLOTS; i++)
		if (__builtin_add_overflow(sum->slots[i], more->slots[i], &sum->slots[i]))
			sum->slots[i] = UINT32_MAX;
}

int64_t ages_median_ns(const struct ages *ages)
{
	double total = 0, below = 0;

	for (int i = 0; i < AGE_SLOTS; i++)
		total += (double)ages->slots[i];
	for (int i = 0; i < AGE_SLOTS; i++) {
		double here = (double)ages->slots[i];

		if (here > 0 && below + here >= total / 2)
			return llround(exp2(i + FIRST_EXPONENT + (total / 2 - below) / here));
		below += here;
	}
	return -1;
}
