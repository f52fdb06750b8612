/*
 * Rows out of records, on every refresh: each record finds its row by a hash of what the row shows,
 * then one sort puts the records of a row side by side, heaviest first, and one the rows.
 */
#include "model/table.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "limits.h"
#include "model/statistics.h"

/* The name of one row, and what else tells it apart, as a hash key. */
struct row_name {
	UT_hash_handle hh;
	uint32_t row; /* NO_ROW while no record of it is kept */
	bool asked, kept;
	const char *asked_type; /* of the newest answer of the filter */
	char key[];		/* name, NUL, file and line */
};

#define NO_ROW UINT32_MAX

/* A record on its way into a row. */
struct item {
	uint32_t row;
	double weight;
	const struct record *record;
	const struct frame *frame;
};

struct build {
	const struct grouping *grouping;
	enum value value;
	bool from_start;
	row_filter filter;
	void *filter_context;
	struct row_name *names;
	struct item *items; /* room for every record */
	size_t item_count;
	uint32_t row_count;
	double sum;
};

static void free_names(struct row_name *names)
{
	struct row_name *name, *next;

	HASH_ITER (hh, names, name, next) {
		HASH_DEL(names, name);
		free(name);
	}
}

/* Writes the key of the record's row; returns its length. */
static size_t make_key(const struct grouping *grouping, const struct record *record, char *key,
		       size_t size, const struct frame **ret_frame)
{
	const struct frame *frame = grouping->key(record, key, size);
	size_t length = strlen(key) + 1;

	*ret_frame = frame;
	if (!frame || !grouping->by_line)
		return length;
	length += (size_t)snprintf(key + length, size - length, "%s:%u", frame->file, frame->line);
	return length < size ? length : size - 1;
}

static struct row_name *find_name(struct build *build, const char *key, size_t length)
{
	struct row_name *name;

	HASH_FIND(hh, build->names, key, length, name);
	if (name)
		return name;
	name = calloc(1, sizeof(*name) + length + 1);
	if (!name)
		return NULL;
	memcpy(name->key, key, length);
	name->row = NO_ROW;
	HASH_ADD_KEYPTR(hh, build->names, name->key, length, name);
	if (!name->hh.tbl) { /* uthash could not grow */
		free(name);
		return NULL;
	}
	return name;
}

static bool keeps(struct build *build, struct row_name *name, const char *type)
{
	if (!build->filter)
		return true;
	if (!name->asked || name->asked_type != type) {
		name->kept = build->filter(build->filter_context, name->key, type);
		name->asked_type = type;
		name->asked = true;
	}
	return name->kept;
}

static int add_record(struct build *build, const struct record *record)
{
	/* Two names, or a name and a file with its line, each within LIMIT_NAME_BYTES. */
	char key[2 * LIMIT_NAME_BYTES + 32];
	const struct frame *frame;
	size_t length = make_key(build->grouping, record, key, sizeof(key), &frame);
	struct row_name *name = find_name(build, key, length);
	const struct amount *amount = record_amount(record, build->value, build->from_start);
	double weight = amount_value(amount, build->value);

	if (!name)
		return -ENOMEM;
	build->sum += weight;
	if (!keeps(build, name, record->type))
		return 0;
	if (name->row == NO_ROW)
		name->row = build->row_count++;
	build->items[build->item_count++] = (struct item){ name->row, weight, record, frame };
	return 0;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* By row, the heaviest first; identities make the order of equals stable under refresh. */
static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return compare_u64(a->record->id, b->record->id);
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int order;

	if (a->is_rest != b->is_rest)
		return a->is_rest - b->is_rest;
	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	order = strcmp(a->name, b->name);
	if (!order)
		order = strcmp(a->file, b->file);
	return order ? order : compare_u64(a->line, b->line);
}

