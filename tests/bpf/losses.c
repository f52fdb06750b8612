/* The reasons' counters have no sum of their own, as no reason stands for another. */
#include "losses.h"

uint64_t all_losses(const struct probe_statistics *statistics)
{
	uint64_t sum = 0;

	for (int i = 0; i < LOSS_COUNT; i++)
		sum += statistics->losses[i];
	return sum;
}
