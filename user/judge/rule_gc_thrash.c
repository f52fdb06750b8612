/* A collector that runs all the time: many cycles, much CPU, or a limit that leaves no room. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"

#define ROOM_LEAST 1.3
#define CYCLES_LEAST_PER_S                                                                         \
	1.0 /* fewer are no thrashing, whatever their share of little work is                      \
	     */

/* Of the CPU that the program used meanwhile. Marking on processors that had nothing else to do
 * takes nothing away. The runtime's books are of finished cycles. */
static double cpu_share(const struct evidence *evidence)
{
	double idle_marking = evidence_growth(evidence, "gc_cpu_idle_ns"),
	       collecting = evidence_growth(evidence, "gc_cpu_gc_total_ns") - idle_marking,
	       idle = evidence_growth(evidence, "gc_cpu_idle_time_ns") + idle_marking,
	       used = evidence_growth(evidence, "gc_cpu_total_ns") - idle;

	if (isnan(collecting) || isnan(used))
		return evidence->last.gc.cpu_fraction;
	return used > 0 ? collecting / used : 0;
}

/* The goal against the least that was in use, which is about what is alive. GOGC=100 gives 2. */
static double room_of(const struct evidence *evidence)
{
	double least = NAN;

	for (size_t i = 0; i < evidence->count; i++)
		least = fmin(least, evidence_value(evidence, i, "heap_inuse_bytes"));
	return evidence_median(evidence, "heap_goal_bytes") / least;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double share = cpu_share(evidence), cycles = evidence_growth(evidence, "gc_cycles");
	double rate = cycles / evidence->elapsed_s, room = room_of(evidence);
	struct finding *finding;

	if (isnan(share)) {
		*ret_why = "the collector's CPU time is not known";
		return RULE_BLIND;
	}
	if (share <= context->thresholds->gc_cpu_share || rate < CYCLES_LEAST_PER_S)
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = share;
	finding->certainty = CERTAINTY_SURE;
	finding_exact(finding, "gc_cpu_share", "share", share);
	finding_exact(finding, "gc_cycles_per_s", "cycles/s", rate);
	finding_exact(finding, "heap_goal_bytes", "bytes",
		      evidence_median(evidence, "heap_goal_bytes"));
	finding_exact(finding, "goal_over_least_heap", "ratio", room);
	finding_seen(finding,
		     "The collector takes %s of the CPU that the program uses: %.3g cycles per "
		     "second, at a heap goal of %s%s",
		     number_share(share).text, rate,
		     number_bytes(evidence_median(evidence, "heap_goal_bytes")).text,
		     room < ROOM_LEAST ? ", which is hardly more than what is alive" : "");
	if (room < ROOM_LEAST)
		finding_advise(
			finding,
			"The goal leaves no room: a memory limit (GOMEMLIMIT) or a small GOGC "
			"holds it down. Raise it, or make less stay.");
	return RULE_FIRED;
}

const struct rule rule_gc_thrash = {
	.name = "gc_thrash",
	.title = "The garbage collector runs too often",
	.looks_at = "the collector's share of the CPU and its rate",
	.why = "CPU that goes into collecting is not there for requests, and each cycle stops the "
	       "world twice.",
	.advice = "Allocate less at the sites below, or give the heap room: a larger GOGC, or a "
		  "larger GOMEMLIMIT when the limit is what the goal has reached.",
	.judge = judge,
};
