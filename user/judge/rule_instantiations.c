/* One generic function that was compiled for very many types, each of which allocates. */
#include "judge/rule.h"

#include <math.h>

#include "base/number.h"
#include "model/instantiations.h"

#define SHAPES_LEAST 20	  /* a choice: containers of a large program have a dozen */
#define SHARE_LEAST  0.05 /* of what is allocated: less is no matter */

static int fire(const struct rule *rule, const struct rule_context *context, const struct row *row,
		const struct instantiations *seen, struct findings *findings)
{
	const struct generic_function *function =
		generics_find(context->evidence->last.generics, row->name);
	enum number_kind kind = number_kind_of_mode(context->evidence->last.mode);
	struct finding *finding = findings_add(findings, rule);

	if (!finding)
		return -1;
	finding->weight = 0.5 * row->share;
	finding->certainty = CERTAINTY_SURE;
	/* sampled: those that were not seen allocate, too */
	finding_number(finding, "instantiations", "count", (double)seen->count,
		       (struct interval){ (double)seen->count, kind == NUMBER_EXACT
								       ? (double)seen->count
							       : function ? (double)function->shapes
									  : NAN },
		       kind);
	if (function)
		finding_exact(finding, "instantiations_in_binary", "count",
			      (double)function->shapes);
	finding_number(finding, "allocated_bytes", "bytes", row->begun.bytes,
		       amount_interval(row->begun.bytes, row->begun.bytes_variance), kind);
	for (size_t i = 0; i < seen->count && i < FINDING_PLACES; i++)
		finding_place(finding,
			      &(struct row){ .name = seen->items[i].function,
					     .file = row->file,
					     .line = row->line },
			      "bytes", seen->items[i].value,
			      row->value > 0 ? row->share * seen->items[i].value / row->value
					     : row->share);
	finding_seen(finding, "%s%zu instantiations of %s allocate, %s of all bytes together",
		     kind == NUMBER_EXACT ? "" : "At least ", seen->count, row->name,
		     number_share(row->share).text);
	return 0;
}

static int judge_row(const struct rule *rule, const struct rule_context *context,
		     const struct row *row, struct findings *findings)
{
	AUTO_INSTANTIATIONS struct instantiations seen = { 0 };

	if (row->share < SHARE_LEAST)
		return 0;
	if (instantiations_of(row, VALUE_ALLOC_SPACE, &seen) < 0)
		return -1;
	if (seen.count < SHAPES_LEAST)
		return 0;
	return fire(rule, context, row, &seen, findings) < 0 ? -1 : 1;
}

static enum rule_answer judge(const struct rule *rule, const struct rule_context *context,
			      struct findings *findings, const char **ret_why)
{
	const struct table *table = &context->generics_alloc;
	bool fired = false;

	if (!context->evidence->last.record_count) {
		*ret_why = "nothing is known of who allocated";
		return RULE_BLIND;
	}
	for (size_t i = 0; i < table->count; i++) {
		int result = judge_row(rule, context, &table->rows[i], findings);

		if (result < 0)
			return RULE_FAILED;
		fired |= result > 0;
	}
	return fired ? RULE_FIRED : RULE_QUIET;
}

const struct rule rule_instantiations = {
	.name = "instantiations",
	.title = "A generic function is instantiated for very many types",
	.looks_at = "instantiations of generic functions that allocate",
	.why = "Each has code, dictionaries and type metadata of its own, and a profile shows as "
	       "many "
	       "small rows instead of one large.",
	.advice = "Let the inner part work on one shape (bytes, a pointer, an interface that is "
		  "converted once), and keep the generic part a thin wrapper.",
	.judge = judge,
};
