/* What each rung would cost, and in which order they are wanted. */
#include <math.h>
#include <string.h>

#include "limits.h"
#include "model/governor.h"
#include "model/ladder.h"

const char *rung_name(enum rung rung)
{
#define NAME(symbol, name) name,
	static const char *const names[RUNG_COUNT] = { RUNGS(NAME) };
#undef NAME
	return names[rung];
}

enum rung rung_find(const char *name)
{
	int rung = 0;

	while (rung < RUNG_COUNT && strcmp(rung_name((enum rung)rung), name))
		rung++;
	return (enum rung)rung;
}

/* What the watches leave; ages are not worth all of that (model/governor.h). */
static double allowed_percent(enum rung rung, const struct ladder_rules *rules)
{
	double left = fmax(0, 1 - rules->taken_share);

	if (rung == RUNG_COUNTERS || rung == RUNG_LIST)
		return 0;
	if (rung == RUNG_SAMPLER)
		left = fmin(left, GOVERNOR_SAMPLER_SHARE);
	return left * rules->budget_percent;
}

/* No more births than objects: one larger than the distance is sampled, once. */
static double sampled_births(const struct ladder_load *load)
{
	if (!load->sampler_on || !(load->rate_bytes > 0))
		return 0;
	return fmin(load->allocs_per_s, load->alloc_bytes_per_s / load->rate_bytes);
}

static double predicted_hits(enum rung rung, const struct ladder_load *load, double affordable)
{
	bool known = !isnan(load->allocs_per_s) && !isnan(load->alloc_bytes_per_s);

	switch (rung) {
	case RUNG_SAMPLER:
		return known ? 2 * sampled_births(load) : NAN;
	case RUNG_EXACT:
		return load->allocs_per_s;
	case RUNG_BURST:
		return fmin(load->allocs_per_s, affordable);
	case RUNG_COUNTERS:
	case RUNG_LIST:
	case RUNG_COUNT:
		break;
	}
	return 0;
}

static double hit_traps(enum rung rung, const struct ladder_rules *rules)
{
	if (rung == RUNG_SAMPLER)
		return 1;
	return rung == RUNG_EXACT ? exact_factor(rules->stacks) : EXACT_STACK_FACTOR;
}

struct rung_price ladder_price(enum rung rung, const struct ladder_rules *rules,
			       const struct ladder_load *load)
{
	double traps = hit_traps(rung, rules);
	struct rung_price price = {
		.hit_ns = traps * governor_trap_ns(load->trap_ns),
		.allowed_percent = allowed_percent(rung, rules),
	};
	double affordable = price.allowed_percent * 1e7 / price.hit_ns;

	price.hits_per_s = predicted_hits(rung, load, affordable);
	price.percent = price.hits_per_s > 0 ? governor_cost_percent(price.hits_per_s, price.hit_ns)
					     : price.hits_per_s;
	return price;
}

static bool is_free(enum rung rung)
{
	return rung == RUNG_COUNTERS || rung == RUNG_LIST;
}

bool ladder_fits(enum rung rung, const struct ladder_rules *rules, const struct ladder_load *load)
{
	struct rung_price price = ladder_price(rung, rules, load);

	if (!load->possible[rung])
		return false;
	if (is_free(rung))
		return true;
	if (rules->budget_percent <= 0 || !isfinite(price.hit_ns))
		return false;
	if (rung == RUNG_BURST) /* bounds itself */
		return price.allowed_percent > 0;
	if (rung == RUNG_EXACT && load->sites > LIMIT_EXACT_SITES)
		return false;
	return price.percent <= price.allowed_percent;
}

size_t ladder_preferences(const struct ladder_rules *rules, bool sampler_on,
			  enum rung ret[RUNG_COUNT])
{
	enum rung last = sampler_on ? RUNG_LIST : RUNG_COUNTERS;
	enum rung ceiling = rules->ceiling;
	size_t count = 0;

	if (ceiling == RUNG_COUNT)
		ceiling = sampler_on ? RUNG_SAMPLER : RUNG_EXACT;
	if (ceiling == RUNG_COUNTERS || ceiling == RUNG_BURST)
		last = RUNG_COUNTERS;
	if (ceiling == RUNG_SAMPLER || ceiling == RUNG_LIST)
		last = RUNG_LIST;
	if (ceiling != last)
		ret[count++] = ceiling;
	if (ceiling == RUNG_EXACT)
		ret[count++] = RUNG_BURST;
	ret[count++] = last;
	return count;
}

/* Bursts attach nothing before the first interval. */
enum rung ladder_start(const struct ladder_rules *rules, bool sampler_on)
{
	enum rung order[RUNG_COUNT];
	size_t count = ladder_preferences(rules, sampler_on, order);

	if (rules->ceiling == RUNG_EXACT || rules->ceiling == RUNG_BURST)
		return rules->ceiling;
	if (rules->budget_percent > 0 && count > 1 && order[count - 2] == RUNG_BURST)
		return RUNG_BURST;
	return order[count - 1];
}
