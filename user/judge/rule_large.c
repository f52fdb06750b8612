/* Objects too large for the size classes: each is a span of its own. */
#include "judge/allocation.h"

#include <math.h>

#include "base/number.h"

#define LARGE_BYTES 32768 /* the largest size class; runtime/sizeclasses.go */
#define SHARE_LEAST 0.3
#define RATE_LEAST  (10.0 * 1024 * 1024) /* bytes per second: less is no matter */

static bool is_large(const struct record *record)
{
	return record->object_bytes > LARGE_BYTES;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	enum number_kind kind = number_kind_of_mode(evidence->last.mode);
	struct allocation_part part;
	struct finding *finding;
	double rate;

	allocation_part(&evidence->last, is_large, &part);
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
	finding_number(finding, "large_bytes_per_s", "bytes/s", rate,
		       (struct interval){ part.bytes.bounds.low / part.bytes.value * rate,
					  part.bytes.bounds.high / part.bytes.value * rate },
		       kind);
	finding_number(finding, "large_bytes_share", "share", part.bytes.value, part.bytes.bounds,
		       kind);
	finding_places_of(finding, &context->sites_alloc, is_large);
	finding_seen(finding,
		     "Objects above 32 KiB are %s of what is allocated (95 %%: %s to %s): %s",
		     number_share(part.bytes.value).text, number_share(part.bytes.bounds.low).text,
		     number_share(part.bytes.bounds.high).text, number_bytes_rate(rate).text);
	return RULE_FIRED;
}

const struct rule rule_large = {
	.name = "large_objects",
	.title = "Large objects are allocated all the time",
	.looks_at = "objects above 32 KiB",
	.why = "Each of them takes a span of its own from the heap's lock, is zeroed as a whole, "
	       "and "
	       "brings the next collection nearer by its size.",
	.advice = "Keep such buffers and use them again (sync.Pool, a ring of them), or work in "
		  "pieces.",
	.judge = judge,
};