/* Items are sorted, so the first of a row is its heaviest. */
static void add_item(struct row *row, const struct item *item)
{
	const struct record *record = item->record;

	if (row->record_count++ == 0) {
		row->file = item->frame ? item->frame->file : "";
		row->line = item->frame ? item->frame->line : 0;
		row->type = record->type;
	}
	amount_add(&row->total, &record->total);
	amount_add(&row->begun, &record->begun);
	amount_add(&row->interval, &record->interval);
	amount_add(&row->live, &record->live);
	ages_add(&row->ages, &record->ages);
}

/* Of what was not sampled there may be some: a sample of the row stands for so much. */
static struct interval unseen(const struct table *table, const struct row *row, double rate_bytes)
{
	double most = 0;

	for (size_t i = 0; i < row->record_count; i++) {
		struct amount one =
			amount_from_samples(1, row->records[i]->object_bytes, rate_bytes);

		most = fmax(most, amount_value(&one, table->value));
	}
	return (struct interval){ 0, STATISTICS_POISSON_NONE_HIGH * most };
}

static void finish_row(const struct snapshot *snapshot, const struct table *table, struct row *row,
		       bool from_start)
{
	const struct amount *amount = from_start ? &row->total : &row->begun;
	double interval_s = snapshot->interval_s, rate_bytes = snapshot->sampling_rate_bytes;
	bool sampled = snapshot->mode == MODE_SAMPLER || snapshot->mode == MODE_LIST;

	if (value_is_inuse(table->value))
		amount = &row->live;
	row->value = amount_value(amount, table->value);
	row->bounds = amount_interval(row->value, amount_variance(amount, table->value));
	if (sampled && rate_bytes > 1 && !(row->value > 0))
		row->bounds = unseen(table, row, rate_bytes);
	row->share = table->sum > 0 ? row->value / table->sum : 0;
	row->is_rest = table->grouping->rest && !strcmp(row->name, table->grouping->rest);
	row->rate_bytes_per_s = interval_s > 0 ? row->interval.bytes / interval_s : NAN;
}

static int make_rows(struct build *build, const struct snapshot *snapshot, struct table *table)
{
	table->rows = calloc(build->row_count + 1U, sizeof(*table->rows));
	table->records = calloc(build->item_count + 1, sizeof(*table->records));
	if (!table->rows || !table->records)
		return -ENOMEM;
	table->count = build->row_count;
	for (struct row_name *name = build->names; name; name = name->hh.next)
		if (name->row != NO_ROW)
			table->rows[name->row].name = name->key;
		else
			table->filtered++;
	qsort(build->items, build->item_count, sizeof(*build->items), compare_items);
	for (size_t i = 0; i < build->item_count; i++) {
		struct row *row = &table->rows[build->items[i].row];

		table->records[i] = build->items[i].record;
		if (row->record_count == 0)
			row->records = &table->records[i];
		add_item(row, &build->items[i]);
	}
	for (size_t i = 0; i < table->count; i++)
		finish_row(snapshot, table, &table->rows[i], build->from_start);
	qsort(table->rows, table->count, sizeof(*table->rows), compare_rows);
	return 0;
}

int table_build(const struct snapshot *snapshot, const struct grouping *grouping, enum value value,
		bool from_start, row_filter filter, void *filter_context, struct table *ret)
{
	struct item *items AUTO_FREE = calloc(snapshot->record_count + 1, sizeof(*items));
	struct build build = {
		grouping, value, from_start, filter, filter_context, .items = items
	};
	struct table table = { .grouping = grouping, .value = value };
	int error = items ? 0 : -ENOMEM;

	for (size_t i = 0; error == 0 && i < snapshot->record_count; i++)
		error = add_record(&build, &snapshot->records[i]);
	table.names = build.names;
	table.sum = build.sum;
	if (error == 0)
		error = make_rows(&build, snapshot, &table);
	if (error < 0)
		table_clear(&table);
	else
		*ret = table;
	return error;
}

void table_clear(struct table *table)
{
	free_names(table->names);
	free(table->rows);
	free(table->records);
	*table = (struct table){ 0 };
}
