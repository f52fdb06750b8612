/* Counts add up from row to row; amounts are only worked out when somebody looks. */
#include "store/sites_reader.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "base/vec.h"
#include "limits.h"
#include "store/ages_text.h"

struct read_site {
	UT_hash_handle hh;
	int64_t id, process;
	uint64_t record;
	const struct stack *stack;
	const char *type, *interface;
	bool listed;
	int64_t changed; /* the newest interval that had a row of it */
	size_t index;	 /* in the records that were filled last */
	struct site_state state;
	struct amount sum; /* since sites_begin_window; only samples count outside of mode burst */
};

/* An amount that does not follow. */
struct correction {
	struct read_site *site;
	int kind;
	struct amount amount;
};

struct corrections {
	struct correction *items;
	size_t count, capacity;
};

struct sites_reader {
	const struct database *database;
	struct names_reader *names;
	sqlite3_stmt *site, *samples, *amounts;
	struct read_site *table;
	struct site_list changed; /* in the interval that was read last */
	struct corrections corrections;
};

int sites_reader_new(const struct database *database, struct names_reader *names,
		     struct sites_reader **ret)
{
	struct sites_reader *reader = calloc(1, sizeof(*reader));
	int error;

	if (!reader)
		return -ENOMEM;
	reader->database = database;
	reader->names = names;
	error = database_prepare(database,
				 "SELECT process, record, stack, type, object_bytes, "
				 "begun_samples, interface FROM sites WHERE id = ?",
				 &reader->site);
	if (error == 0)
		error = database_prepare(database,
					 "SELECT site, allocs, live, ages FROM site_samples "
					 "WHERE interval = ?",
					 &reader->samples);
	if (error == 0)
		error = database_prepare(database,
					 "SELECT site, kind, samples, objects, bytes, "
					 "objects_variance, bytes_variance FROM site_amounts "
					 "WHERE interval = ? ORDER BY site, kind = 1",
					 &reader->amounts);
	if (error < 0) {
		sites_reader_free(reader);
		return error;
	}
	*ret = reader;
	return 0;
}

void sites_reader_reset(struct sites_reader *reader)
{
	struct read_site *site, *next;

	HASH_ITER (hh, reader->table, site, next) {
		HASH_DEL(reader->table, site);
		free(site);
	}
	reader->changed.count = 0;
	reader->corrections.count = 0;
}

void sites_reader_free(struct sites_reader *reader)
{
	if (!reader)
		return;
	sites_reader_reset(reader);
	sqlite3_finalize(reader->site);
	sqlite3_finalize(reader->samples);
	sqlite3_finalize(reader->amounts);
	free(reader->changed.items);
	free(reader->corrections.items);
	free(reader);
}

/* From the row that the statement stands on. */
static int make_site(struct sites_reader *reader, int64_t id, struct read_site *site)
{
	sqlite3_stmt *row = reader->site;
	int error;

	site->id = id;
	site->process = sqlite3_column_int64(row, 0);
	site->record = (uint64_t)sqlite3_column_int64(row, 1);
	site_begin(&site->state, (uint64_t)sqlite3_column_int64(row, 4),
		   (uint64_t)sqlite3_column_int64(row, 5));
	error = names_read_stack(reader->names, sqlite3_column_int64(row, 2), &site->stack);
	if (error == 0)
		error = names_read_string(reader->names, column_integer(row, 3), &site->type);
	return error < 0
		       ? error
		       : names_read_string(reader->names, column_integer(row, 6), &site->interface);
}

static int add_site(struct sites_reader *reader, struct site_list *list, struct read_site *site)
{
	int error = VEC_RESERVE(list, list->count + 1, LIMIT_RECORDED_SITES);

	if (error < 0)
		return error;
	HASH_ADD(hh, reader->table, id, sizeof(site->id), site);
	if (!site->hh.tbl) /* uthash could not grow */
		return -ENOMEM;
	list->items[list->count++] = site;
	return 0;
}

