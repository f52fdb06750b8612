/*
 * Each record is compared with what the reader would make of the rows so far: first the counts,
 * which become the change, then the amounts, which should follow from the counts and are written
 * only where they do not.
 */
#include "store/sites_writer.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "limits.h"
#include "store/ages_text.h"

struct known_site {
	UT_hash_handle hh;
	uint64_t record;
	/* by which a record with the same number is told to be another site */
	const struct stack *stack;
	const char *type, *interface;
	uint64_t object_bytes;
	int64_t id;
	bool listed;	   /* in the interval before */
	int64_t last_seen; /* interval */
	struct site_state state;
};

struct known_sites {
	struct known_site *table;
};

int site_statements_prepare(const struct database *database, struct names_writer *names,
			    struct site_statements *ret)
{
	int error;

	*ret = (struct site_statements){ .database = database, .names = names };
	error = database_prepare(database, "INSERT INTO sites VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
				 &ret->insert_site);
	if (error == 0)
		error = database_prepare(database,
					 "INSERT INTO site_samples VALUES (?, ?, ?, ?, ?)",
					 &ret->insert_samples);
	if (error == 0)
		error = database_prepare(database,
					 "INSERT INTO site_amounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
					 &ret->insert_amount);
	return error;
}

void site_statements_finalize(struct site_statements *statements)
{
	sqlite3_finalize(TAKE(statements->insert_site));
	sqlite3_finalize(TAKE(statements->insert_samples));
	sqlite3_finalize(TAKE(statements->insert_amount));
}

