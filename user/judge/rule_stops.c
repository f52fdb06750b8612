/* Stops of the world that are felt, and what they were for. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"

struct stops {
	size_t count;
	int64_t longest_ns;
	int reason; /* of the longest */
};

static struct stops long_stops(const struct evidence *evidence, double limit_ns)
{
	struct stops stops = { 0 };

	for (size_t i = 0; i < evidence->stop_count; i++) {
		const struct gc_stop *stop = &evidence->stops[i];

		if (stop->duration_ns == UNKNOWN || (double)stop->duration_ns <= limit_ns)
			continue;
		stops.count++;
		if (stop->duration_ns > stops.longest_ns) {
			stops.longest_ns = stop->duration_ns;
			stops.reason = stop->reason;
		}
	}
	return stops;
}

static int fire(const struct rule *rule, const struct stops *stops, double limit_ns,
		struct findings *findings)
{
	struct finding *finding = findings_add(findings, rule);

	if (!finding)
		return -1;
	finding->weight = fmin(1, (double)stops->longest_ns / 1e9);
	finding->certainty = CERTAINTY_SURE;
	finding_exact(finding, "longest_stop_ns", "ns", (double)stops->longest_ns);
	finding_exact(finding, "long_stops", "count", (double)stops->count);
	finding_seen(finding, "%zu %s of the world took more than %s, the longest %s: %s",
		     stops->count, stops->count == 1 ? "stop" : "stops",
		     number_duration(limit_ns).text,
		     number_duration((double)stops->longest_ns).text,
		     gc_stop_reason_text(stops->reason));
	return 0;
}

/* Why it cannot be said that no stop was long; NULL when it can. */
static const char *blindness(const struct evidence *evidence, double limit_ns)
{
	if (evidence->stops_left_out)
		return "there were more stops than are kept";
	if (!evidence_probed_mostly(evidence))
		return "stops were not seen one by one";
	if (!evidence->stops_probed && !(evidence_pause_unprobed(evidence) <= limit_ns))
		return "before the probes came a collection stopped the world for longer in all, "
		       "or it is not known";
	return NULL;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double limit_ns = context->thresholds->stop_ns;
	struct stops stops = long_stops(evidence, limit_ns);

	if (stops.count)
		return fire(rule, &stops, limit_ns, findings) < 0 ? RULE_FAILED : RULE_FIRED;
	*ret_why = blindness(evidence, limit_ns);
	return *ret_why ? RULE_BLIND : RULE_QUIET;
}

const struct rule rule_stops = {
	.name = "long_stops",
	.title = "The world stops for long",
	.looks_at = "stops of the world and their reasons",
	.why = "Nothing of the program runs meanwhile: every request in flight waits.",
	.advice = "Stops for GC are long where threads are slow to stop (a busy machine, a tight "
		  "loop in old Go, too few CPUs for GOMAXPROCS); 'read mem stats' and 'goroutine "
		  "profile' come from whoever polls them too often.",
	.judge = judge,
};