static int load_site(struct sites_reader *reader, int64_t process, int64_t id,
		     struct site_list *list, struct read_site **ret)
{
	AUTO_FREE struct read_site *site = calloc(1, sizeof(*site));
	int result;

	if (!site)
		return -ENOMEM;
	sqlite3_bind_int64(reader->site, 1, id);
	result = statement_next(reader->database, reader->site);
	if (result == 1)
		result = make_site(reader, id, site);
	else if (result == 0)
		result = -EBADMSG;
	sqlite3_reset(reader->site);
	if (result == 0 && site->process != process)
		result = -EBADMSG;
	if (result == 0)
		result = add_site(reader, list, site);
	if (result == 0)
		*ret = TAKE(site);
	return result;
}

static int find_site(struct sites_reader *reader, int64_t process, int64_t id,
		     struct site_list *list, struct read_site **ret)
{
	struct read_site *site;

	HASH_FIND(hh, reader->table, &id, sizeof(id), site);
	if (!site)
		return load_site(reader, process, id, list, ret);
	*ret = site;
	return site->process == process ? 0 : -EBADMSG;
}

static int mark_changed(struct sites_reader *reader, struct read_site *site, int64_t interval)
{
	int error = VEC_RESERVE(&reader->changed, reader->changed.count + 1, LIMIT_RECORDED_SITES);

	if (error < 0)
		return error;
	reader->changed.items[reader->changed.count++] = site;
	site->changed = interval;
	return 0;
}

static int take_samples(struct sites_reader *reader, struct read_site *site, int64_t interval,
			const struct site_rule *rule)
{
	sqlite3_stmt *row = reader->samples;
	struct site_change change;
	int error;

	if (sqlite3_column_type(row, 1) == SQLITE_NULL) {
		site->listed = false;
		return 0;
	}
	change.allocs = sqlite3_column_int64(row, 1);
	change.live = sqlite3_column_int64(row, 2);
	error = ages_from_text((const char *)sqlite3_column_text(row, 3), &change.ages);
	if (error == 0)
		error = mark_changed(reader, site, interval);
	if (error < 0)
		return error;
	site->listed = true;
	site_apply(&site->state, &change, rule);
	return 0;
}

static int take_amount(struct sites_reader *reader, struct read_site *site, int64_t interval,
		       const struct site_rule *rule)
{
	sqlite3_stmt *row = reader->amounts;
	struct correction correction = {
		.site = site,
		.kind = sqlite3_column_int(row, 1),
		.amount = { .samples = (uint64_t)sqlite3_column_int64(row, 2),
			    .objects = column_real(row, 3),
			    .bytes = column_real(row, 4),
			    .objects_variance = column_real(row, 5),
			    .bytes_variance = column_real(row, 6) },
	};
	struct corrections *corrections = &reader->corrections;
	int error;

	if (correction.kind < 0 || correction.kind >= SITE_KINDS)
		return -EBADMSG;
	error = VEC_RESERVE(corrections, corrections->count + 1, LIMIT_RECORDED_SITES);
	if (error == 0 && site->changed != interval) {
		site_apply(&site->state, NULL, rule);
		error = mark_changed(reader, site, interval);
	}
	if (error < 0)
		return error;
	site_correct(&site->state, correction.kind, &correction.amount);
	corrections->items[corrections->count++] = correction;
	return 0;
}

/* An interval that is being read. */
struct reading {
	struct sites_reader *reader;
	int64_t process, interval;
	const struct site_rule *rule;
	struct site_list *list;
	int (*take)(struct sites_reader *reader, struct read_site *site, int64_t interval,
		    const struct site_rule *rule);
};

static int take_row(sqlite3_stmt *row, void *context)
{
	const struct reading *reading = context;
	struct read_site *site;
	int error = find_site(reading->reader, reading->process, sqlite3_column_int64(row, 0),
			      reading->list, &site);

	if (error == 0)
		error = reading->take(reading->reader, site, reading->interval, reading->rule);
	return error == -E2BIG ? -EBADMSG : error;
}

