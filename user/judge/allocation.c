/* Sums over the records that a predicate chooses. */
#include "judge/allocation.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

void allocation_part(const struct snapshot *snapshot, record_predicate belongs,
		     struct allocation_part *ret)
{
	struct amount whole = { 0 };

	*ret = (struct allocation_part){ 0 };
	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];

		amount_add(&whole, &record->begun);
		if (belongs(record))
			amount_add(&ret->amount, &record->begun);
	}
	ret->bytes = share_of_bytes(&ret->amount, &whole);
	ret->objects = share_of_objects(&ret->amount, &whole);
}

bool record_passes(const struct record *record, const char *const *beginnings)
{
	uint32_t inner = record->stack ? stack_runtime_prefix(record->stack) : 0;

	for (uint32_t i = 0; i < inner; i++)
		for (const char *const *beginning = beginnings; *beginning; beginning++)
			if (!strncmp(record->stack->frames[i].function, *beginning,
				     strlen(*beginning)))
				return true;
	return false;
}

static double bytes_of(const struct row *row, record_predicate belongs)
{
	double bytes = 0;

	for (size_t i = 0; i < row->record_count; i++)
		if (belongs(row->records[i]))
			bytes += row->records[i]->begun.bytes;
	return bytes;
}

/* Rows that belong, by their bytes: the next after `after` bytes of row `after_row`. */
static const struct row *next_place(const struct table *table, record_predicate belongs,
				    const struct row *after_row, double after, double *ret_bytes)
{
	const struct row *most = NULL;

	*ret_bytes = 0;
	for (const struct row *row = table->rows; row < table->rows + table->count; row++) {
		double here = bytes_of(row, belongs);
		bool follows = here < after || (here == after && row > after_row);

		if (follows && here > *ret_bytes) {
			most = row;
			*ret_bytes = here;
		}
	}
	return most;
}

void finding_places_of(struct finding *finding, const struct table *table, record_predicate belongs)
{
	const struct row *row = NULL;
	double bytes = INFINITY;

	for (size_t place = 0; place < FINDING_PLACES; place++) {
		row = next_place(table, belongs, row, bytes, &bytes);
		if (!row)
			return;
		finding_place(finding, row, "bytes", bytes,
			      table->sum > 0 ? bytes / table->sum : NAN);
	}
}

static bool is_too_much(const struct allocation_verdict *verdict,
			const struct allocation_part *part, double bytes_per_s)
{
	bool bytes = part->bytes.bounds.low > verdict->share_least,
	     objects = verdict->by_objects && part->objects.bounds.low > verdict->share_least;

	return (bytes || objects) && bytes_per_s >= verdict->bytes_per_s_least;
}

static void describe(const struct allocation_verdict *verdict, const struct allocation_part *part,
		     double seconds, enum number_kind kind, struct finding *finding)
{
	double rate = part->amount.bytes / seconds,
	       variance = part->amount.bytes_variance / seconds / seconds;

	finding_number(finding, "bytes_share", "share", part->bytes.value, part->bytes.bounds,
		       kind);
	finding_number(finding, "objects_share", "share", part->objects.value, part->objects.bounds,
		       kind);
	finding_number(finding, "bytes_per_s", "bytes/s", rate, amount_interval(rate, variance),
		       kind);
	finding_seen(finding,
		     "%s are %s of the allocated bytes (95 %%: %s to %s) and %s of the objects: %s",
		     verdict->what, number_share(part->bytes.value).text,
		     number_share(part->bytes.bounds.low).text,
		     number_share(part->bytes.bounds.high).text,
		     number_share(part->objects.value).text, number_bytes_rate(rate).text);
}

enum rule_answer allocation_judge(const struct allocation_verdict *verdict, const struct rule *rule,
				  const struct rule_context *context, struct findings *findings,
				  const char **ret_why)
{
	const struct evidence *evidence = context->evidence;
	struct allocation_part part;
	struct finding *finding;

	allocation_part(&evidence->last, verdict->belongs, &part);
	if (isnan(part.bytes.value)) {
		*ret_why = "nothing is known of who allocated";
		return RULE_BLIND;
	}
	if (!is_too_much(verdict, &part, part.amount.bytes / evidence->rows_s))
		return RULE_QUIET;
	finding = findings_add(findings, rule);
	if (!finding)
		return RULE_FAILED;
	finding->weight = fmax(part.bytes.value, verdict->by_objects ? part.objects.value : 0) *
			  verdict->weight;
	finding->certainty = CERTAINTY_SURE;
	describe(verdict, &part, evidence->rows_s, number_kind_of_mode(evidence->last.mode),
		 finding);
	finding_places_of(finding, &context->sites_alloc, verdict->belongs);
	return RULE_FIRED;
}
