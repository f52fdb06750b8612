/* Resident memory much above what Go's objects take, and which part it is. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"

/* A choice: the heap's own room is in what Go's objects take, since dead ones count until they are
 * swept. A small process has its binary and the runtime, which are no matter. */
#define TIMES_MOST   2.0
#define EXCESS_LEAST (64.0 * 1024 * 1024)

static enum rss_part largest_part(const struct rss *rss)
{
	enum rss_part largest = RSS_HEAP_WASTE;

	for (int part = 0; part < RSS_PART_COUNT; part++)
		if (part != RSS_HEAP_OBJECTS && rss->parts[part] > rss->parts[largest])
			largest = (enum rss_part)part;
	return largest;
}

static const char *advice_of(enum rss_part part)
{
	switch (part) {
	case RSS_HEAP_WASTE:
		return "Objects of many sizes and ages share spans that cannot be freed: keep "
		       "those "
		       "that live long in slices of their own.";
	case RSS_HEAP_FREE:
	case RSS_HEAP_RETURNED:
		return "The runtime keeps room for the next peak and returns it slowly: set "
		       "GOMEMLIMIT, or make the peak smaller. Transparent huge pages can keep it "
		       "as "
		       "well.";
	case RSS_STACKS:
		return "Count the goroutines and see what they wait for.";
	case RSS_NATIVE:
	case RSS_NATIVE_STACKS:
		return "It is not Go's: look at cgo libraries and at mmap (jemalloc's or glibc's "
		       "own "
		       "statistics, malloc_trim).";
	default:
		return "";
	}
}

/* Where the kernel does not name Go's mappings, what is not Go's is worked out from what is. */
static void add_part(struct finding *finding, const struct rss *rss, enum rss_part part)
{
	double bytes = (double)rss->parts[part];

	if (rss->named || rss_part_group(part) == RSS_GROUP_FILE)
		finding_exact(finding, rss_part_key(part), "bytes", bytes);
	else
		finding_statistic(finding, rss_part_key(part), "bytes", bytes);
}

static int fire(const struct rule *rule, const struct rss *rss, double total, double objects,
		struct findings *findings)
{
	struct finding *finding = findings_add(findings, rule);
	enum rss_part part;

	if (!finding)
		return -1;
	finding->weight = (total - objects) / total;
	finding->certainty = CERTAINTY_SURE;
	finding_exact(finding, "rss_bytes", "bytes", total);
	finding_exact(finding, "heap_objects_bytes", "bytes", objects);
	if (rss->parts[RSS_HEAP_OBJECTS] == UNKNOWN) {
		finding_seen(finding, "%s are resident, of which Go's objects are %s",
			     number_bytes(total).text, number_bytes(objects).text);
		return 0;
	}
	part = largest_part(rss);
	add_part(finding, rss, part);
	finding_seen(finding,
		     "%s are resident, of which Go's objects are %s; the largest other part at "
		     "the end is %s, %s: %s",
		     number_bytes(total).text, number_bytes(objects).text, rss_part_key(part),
		     number_bytes((double)rss->parts[part]).text, rss_part_meaning(part));
	finding_advise(finding, "%s", advice_of(part));
	return 0;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double total = evidence_median(evidence, "rss_total_bytes"),
	       objects = evidence_median(evidence, "rss_heap_objects_bytes");

	if (isnan(objects) || isnan(total)) {
		*ret_why = "the parts of the resident memory are not known";
		return RULE_BLIND;
	}
	if (total < TIMES_MOST * objects || total - objects < EXCESS_LEAST)
		return RULE_QUIET;
	return fire(rule, &evidence->last.rss, total, objects, findings) < 0 ? RULE_FAILED
									     : RULE_FIRED;
}

const struct rule rule_rss = {
	.name = "rss_above_heap",
	.title = "Far more memory is resident than objects need",
	.looks_at = "resident memory beside Go's objects",
	.why = "It is what the kernel counts when it looks for a process to kill, and no heap "
	       "profile "
	       "shows it.",
	.advice = "See the parts with key m in top.",
	.judge = judge,
};
