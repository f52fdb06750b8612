/* Collecting rows: a hash from name to row, another from stack and type to row, and for each row
 * and side the spans in which there was something of it. */
#include "judge/rows.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "judge/row_test.h"
#include "limits.h"

/* What a row had in a run of intervals. */
struct cell {
	uint32_t interval; /* the first one */
	double amount;
};

struct row_side {
	struct cell *items;
	size_t count, capacity;
	struct amount sum; /* of a rate: everything; of a state: its value times weight, variances
			      too */
	uint64_t samples;  /* of a rate: all; of a state: the most at once */
	uint64_t samples_now; /* of a state: in the interval being read */
};

struct named_row {
	UT_hash_handle hh;
	uint32_t index;
	const char *file;
	uint32_t line;
	struct row_side sides[SIDES];
	char name[];
};

struct record_key {
	const struct stack *stack;
	const char *type;
};

struct known_record {
	UT_hash_handle hh;
	struct record_key key;
	struct named_row *row;
};

struct rows {
	const struct grouping *grouping;
	enum value value;
	struct named_row *names;
	struct known_record *known;
	struct {
		struct named_row **items;
		size_t count, capacity;
	} list;
	struct { /* of each interval */
		double *items;
		size_t count, capacity;
	} weights[SIDES];
	unsigned int shift[SIDES]; /* a span is 2^shift intervals */
	size_t cells;
};

int rows_new(const struct grouping *grouping, enum value value, struct rows **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->grouping = grouping;
	(*ret)->value = value;
	return 0;
}

static void free_row(struct named_row *row)
{
	for (int side = 0; side < SIDES; side++)
		free(row->sides[side].items);
	free(row);
}

void rows_free(struct rows *rows)
{
	struct known_record *known, *next;

	if (!rows)
		return;
	HASH_ITER (hh, rows->known, known, next) {
		HASH_DEL(rows->known, known);
		free(known);
	}
	HASH_CLEAR(hh, rows->names);
	for (size_t i = 0; i < rows->list.count; i++)
		free_row(rows->list.items[i]);
	free(rows->list.items);
	for (int side = 0; side < SIDES; side++)
		free(rows->weights[side].items);
	free(rows);
}

static int add_row(struct rows *rows, const char *name, struct named_row **ret)
{
	size_t length = strlen(name), count = rows->list.count;
	struct named_row *row;
	int error;

	HASH_FIND(hh, rows->names, name, length, *ret);
	if (*ret)
		return 0;
	error = VEC_RESERVE(&rows->list, count + 1, LIMIT_COMPARED_ROWS);
	if (error < 0)
		return error;
	row = calloc(1, sizeof(*row) + length + 1);
	if (!row)
		return -ENOMEM;
	memcpy(row->name, name, length);
	row->index = (uint32_t)count;
	HASH_ADD_KEYPTR(hh, rows->names, row->name, length, row);
	if (!row->hh.tbl) { /* uthash could not grow */
		free(row);
		return -ENOMEM;
	}
	rows->list.items[rows->list.count++] = row;
	*ret = row;
	return 0;
}

/* A record that is new: named once, remembered by its pointers. */
static int name_record(struct rows *rows, const struct record *record, const struct record_key *key,
		       struct named_row **ret)
{
	char name[LIMIT_NAME_BYTES];
	const struct frame *frame = rows->grouping->key(record, name, sizeof(name));
	struct known_record *known;
	int error = add_row(rows, name, ret);

	if (error < 0)
		return error;
	(*ret)->file = frame ? frame->file : "";
	(*ret)->line = frame ? frame->line : 0;
	known = calloc(1, sizeof(*known));
	if (!known)
		return -ENOMEM;
	known->key = *key;
	known->row = *ret;
	HASH_ADD(hh, rows->known, key, sizeof(known->key), known);
	if (!known->hh.tbl) {
		free(known);
		return -ENOMEM;
	}
	return 0;
}

static int row_of(struct rows *rows, const struct record *record, struct named_row **ret)
{
	struct record_key key = { record->stack, record->type };
	struct known_record *known;

	HASH_FIND(hh, rows->known, &key, sizeof(key), known);
	if (!known)
		return name_record(rows, record, &key, ret);
	*ret = known->row;
	return 0;
}

static int add_cell(struct rows *rows, int index, struct row_side *side, uint32_t interval,
		    double amount)
{
	struct cell *last = side->count ? &side->items[side->count - 1] : NULL;
	unsigned int shift = rows->shift[index];
	int error;

	if (last && last->interval >> shift == interval >> shift) {
		last->amount += amount;
		return 0;
	}
	if (rows->cells == LIMIT_COMPARED_CELLS)
		return -E2BIG;
	error = VEC_RESERVE(side, side->count + 1, 2 * LIMIT_COMPARED_ITEMS);
	if (error < 0)
		return error;
	rows->cells++;
	side->items[side->count++] = (struct cell){ interval, amount };
	return 0;
}

