/* Flat and cum of two profiles, in one pass over each. */
#include "judge/functions.h"

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
#include "model/statistics.h"

struct named {
	UT_hash_handle hh;
	const char *name;
	size_t index;
	const struct record *counted; /* the newest whose stack had it: cum counts it once */
};

struct build {
	struct named *names;
	struct {
		struct function_row *items;
		size_t count, capacity;
	} rows;
	enum value value;
	double totals[SIDES];
};

static void build_clear(struct build *build)
{
	struct named *named, *next;

	HASH_ITER (hh, build->names, named, next) {
		HASH_DEL(build->names, named);
		free(named);
	}
	free(build->rows.items);
}

static int find(struct build *build, const struct frame *frame, struct named **ret)
{
	size_t length = strlen(frame->function);
	struct named *named;
	int error;

	HASH_FIND(hh, build->names, frame->function, length, *ret);
	if (*ret)
		return 0;
	error = VEC_RESERVE(&build->rows, build->rows.count + 1, LIMIT_COMPARED_ROWS);
	if (error < 0)
		return error;
	named = calloc(1, sizeof(*named));
	if (!named)
		return -ENOMEM;
	named->name = frame->function;
	named->index = build->rows.count;
	HASH_ADD_KEYPTR(hh, build->names, named->name, length, named);
	if (!named->hh.tbl) { /* uthash could not grow */
		free(named);
		return -ENOMEM;
	}
	build->rows.items[build->rows.count++] =
		(struct function_row){ .name = frame->function, .file = frame->file };
	*ret = named;
	return 0;
}

static int add_record(struct build *build, int side, const struct record *record)
{
	const struct amount *amount = record_amount(record, build->value, true);
	double value = amount_value(amount, build->value);

	build->totals[side] += fabs(value);
	for (uint32_t i = 0; value != 0 && i < record->stack->count; i++) {
		struct named *named;
		int error = find(build, &record->stack->frames[i], &named);

		if (error < 0)
			return error;
		if (i == 0)
			amount_add(&build->rows.items[named->index].flat[side], amount);
		if (named->counted != record)
			build->rows.items[named->index].cum[side] += value;
		named->counted = record;
	}
	return 0;
}

static int compare_rows(const void *left, const void *right)
{
	const struct function_row *a = left, *b = right;

	if (fabs(a->flat_delta) != fabs(b->flat_delta))
		return fabs(a->flat_delta) > fabs(b->flat_delta) ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void judge_row(struct function_row *row, enum value value)
{
	const struct amount *flat = row->flat;
	double before = amount_value(&flat[BEFORE], value);
	double after = amount_value(&flat[AFTER], value);

	row->flat_delta = after - before;
	row->cum_delta = row->cum[AFTER] - row->cum[BEFORE];
	row->p = NAN;
	if (flat[BEFORE].samples + flat[AFTER].samples >= ROWS_SAMPLES_FEWEST && before >= 0 &&
	    after >= 0)
		row->p = sampling_p(before, amount_variance(&flat[BEFORE], value), after,
				    amount_variance(&flat[AFTER], value));
}

static void classify(struct function_row *row, enum value value)
{
	row->change = CHANGE_SAME;
	if (!(row->p < SIGNIFICANT))
		return;
	row->change = row->flat_delta > 0 ? CHANGE_GROWN : CHANGE_SHRUNK;
	if (amount_value(&row->flat[BEFORE], value) == 0)
		row->change = CHANGE_NEW;
	else if (amount_value(&row->flat[AFTER], value) == 0)
		row->change = CHANGE_GONE;
}

static int judge(struct build *build)
{
	double *p AUTO_FREE = calloc(build->rows.count + 1, sizeof(*p));
	int error;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < build->rows.count; i++) {
		judge_row(&build->rows.items[i], build->value);
		p[i] = build->rows.items[i].p;
	}
	error = statistics_holm(p, build->rows.count);
	for (size_t i = 0; error == 0 && i < build->rows.count; i++) {
		build->rows.items[i].p = p[i];
		classify(&build->rows.items[i], build->value);
	}
	return error;
}

int functions_compare(const struct snapshot *before, const struct snapshot *after, enum value value,
		      struct function_table *ret)
{
	const struct snapshot *const sides[SIDES] = { before, after };
	CLEANUP(build_clear) struct build build = { .value = value };
	int error = 0;

	for (int side = 0; side < SIDES; side++)
		for (size_t i = 0; error == 0 && i < sides[side]->record_count; i++)
			error = add_record(&build, side, &sides[side]->records[i]);
	if (error == 0)
		error = judge(&build);
	if (error < 0)
		return error;
	if (build.rows.count)
		qsort(build.rows.items, build.rows.count, sizeof(*build.rows.items), compare_rows);
	ret->count = build.rows.count;
	ret->total = build.totals[BEFORE] > 0 ? build.totals[BEFORE] : build.totals[AFTER];
	ret->rows = TAKE(build.rows.items);
	return 0;
}

void functions_clear(struct function_table *table)
{
	free(table->rows);
	*table = (struct function_table){ 0 };
}
