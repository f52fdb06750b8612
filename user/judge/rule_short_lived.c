/* Many small objects that die at once: what escape analysis or a pool would have saved. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"

#define SMALL_BYTES    128
#define SHORT_NS       1000000000LL
#define SHARE_LEAST    0.5	/* of the objects */
#define RATE_LEAST     100000.0 /* objects per second: less is no matter */
#define SURVIVORS_MOST 0.01

/* Their ages when probes saw them die, else how few are left of those that were made. */
static bool is_short_lived(const struct row *row, bool has_live)
{
	int64_t age_ns = ages_median_ns(&row->ages);

	if (!(row->begun.objects > 0) || row->begun.bytes / row->begun.objects > SMALL_BYTES)
		return false;
	if (age_ns >= 0)
		return age_ns < SHORT_NS;
	return has_live && row->live.objects < SURVIVORS_MOST * row->begun.objects;
}

static void add_places(struct finding *finding, const struct table *table, bool has_live,
		       double objects)
{
	for (size_t i = 0; i < table->count; i++)
		if (is_short_lived(&table->rows[i], has_live))
			finding_place(finding, &table->rows[i], table->rows[i].begun.objects,
				      table->rows[i].begun.objects / objects);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	const struct table *table = &context->sites_alloc;
	double rate = evidence_median(evidence, "heap_allocs_per_s");
	struct amount whole = { 0 }, part = { 0 };
	struct finding *finding;
	struct share share;

	if (!evidence->last.has_live) {
		*ret_why = "how long objects live is not known in this mode";
		return RULE_BLIND;
	}
	for (size_t i = 0; i < table->count; i++) {
		amount_add(&whole, &table->rows[i].begun);
		if (is_short_lived(&table->rows[i], evidence->last.has_live))
			amount_add(&part, &table->rows[i].begun);
	}
	share = share_of_objects(&part, &whole);
	if (!(share.bounds.low > SHARE_LEAST) || !(rate > RATE_LEAST))
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = 0.25 * share.value;
	finding->certainty = CERTAINTY_LIKELY;
	finding_number(finding, "short_lived_objects_share", "share", share.value, share.bounds,
		       number_kind_of_mode(evidence->last.mode));
	finding_exact(finding, "allocs_per_s", "objects/s", rate);
	add_places(finding, table, evidence->last.has_live, whole.objects);
	finding_seen(finding,
		     "%s of %s objects (95 %%: %s to %s) are of at most %d bytes and dead within a "
		     "second",
		     number_share(share.value).text, number_count_rate(rate).text,
		     number_share(share.bounds.low).text, number_share(share.bounds.high).text,
		     SMALL_BYTES);
	return RULE_FIRED;
}

const struct rule rule_short_lived = {
	.name = "short_lived",
	.title = "Many small objects die at once",
	.looks_at = "small objects that live for less than a second",
	.why = "Each costs its making and its share of a collection, and most of them could have "
	       "stood on the stack.",
	.advice = "See why they escape (go build -gcflags=-m at the lines below): an interface, a "
		  "closure, a pointer that is returned. Else use one object again.",
	.judge = judge,
};