/* `scale`: a state counts for as long as it lasts. */
static void add_sum(struct row_side *side, const struct amount *amount, double scale, bool state)
{
	struct amount scaled = *amount;

	scaled.objects *= scale;
	scaled.bytes *= scale;
	scaled.objects_variance *= scale;
	scaled.bytes_variance *= scale;
	amount_add(&side->sum, &scaled);
	if (!state)
		side->samples += amount->samples;
	side->samples_now += amount->samples;
}

static int add_record(struct rows *rows, int index, const struct record *record, uint32_t interval,
		      double scale)
{
	bool state = value_is_inuse(rows->value);
	const struct amount *amount = state ? &record->live : &record->interval;
	double value = amount_value(amount, rows->value) * scale;
	struct named_row *row;
	int error;

	if (!(value > 0))
		return 0;
	error = row_of(rows, record, &row);
	if (error < 0)
		return error;
	add_sum(&row->sides[index], amount, scale, state);
	return add_cell(rows, index, &row->sides[index], interval, value);
}

static void end_interval(struct rows *rows, int index)
{
	for (size_t i = 0; i < rows->list.count; i++) {
		struct row_side *side = &rows->list.items[i]->sides[index];

		if (side->samples_now > side->samples)
			side->samples = side->samples_now;
		side->samples_now = 0;
	}
}

int rows_add(struct rows *rows, int side, const struct snapshot *snapshot, double weight)
{
	bool state = value_is_inuse(rows->value);
	double scale = state ? snapshot->interval_s : 1;
	size_t interval = rows->weights[side].count;
	int error = VEC_RESERVE(&rows->weights[side], interval + 1, LIMIT_COMPARED_ITEMS);

	if (error < 0)
		return error;
	rows->weights[side].items[rows->weights[side].count++] =
		state ? snapshot->interval_s : weight;
	while (interval >> rows->shift[side] >= ROWS_SPANS_MOST)
		rows->shift[side]++;
	for (size_t i = 0; error == 0 && i < snapshot->record_count; i++)
		error = add_record(rows, side, &snapshot->records[i], (uint32_t)interval, scale);
	if (state)
		end_interval(rows, side);
	return error;
}

bool rows_are_rates(const struct rows *rows)
{
	return !value_is_inuse(rows->value);
}

const char *rows_unit(const struct rows *rows, bool per_call)
{
	bool bytes = value_is_bytes(rows->value);

	if (value_is_inuse(rows->value))
		return bytes ? "bytes" : "count";
	if (per_call)
		return bytes ? "bytes/call" : "objects/call";
	return bytes ? "bytes/s" : "objects/s";
}

size_t rows_count(const struct rows *rows)
{
	return rows->list.count;
}

/* Every span, also those with nothing of the row. */
static int make_measure(const struct rows *rows, const struct named_row *row, int side,
			struct measure *measure)
{
	unsigned int shift = rows->shift[side];
	int error = 0;

	measure->state = value_is_inuse(rows->value);
	for (size_t i = 0; error == 0 && i < rows->weights[side].count; i++) {
		if (!(i & ((1U << shift) - 1)))
			error = measure_add(measure, 0, 0);
		if (error == 0)
			measure->items[i >> shift].weight += rows->weights[side].items[i];
	}
	for (size_t i = 0; error == 0 && i < row->sides[side].count; i++) {
		const struct cell *cell = &row->sides[side].items[i];

		measure->items[cell->interval >> shift].amount += cell->amount;
	}
	return error;
}

int rows_compare(const struct rows *rows, size_t index, double floor, struct compared_row *ret)
{
	const struct named_row *row = rows->list.items[index];
	CLEANUP(measure_clear) struct measure before = { 0 };
	CLEANUP(measure_clear) struct measure after = { 0 };
	struct compared_row compared = { row->name, row->file, row->line, .estimated = false };
	const struct amount *sums[SIDES];
	int error = make_measure(rows, row, 0, &before);

	if (error == 0)
		error = make_measure(rows, row, 1, &after);
	if (error == 0)
		error = measure_compare(&before, &after, CENTRE_MEAN, floor, &compared.test);
	if (error < 0)
		return error;
	for (int side = 0; side < SIDES; side++) {
		compared.samples[side] = row->sides[side].samples;
		sums[side] = &row->sides[side].sum;
	}
	row_test_refine(&compared, sums, rows->value, &before, &after);
	*ret = compared;
	return 0;
}
