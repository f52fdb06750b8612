/* Sums over the records that a predicate chooses. */
#include "judge/allocation.h"

#include <math.h>
#include <string.h>

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

void finding_places_of(struct finding *finding, const struct table *table, record_predicate belongs)
{
	double below = INFINITY;

	for (size_t place = 0; place < FINDING_PLACES; place++) {
		const struct row *most = NULL;
		double bytes = 0;

		for (size_t i = 0; i < table->count; i++) {
			double here = bytes_of(&table->rows[i], belongs);

			if (here > bytes && here < below) {
				most = &table->rows[i];
				bytes = here;
			}
		}
		if (!most)
			return;
		finding_place(finding, most, bytes, table->sum > 0 ? bytes / table->sum : NAN);
		below = bytes;
	}
}
