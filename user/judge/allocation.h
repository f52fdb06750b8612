/* What part of the allocation since the observation began belongs to a certain kind, and where it
 * is made. */
#ifndef JUDGE_ALLOCATION_H
#define JUDGE_ALLOCATION_H

#include "judge/rule.h"
#include "model/share.h"

typedef bool (*record_predicate)(const struct record *record);

struct allocation_part {
	struct amount amount; /* of the records that belong */
	struct share bytes, objects;
};
void allocation_part(const struct snapshot *snapshot, record_predicate belongs,
		     struct allocation_part *ret);

/* Whether a function between the allocator and the program's first frame, this one not included,
 * begins with one of the texts (NULL ends them). */
bool record_passes(const struct record *record, const char *const *beginnings);

/* A verdict on such a part: too much when its whole interval is above the share, of the bytes or of
 * the objects, and it is worth a word at all. */
struct allocation_verdict {
	record_predicate belongs;
	double share_least, bytes_per_s_least;
	bool by_objects;  /* the share of the objects counts as well */
	double weight;	  /* of a share of 1 */
	const char *what; /* "Objects above 32 KiB": begins the sentence */
};
enum rule_answer allocation_judge(const struct allocation_verdict *verdict, const struct rule *rule,
				  const struct rule_context *context, struct findings *findings,
				  const char **ret_why);

/* The rows with the most bytes of records that belong, as places of the finding. */
void finding_places_of(struct finding *finding, const struct table *table,
		       record_predicate belongs);

#endif
