/* Sums of what was counted and what was estimated. */
#include "model/cache_counter.h"

#include <math.h>

void cache_counter_begin(struct cache_counter *counter, uint64_t now)
{
	*counter = (struct cache_counter){ .now = now, .filled = now, .before = now };
}

void cache_counter_window(struct cache_counter *counter, size_t window)
{
	burst_set(&counter->hits, window, counter->now - counter->before);
	counter->before = counter->now;
}

static void add_dependent(struct amount *sum, const struct amount *more)
{
	double error = sqrt(sum->objects_variance) + sqrt(more->objects_variance);

	amount_add(sum, more);
	sum->objects_variance = error * error;
}

/* Before the first window an interval is not known; its time waits for one. */
static void fill_unknown(struct cache_counter *counter, double counted, double unseen_s)
{
	counter->pending_s += unseen_s;
	counter->calls.begun.objects += counted;
	counter->calls.interval = (struct amount){ .objects = NAN };
}

void cache_counter_fill(struct cache_counter *counter, const struct burst_windows *windows,
			double unseen_s)
{
	double counted = (double)(counter->now - counter->filled);
	struct amount interval = burst_estimate(windows, &counter->hits, unseen_s);
	struct amount begun =
		burst_estimate(windows, &counter->hits, unseen_s + counter->pending_s);

	counter->filled = counter->now;
	if (isnan(begun.objects)) {
		fill_unknown(counter, counted, unseen_s);
		return;
	}
	counter->pending_s = 0;
	interval.objects += counted;
	begun.objects += counted;
	counter->calls.interval = interval;
	add_dependent(&counter->calls.begun, &begun);
}

void cache_counter_unknown(struct cache_counter *counter)
{
	counter->calls.begun = counter->calls.interval = (struct amount){ .objects = NAN };
}
