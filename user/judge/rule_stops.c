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
	finding_seen(finding, "%zu stops of the world took more than %s, the longest %s: %s",
		     stops->count, number_duration(limit_ns).text,
		     number_duration((double)stops->longest_ns).text,
		     gc_stop_reason_text(stops->reason));
	return 0;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double limit_ns = context->thresholds->stop_ns;
	struct stops stops = long_stops(evidence, limit_ns);

	if (stops.count)
		return fire(rule, &stops, limit_ns, findings) < 0 ? RULE_FAILED : RULE_FIRED;
	if (evidence->stops_probed && !evidence->stops_left_out)
		return RULE_QUIET;
	/* polled: only a cycle's stops together are known, and those of the last 256 */
	if ((double)evidence->last.gc.pause_p99_ns <= limit_ns)
		return RULE_QUIET;
	*ret_why = "stops were not seen one by one, and the collector's together are long";
	return RULE_BLIND;
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
