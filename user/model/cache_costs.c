/* Records to the functions on their stacks, and quotients of two estimates. */
#include "model/cache_costs.h"

#include <math.h>

#include "model/statistics.h"

static bool passes_through(const struct stack *stack, const struct cache_function *function)
{
	for (uint32_t i = 0; i < stack->count; i++)
		if (stack->frames[i].address >= function->entry &&
		    stack->frames[i].address < function->end)
			return true;
	return false;
}

void cache_costs_add(struct cache_function *functions, size_t count, const struct record *records,
		     size_t record_count)
{
	for (size_t i = 0; i < record_count; i++) {
		const struct record *record = &records[i];

		if (!record->stack || !(record->interval.objects > 0))
			continue;
		for (size_t k = 0; k < count; k++)
			if (passes_through(record->stack, &functions[k]))
				amount_add(&functions[k].allocated, &record->interval);
	}
}

static double relative(double value, double variance)
{
	return value > 0 ? variance / (value * value) : 0;
}

/* To first order the relative variances of both add up. */
static struct cache_cost quotient(double value, double variance, const struct amount *calls)
{
	double quotient = value / calls->objects,
	       spread = relative(value, variance) +
			relative(calls->objects, calls->objects_variance);

	if (!(calls->objects > 0))
		return (struct cache_cost){ NAN, { NAN, NAN } };
	return (struct cache_cost){ quotient,
				    amount_interval(quotient, spread * quotient * quotient) };
}

struct cache_cost cache_bytes_per_call(const struct cache_function *function, double rate_bytes)
{
	const struct amount *allocated = &function->allocated;
	struct cache_cost cost =
		quotient(allocated->bytes, allocated->bytes_variance, &function->allocated_calls);

	if (allocated->samples == 0 && !(rate_bytes <= 1))
		cost.bounds.high = STATISTICS_POISSON_NONE_HIGH * rate_bytes /
				   function->allocated_calls.objects;
	return cost;
}

struct cache_cost cache_objects_per_call(const struct cache_function *function, double rate_bytes)
{
	const struct amount *allocated = &function->allocated;
	struct cache_cost cost = quotient(allocated->objects, allocated->objects_variance,
					  &function->allocated_calls);

	if (allocated->samples == 0 && !(rate_bytes <= 1))
		cost.bounds.high = NAN;
	return cost;
}
