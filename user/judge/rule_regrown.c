/* Slices that are appended to until they have to be copied, again and again. */
#include "judge/allocation.h"

#include <math.h>

#include "base/number.h"

#define SHARE_LEAST 0.25
#define RATE_LEAST  (1024.0 * 1024) /* bytes per second */

static bool is_regrown(const struct record *record)
{
	static const char *const growing[] = { "runtime.growslice", NULL };

	return record_passes(record, growing);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	enum number_kind kind = number_kind_of_mode(evidence->last.mode);
	struct allocation_part part;
	struct finding *finding;
	double rate;

	allocation_part(&evidence->last, is_regrown, &part);
	if (isnan(part.bytes.value)) {
		*ret_why = "nothing is known of who allocated";
		return RULE_BLIND;
	}
	rate = part.amount.bytes / evidence->elapsed_s;
	if (!(part.bytes.bounds.low > SHARE_LEAST) || rate < RATE_LEAST)
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = part.bytes.value * 0.5;
	finding->certainty = CERTAINTY_SURE;
	finding_number(finding, "regrown_bytes_share", "share", part.bytes.value, part.bytes.bounds,
		       kind);
	finding_number(finding, "regrown_objects_per_s", "objects/s",
		       part.amount.objects / evidence->elapsed_s, (struct interval){ NAN, NAN },
		       kind);
	finding_places_of(finding, &context->sites_alloc, is_regrown);
	finding_seen(
		finding,
		"%s of the allocated bytes (95 %%: %s to %s) are slices made by append because "
		"the one before was full: %s",
		number_share(part.bytes.value).text, number_share(part.bytes.bounds.low).text,
		number_share(part.bytes.bounds.high).text, number_bytes_rate(rate).text);
	return RULE_FIRED;
}

const struct rule rule_regrown = {
	.name = "slices_regrown",
	.title = "Slices are regrown again and again",
	.looks_at = "slices that append had to make anew",
	.why = "A slice that grows one by one is allocated about log2(n) times and copied twice in "
	       "all; all but the last are garbage at once.",
	.advice =
		"Make the slice with the capacity that it will need, or keep it and set its length "
		"to 0.",
	.judge = judge,
};
