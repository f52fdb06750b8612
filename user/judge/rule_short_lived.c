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
static bool is_short_lived(const struct row *row)
{
	int64_t age_ns = ages_median_ns(&row->ages);

	if (!(row->begun.objects > 0) || row->begun.bytes / row->begun.objects > SMALL_BYTES)
		return false;
	if (age_ns >= 0)
		return age_ns < SHORT_NS;
	return row->live.objects < SURVIVORS_MOST * row->begun.objects;
}

static struct share add_up(const struct table *table, double *ret_objects)
{
	struct amount whole = { 0 }, part = { 0 };

	for (size_t i = 0; i < table->count; i++) {
		amount_add(&whole, &table->rows[i].begun);
		if (is_short_lived(&table->rows[i]))
			amount_add(&part, &table->rows[i].begun);
	}
	*ret_objects = whole.objects;
	return share_of_objects(&part, &whole);
}

static void add_places(struct finding *finding, const struct table *table, double objects)
{
	for (size_t i = 0; i < table->count; i++)
		if (is_short_lived(&table->rows[i]))
			finding_place(finding, &table->rows[i], "count",
				      table->rows[i].begun.objects,
				      table->rows[i].begun.objects / objects);
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	double rate = evidence_median(evidence, "heap_allocs_per_s"), objects;
	struct finding *finding;
	struct share share;

	if (!evidence->last.has_live) {
		*ret_why = "how long objects live is not known in this mode";
		return RULE_BLIND;
	}
	share = add_up(&context->sites_alloc, &objects);
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
	add_places(finding, &context->sites_alloc, objects);
	finding_seen(finding,
		     "%s of %s objects (95 %%: %s to %s) are made where they have at most %d bytes "
		     "on average, and half of those that died were younger than a second, or "
		     "less than %s are left",
		     number_share(share.value).text, number_count_rate(rate).text,
		     number_share(share.bounds.low).text, number_share(share.bounds.high).text,
		     SMALL_BYTES, number_share(SURVIVORS_MOST).text);
	return RULE_FIRED;
}

const struct rule rule_short_lived = {
	.name = "short_lived",
	.title = "Many small objects die at once",
	.looks_at = "small objects that live for less than a second",
	.why = "Each costs its making and its share of a collection, and most of them could have "
	       "stood on the stack.",
	.advice = "See why they escape (go build -gcflags=-m at these lines): an interface, a "
		  "closure, a pointer that is returned. Else use one object again.",
	.judge = judge,
};