int known_sites_new(struct known_sites **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void known_sites_free(struct known_sites *known)
{
	struct known_site *site, *next;

	if (!known)
		return;
	HASH_ITER (hh, known->table, site, next) {
		HASH_DEL(known->table, site);
		free(site);
	}
	free(known);
}

static int insert_site(struct site_statements *to, int64_t process, const struct record *record,
		       uint64_t begun_samples, int64_t *ret_id)
{
	int64_t stack, type, interface;
	int error = names_stack(to->names, record->stack, &stack);

	if (error == 0)
		error = names_string(to->names, record->type, &type);
	if (error == 0)
		error = names_string(to->names, record->interface, &interface);
	if (error < 0)
		return error;
	if (to->site_count == LIMIT_RECORDED_SITES)
		return -E2BIG;
	*ret_id = ++to->site_count;
	sqlite3_bind_int64(to->insert_site, 1, *ret_id);
	sqlite3_bind_int64(to->insert_site, 2, process);
	sqlite3_bind_int64(to->insert_site, 3, (int64_t)record->id);
	sqlite3_bind_int64(to->insert_site, 4, stack);
	bind_integer(to->insert_site, 5, type);
	sqlite3_bind_int64(to->insert_site, 6, (int64_t)record->object_bytes);
	sqlite3_bind_int64(to->insert_site, 7, (int64_t)begun_samples);
	bind_integer(to->insert_site, 8, interface);
	return statement_run(to->database, to->insert_site);
}

static int insert_samples(struct site_statements *to, int64_t interval, int64_t site,
			  const struct site_change *change)
{
	char ages[AGES_TEXT_BYTES];

	sqlite3_bind_int64(to->insert_samples, 1, interval);
	sqlite3_bind_int64(to->insert_samples, 2, site);
	sqlite3_bind_null(to->insert_samples, 3);
	sqlite3_bind_null(to->insert_samples, 4);
	sqlite3_bind_null(to->insert_samples, 5);
	if (change) {
		sqlite3_bind_int64(to->insert_samples, 3, change->allocs);
		sqlite3_bind_int64(to->insert_samples, 4, change->live);
		if (ages_to_text(&change->ages, ages))
			sqlite3_bind_text(to->insert_samples, 5, ages, -1, SQLITE_STATIC);
	}
	return statement_run(to->database, to->insert_samples);
}

static int insert_amount(struct site_statements *to, int64_t interval, int64_t site, int kind,
			 const struct amount *amount)
{
	sqlite3_bind_int64(to->insert_amount, 1, interval);
	sqlite3_bind_int64(to->insert_amount, 2, site);
	sqlite3_bind_int(to->insert_amount, 3, kind);
	sqlite3_bind_int64(to->insert_amount, 4, (int64_t)amount->samples);
	bind_real(to->insert_amount, 5, amount->objects);
	bind_real(to->insert_amount, 6, amount->bytes);
	bind_real(to->insert_amount, 7, amount->objects_variance);
	bind_real(to->insert_amount, 8, amount->bytes_variance);
	return statement_run(to->database, to->insert_amount);
}

static bool is_same(const struct known_site *site, const struct record *record)
{
	return site->stack == record->stack && site->type == record->type &&
	       site->interface == record->interface && site->object_bytes == record->object_bytes;
}

static int add_known(struct known_sites *known, uint64_t record, struct known_site **ret)
{
	struct known_site *site = calloc(1, sizeof(*site));

	if (!site)
		return -ENOMEM;
	site->record = record;
	HASH_ADD(hh, known->table, record, sizeof(site->record), site);
	if (!site->hh.tbl) { /* uthash could not grow */
		free(site);
		return -ENOMEM;
	}
	*ret = site;
	return 0;
}

/* The site of a record. One whose type has become known is another site: the old one ends. */
static int find_site(struct site_statements *to, struct known_sites *known, int64_t process,
		     int64_t interval, const struct record *record, bool windows,
		     struct known_site **ret)
{
	uint64_t begun = windows ? 0 : record->total.samples - record->begun.samples;
	struct known_site *site;
	int error = 0;

	HASH_FIND(hh, known->table, &record->id, sizeof(record->id), site);
	if (site && is_same(site, record)) {
		*ret = site;
		return 0;
	}
	if (site && site->listed)
		error = insert_samples(to, interval, site->id, NULL);
	else if (!site)
		error = add_known(known, record->id, &site);
	if (error == 0)
		error = insert_site(to, process, record, begun, &site->id);
	if (error < 0)
		return error;
	site->stack = record->stack;
	site->type = record->type;
	site->interface = record->interface;
	site->object_bytes = record->object_bytes;
	site->listed = false;
	site_begin(&site->state, record->object_bytes, begun);
	*ret = site;
	return 0;
}

/* False when nothing changed. */
static bool find_change(const struct site_state *state, const struct record *record,
			const struct site_rule *rule, struct site_change *ret)
{
	bool changed;

	*ret = (struct site_change){ 0 };
	/* the hits of windows come with their amounts */
	if (rule->windows && site_rule_scales(rule))
		ret->allocs = (int64_t)record->interval.samples;
	else if (!rule->windows)
		ret->allocs = (int64_t)(record->total.samples - state->allocs);
	ret->live = rule->windows ? 0 : (int64_t)(record->live.samples - state->live);
	changed = ret->allocs || ret->live;
	for (int i = 0; i < AGE_SLOTS; i++) {
		ret->ages.slots[i] = record->ages.slots[i] - state->ages.slots[i];
		changed |= ret->ages.slots[i] != 0;
	}
	return changed;
}

static int correct(struct site_statements *to, int64_t interval, struct known_site *site,
		   const struct record *record, const struct site_rule *rule)
{
	struct record expected, actual = *record;
	int error = 0;

	for (int i = 0; i < SITE_KINDS && error == 0; i++) {
		int kind = site_kinds[i];
		const struct amount *amount = site_amount(&actual, kind);

		site_fill(&site->state, rule, &expected);
		if (!memcmp(amount, site_amount(&expected, kind), sizeof(*amount)))
			continue;
		error = insert_amount(to, interval, site->id, kind, amount);
		site_correct(&site->state, kind, amount);
	}
	return error;
}

static int write_record(struct site_statements *to, struct known_sites *known, int64_t process,
			int64_t interval, const struct record *record, const struct site_rule *rule)
{
	struct site_change change;
	struct known_site *site;
	bool changed;
	int error = find_site(to, known, process, interval, record, rule->windows, &site);

	if (error < 0)
		return error;
	changed = find_change(&site->state, record, rule, &change) || !site->listed;
	site->listed = true;
	site->last_seen = interval;
	if (changed)
		error = insert_samples(to, interval, site->id, &change);
	site_apply(&site->state, changed ? &change : NULL, rule);
	return error < 0 ? error : correct(to, interval, site, record, rule);
}

static int end_unlisted(struct site_statements *to, struct known_sites *known, int64_t interval)
{
	struct known_site *site, *next;
	int error = 0;

	HASH_ITER (hh, known->table, site, next) {
		if (error < 0 || !site->listed || site->last_seen == interval)
			continue;
		error = insert_samples(to, interval, site->id, NULL);
		site->listed = false;
	}
	return error;
}

int sites_write(struct site_statements *to, struct known_sites *known, int64_t process,
		int64_t interval, const struct snapshot *snapshot, const struct site_rule *rule)
{
	int error = 0;

	for (size_t i = 0; i < snapshot->record_count && error == 0; i++)
		error = write_record(to, known, process, interval, &snapshot->records[i], rule);
	return error < 0 ? error : end_unlisted(to, known, interval);
}
