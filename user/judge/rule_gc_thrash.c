/* A collector that runs all the time: many cycles, much CPU, or a limit that leaves no room. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"

#define ROOM_LEAST 1.3 /* GOGC=100 gives 2, GOGC=30 this */
#define CYCLES_LEAST_PER_S                                                                         \
	1.0 /* fewer are no thrashing, whatever their share of little work is                      \
	     */

struct gc_share {
	double value;	  /* NAN: not known */
	const char *what; /* of what: ends "The collector takes 30% of ..." */
};

/* Of the CPU that the program used meanwhile. Marking on processors that had nothing else to do
 * takes nothing away. The runtime's books are of finished cycles; before Go 1.21 there is only its
 * average (MemStats.GCCPUFraction). */
static struct gc_share cpu_share(const struct evidence *evidence)
{
	double idle_marking = evidence_growth(evidence, "gc_cpu_idle_ns"),
	       collecting = evidence_growth(evidence, "gc_cpu_gc_total_ns") - idle_marking,
	       idle = evidence_growth(evidence, "gc_cpu_idle_time_ns") + idle_marking,
	       used = evidence_growth(evidence, "gc_cpu_total_ns") - idle;

	if (isnan(collecting) || isnan(used))
		return (struct gc_share){ evidence->last.gc.cpu_fraction,
					  "the CPU that the program could have used since it "
					  "started" };
	return (struct gc_share){ used > 0 ? collecting / used : 0,
				  "the CPU that the program uses" };
}

/* The goal against the least that was in use, which is about what is alive. GOGC=100 gives 2. */
static double room_of(const struct evidence *evidence)
{
	double least = NAN;

	for (size_t i = 0; i < evidence->count; i++)
		least = fmin(least, evidence_value(evidence, i, "heap_inuse_bytes"));
	return evidence_median(evidence, "heap_goal_bytes") / least;
}

/* Who allocates is who makes it run. */
static void add_places(struct finding *finding, const struct table *table)
{
	for (size_t i = 0; i < table->count && table->rows[i].value > 0; i++)
		finding_place(finding, &table->rows[i], "bytes", table->rows[i].value,
			      table->rows[i].share);
}

static int fire(const struct rule *rule, const struct rule_context *context,
		const struct gc_share *share, double rate, struct findings *findings)
{
	double goal = evidence_median(context->evidence, "heap_goal_bytes"),
	       room = room_of(context->evidence);
	struct finding *finding = findings_add(findings, rule);

	if (!finding)
		return -1;
	finding->weight = share->value;
	finding->certainty = CERTAINTY_SURE;
	finding_exact(finding, "gc_cpu_share", "share", share->value);
	finding_exact(finding, "gc_cycles_per_s", "cycles/s", rate);
	finding_exact(finding, "heap_goal_bytes", "bytes", goal);
	finding_exact(finding, "goal_over_least_heap", "ratio", room);
	add_places(finding, &context->sites_alloc);
	finding_seen(finding,
		     "The collector takes %s of %s: %.3g cycles per second, at a heap goal of %s%s",
		     number_share(share->value).text, share->what, rate, number_bytes(goal).text,
		     room < ROOM_LEAST ? ", which is hardly more than what is alive" : "");
	if (room < ROOM_LEAST)
		finding_advise(
			finding,
			"The goal leaves no room: a memory limit (GOMEMLIMIT) or a small GOGC "
			"holds it down. Raise it, or make less stay.");
	return 0;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double rate = evidence_growth(evidence, "gc_cycles") / evidence->elapsed_s;
	struct gc_share share = cpu_share(evidence);

	if (isnan(share.value) || isnan(rate)) {
		*ret_why = "the collector's CPU time or its cycles are not known";
		return RULE_BLIND;
	}
	if (share.value <= context->thresholds->gc_cpu_share || rate < CYCLES_LEAST_PER_S)
		return RULE_QUIET;
	return fire(rule, context, &share, rate, findings) < 0 ? RULE_FAILED : RULE_FIRED;
}

const struct rule rule_gc_thrash = {
	.name = "gc_thrash",
	.title = "The garbage collector runs too often",
	.looks_at = "the collector's share of the CPU and its rate",
	.why = "CPU that goes into collecting is not there for requests, and each cycle stops the "
	       "world twice.",
	.advice = "Allocate less at these sites, or give the heap room: a larger GOGC, or a "
		  "larger GOMEMLIMIT when the limit is what the goal has reached.",
	.judge = judge,
};
