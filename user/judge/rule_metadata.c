/* Type metadata: allocation that exists only because of reflection, interface conversion and itabs.
 */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"
#include "judge/causes.h"
#include "model/metadata.h"

/* The lines of the program that have it done. */
static void add_places(struct finding *finding, const struct snapshot *snapshot)
{
	struct causes causes = { 0 };
	double all_bytes = 0;

	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];

		all_bytes += record->begun.bytes;
		if (metadata_has(record->stack))
			causes_add(&causes, metadata_cause(record->stack), record->begun.bytes);
	}
	causes_to_places(&causes, "bytes", all_bytes, finding);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct snapshot *last = &context->evidence->last;
	const struct share *bytes = &last->type_group.metadata_bytes,
			   *objects = &last->type_group.metadata_objects;
	double limit = context->thresholds->metadata_share;
	enum number_kind kind = number_kind_of_mode(last->mode);
	struct finding *finding;

	if (isnan(bytes->value)) {
		*ret_why = "nothing is known of who allocated";
		return RULE_BLIND;
	}
	/* the whole interval on one side, of either */
	if (!(bytes->bounds.low > limit) && !(objects->bounds.low > limit))
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = fmax(bytes->value, objects->value);
	finding->certainty = CERTAINTY_SURE;
	finding_number(finding, "metadata_bytes_share", "share", bytes->value, bytes->bounds, kind);
	finding_number(finding, "metadata_objects_share", "share", objects->value, objects->bounds,
		       kind);
	finding_seen(finding,
		     "%s of the allocated bytes (95 %%: %s to %s) and %s of the objects are made "
		     "under reflection or by putting values into interfaces; the limit is %s",
		     number_share(bytes->value).text, number_share(bytes->bounds.low).text,
		     number_share(bytes->bounds.high).text, number_share(objects->value).text,
		     number_share(limit).text);
	add_places(finding, last);
	return RULE_FIRED;
}

const struct rule rule_metadata = {
	.name = "metadata_share",
	.title = "Much of the allocation is type metadata",
	.looks_at = "the share of allocation under reflection and interface conversion",
	.why = "This memory carries no data of the program: it is the price of passing values as "
	       "interfaces and of making types at run time, and the collector has to go through "
	       "it.",
	.advice = "Pass concrete types or type parameters where these sites convert to "
		  "interfaces, and keep reflect.Types that are made once.",
	.judge = judge,
};
