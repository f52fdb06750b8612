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

/* The rows with the most bytes of records that belong, as places of the finding. */
void finding_places_of(struct finding *finding, const struct table *table,
		       record_predicate belongs);

#endif
