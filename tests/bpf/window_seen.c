/* What the tests of exact windows ask of each of them. */
#include "window_seen.h"

#include "harness/test.h"

struct window_seen window_see(struct window *window, uint64_t max_hits, uint64_t max_ns)
{
	struct window_seen seen;

	CHECK_INT(window_run(window, max_hits, max_ns, &seen.sites, &seen.count, &seen.open_ns,
			     &seen.statistics),
		  0);
	return seen;
}

uint64_t window_hits(const struct window_seen *seen)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < seen->count; i++)
		sum += seen->sites[i].hits;
	return sum;
}