static void sum_up(struct sites_reader *reader, const struct site_rule *rule)
{
	for (size_t i = 0; i < reader->changed.count; i++) {
		struct read_site *site = reader->changed.items[i];

		if (rule->windows)
			amount_add(&site->sum, &site->state.window);
		else
			site->sum.samples += site->state.added;
	}
}

int sites_read(struct sites_reader *reader, int64_t process, int64_t interval,
	       const struct site_rule *rule, struct site_list *list)
{
	struct reading samples = { reader, process, interval, rule, list, take_samples };
	struct reading amounts = { reader, process, interval, rule, list, take_amount };
	int error;

	reader->changed.count = 0;
	reader->corrections.count = 0;
	error = statement_each(reader->database, reader->samples, interval, take_row, &samples);
	if (error == 0)
		error = statement_each(reader->database, reader->amounts, interval, take_row,
				       &amounts);
	if (error == 0)
		sum_up(reader, rule);
	return error;
}

static void fill_record(struct read_site *site, int64_t interval, const struct site_rule *rule,
			struct record *record)
{
	if (site->changed != interval)
		site_apply(&site->state, NULL, rule);
	site_fill(&site->state, rule, record);
	record->id = site->record;
	record->stack = site->stack;
	record->type = site->type;
	record->interface = site->interface;
}

int sites_fill(struct sites_reader *reader, int64_t interval, const struct site_rule *rule,
	       struct site_list *list, struct snapshot *snapshot)
{
	struct record *records = calloc(list->count + 1, sizeof(*records));
	size_t count = 0;

	if (!records)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		if (!list->items[i]->listed)
			continue;
		list->items[i]->index = count;
		fill_record(list->items[i], interval, rule, &records[count++]);
	}
	for (size_t i = 0; i < reader->corrections.count; i++) {
		const struct correction *correction = &reader->corrections.items[i];

		if (correction->site->listed)
			*site_amount(&records[correction->site->index], correction->kind) =
				correction->amount;
	}
	snapshot->records = records;
	snapshot->record_count = count;
	return 0;
}

void sites_begin_window(struct site_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		list->items[i]->sum = (struct amount){ 0 };
}

static int compare_record(const void *left, const void *right)
{
	const struct read_site *a = *(struct read_site *const *)left;
	const struct read_site *b = *(struct read_site *const *)right;

	return (a->record > b->record) - (a->record < b->record);
}

/* Sites that are not there any more give their sums to those that took over their records. */
static int hand_over(struct site_list *list)
{
	AUTO_FREE struct read_site **listed = calloc(list->count + 1, sizeof(struct read_site *));
	size_t count = 0;

	if (!listed)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->listed)
			listed[count++] = list->items[i];
	qsort(listed, count, sizeof(struct read_site *), compare_record);
	for (size_t i = 0; i < list->count; i++) {
		struct read_site *gone = list->items[i], **heir;

		if (gone->listed)
			continue;
		heir = bsearch(&gone, listed, count, sizeof(struct read_site *), compare_record);
		if (heir && (*heir)->state.object_bytes == gone->state.object_bytes)
			amount_add(&(*heir)->sum, &gone->sum);
		gone->sum = (struct amount){ 0 };
	}
	return 0;
}

int sites_fill_window(struct site_list *list, const struct site_rule *rule,
		      struct snapshot *snapshot)
{
	int error = hand_over(list);

	for (size_t i = 0; i < list->count && error == 0; i++) {
		const struct read_site *site = list->items[i];
		struct record *record;

		if (!site->listed)
			continue;
		record = &snapshot->records[site->index];
		record->begun = rule->windows ? site->sum
					      : amount_from_samples(site->sum.samples,
								    site->state.object_bytes,
								    rule->rate_bytes);
		record->interval = record->begun;
	}
	return error;
}
