/* From a snapshot to the rows of a screen. What a row is and how much it weighs is model/table's
 * business; here it is decided which of them are worth a line. */
#include "view/listing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows come with the largest value first, so what is empty is at the end, but for the rest. */
static size_t rows_with_value(const struct table *table, bool has_rest)
{
	size_t count = table->count - has_rest;

	while (count > 0 && !(table->rows[count - 1].value > 0))
		count--;
	return count;
}

static bool has_rest(const struct table *table)
{
	const struct row *last = table->rows + table->count - 1;

	return table->count && last->is_rest && last->value > 0;
}

/* The rest stays the last row of what is shown: without it the others' shares have no whole. */
static void place_rest(struct table *table, size_t index)
{
	struct row rest = table->rows[table->count - 1];

	memmove(&table->rows[index + 1], &table->rows[index],
		(table->count - 1 - index) * sizeof(rest));
	table->rows[index] = rest;
}

int listing_build(const struct snapshot *snapshot, const struct grouping *grouping,
		  enum value value, struct view_filter *filter, size_t top, struct listing *ret)
{
	struct listing listing = { .interval_s = snapshot->interval_s };
	size_t worth;
	bool rest;
	int error = table_build(snapshot, grouping, value, false, filter ? view_filter_keeps : NULL,
				filter, &listing.table);

	if (error < 0)
		return error;
	rest = has_rest(&listing.table);
	worth = rows_with_value(&listing.table, rest) + rest;
	listing.count = top && worth > top ? top : worth;
	listing.cut = worth - listing.count;
	listing.idle = listing.table.count - worth;
	if (rest)
		place_rest(&listing.table, listing.count - 1);
	listing.snapshot = snapshot;
	*ret = listing;
	return 0;
}

void listing_clear(struct listing *listing)
{
	table_clear(&listing->table);
	*listing = (struct listing){ 0 };
}

bool listing_can_show(const struct snapshot *snapshot, enum value value)
{
	return snapshot->has_live || !value_is_inuse(value);
}

void row_id_set(struct row_id *id, const struct row *row)
{
	struct row_id other = { strdup(row->name), row->file, row->line };

	row_id_clear(id);
	if (other.name)
		*id = other;
}

void row_id_clear(struct row_id *id)
{
	free(id->name);
	*id = (struct row_id){ 0 };
}

static bool is_row(const struct row *row, const struct row_id *id, bool by_line)
{
	if (strcmp(row->name, id->name))
		return false;
	return !by_line || (row->line == id->line && !strcmp(row->file, id->file));
}

long listing_find(const struct listing *listing, const struct row_id *id)
{
	for (size_t i = 0; id->name && i < listing->count; i++)
		if (is_row(&listing->table.rows[i], id, listing->table.grouping->by_line))
			return (long)i;
	return -1;
}

bool listing_is_by(const struct listing *listing, const char *grouping)
{
	return !strcmp(listing->table.grouping->name, grouping);
}

void listing_explain_empty(const struct listing *listing, const struct snapshot *snapshot,
			   char *out, size_t out_size)
{
	const char *mode = mode_name(snapshot->mode);

	if (snapshot->mode == MODE_COUNTERS)
		snprintf(out, out_size, "no rows: mode %s attributes nothing to code", mode);
	else if (!listing_can_show(snapshot, listing->table.value))
		snprintf(out, out_size, "no rows: mode %s does not tell what is in use", mode);
	else if (listing->table.filtered)
		snprintf(out, out_size, "no rows: the filter hides all %zu",
			 listing->table.filtered);
	else
		snprintf(out, out_size, "no rows yet: nothing %s was seen",
			 value_is_inuse(listing->table.value) ? "in use" : "allocated");
}

const struct amount *listing_amount(const struct listing *listing, const struct row *row)
{
	return value_is_inuse(listing->table.value) ? &row->live : &row->begun;
}

double listing_rate(const struct listing *listing, const struct row *row)
{
	return listing->interval_s > 0 ? row->rate_bytes_per_s : NAN;
}
