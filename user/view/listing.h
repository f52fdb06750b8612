/* The rows that a screen shows: the model's table, without empty rows, cut to the top, and sorted
 * by any column. */
#ifndef VIEW_LISTING_H
#define VIEW_LISTING_H

#include "model/table.h"
#include "view/filter.h"

struct listing {
	struct table table; /* its rows are in the order shown */
	const struct snapshot *snapshot;
	double interval_s; /* 0: no rates yet */
	size_t count;	   /* rows shown, the first of table.rows */
	size_t idle;	   /* rows left out because their value is 0 */
	size_t cut;	   /* rows left out because of `top` */
};

/* filter NULL and top 0: all. The snapshot must outlive the listing. 0 or -ENOMEM, silent. */
int listing_build(const struct snapshot *snapshot, const struct grouping *grouping,
		  enum value value, struct view_filter *filter, size_t top, struct listing *ret);
void listing_clear(struct listing *listing);
#define AUTO_LISTING CLEANUP(listing_clear)

/* Whether the data can tell this value: what is alive is not known in every mode. */
bool listing_can_show(const struct snapshot *snapshot, enum value value);

/* Which row it was, beyond a refresh. */
struct row_id {
	char *name;	  /* owned; NULL: none */
	const char *file; /* borrowed: lives as long as the observation */
	uint32_t line;
};
void row_id_set(struct row_id *id, const struct row *row);
void row_id_clear(struct row_id *id);

/* The index of that row, or -1. Where rows are told apart by their names alone, file and line may
 * have changed. */
long listing_find(const struct listing *listing, const struct row_id *id);

/* Whether its rows are made by the grouping of that name. */
bool listing_is_by(const struct listing *listing, const char *grouping);

/* A sentence on why there is no row. */
void listing_explain_empty(const struct listing *listing, const struct snapshot *snapshot,
			   char *out, size_t out_size);

/* What a row's value was made from. */
const struct amount *listing_amount(const struct listing *listing, const struct row *row);
/* NaN before the first interval. */
double listing_rate(const struct listing *listing, const struct row *row);

#endif
