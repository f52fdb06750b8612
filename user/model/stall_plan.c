/* A bound from order statistics, and rests where it leaves nothing. */
#include "model/stall_plan.h"

/* Opening and closing take 0.3 to 0.5 ms on an idle machine (6.18, 2 CPUs, 2026-11). */
#define ASSUMED_NS 500000

/* Edges are planned with by so much longer than the longest that was seen. */
#define MARGIN_PARTS 4

/* So few windows do not tell how long edges can be. */
#define FEW 8

#define REST_FIRST_NS 4000000000LL
#define REST_MOST_NS  64000000000LL

void stall_plan_init(struct stall_plan *plan, int64_t limit_ns)
{
	*plan = (struct stall_plan){
		.limit_ns = limit_ns,
		.assumed_ns = limit_ns / 2 < ASSUMED_NS ? limit_ns / 2 : ASSUMED_NS,
		.rest_ns = REST_FIRST_NS,
	};
}

void stall_plan_add(struct stall_plan *plan, int64_t edges_ns, int64_t stall_ns)
{
	plan->edges_ns[plan->next] = edges_ns;
	plan->next = (plan->next + 1) % STALL_EDGES;
	if (plan->count < STALL_EDGES)
		plan->count++;
	plan->windows++;
	plan->over += stall_ns > plan->limit_ns;
	if (++plan->calm == STALL_EDGES) {
		plan->calm = 0;
		if (plan->rest_ns > REST_FIRST_NS)
			plan->rest_ns /= 2;
	}
}

static int64_t measured_ns(const struct stall_plan *plan)
{
	int64_t longest = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->edges_ns[i] > longest)
			longest = plan->edges_ns[i];
	return longest;
}

static int64_t longest_ns(const struct stall_plan *plan)
{
	int64_t measured = measured_ns(plan);

	return plan->count < FEW && measured < plan->assumed_ns ? plan->assumed_ns : measured;
}

int64_t stall_plan_edges_ns(const struct stall_plan *plan)
{
	int64_t longest = longest_ns(plan);

	return longest + longest / MARGIN_PARTS;
}

static bool leaves_hits(const struct stall_plan *plan, int64_t longest, int64_t least_ns)
{
	return longest + longest / MARGIN_PARTS + least_ns <= plan->limit_ns;
}

static void rest(struct stall_plan *plan, int64_t now_ns)
{
	plan->rest_edges_ns = measured_ns(plan);
	plan->rest_until_ns = now_ns + plan->rest_ns;
	plan->calm = 0;
	if (plan->rest_ns < REST_MOST_NS)
		plan->rest_ns *= 2;
}

/* What it rested for is forgotten, the rest is not. */
static void wake(struct stall_plan *plan, int64_t least_ns)
{
	const struct stall_plan before = *plan;
	size_t oldest = before.next + STALL_EDGES - before.count;

	plan->count = 0;
	for (size_t i = 0; i < before.count; i++) {
		int64_t edges_ns = before.edges_ns[(oldest + i) % STALL_EDGES];

		if (leaves_hits(plan, edges_ns, least_ns))
			plan->edges_ns[plan->count++] = edges_ns;
	}
	plan->next = plan->count % STALL_EDGES;
	plan->rest_until_ns = 0;
}

int64_t stall_plan_hits_ns(struct stall_plan *plan, int64_t least_ns, int64_t now_ns)
{
	if (plan->rest_until_ns && now_ns >= plan->rest_until_ns)
		wake(plan, least_ns);
	if (!plan->rest_until_ns && !leaves_hits(plan, longest_ns(plan), least_ns))
		rest(plan, now_ns);
	return plan->rest_until_ns ? 0 : plan->limit_ns - stall_plan_edges_ns(plan);
}
