/*
 * Reading a recording: goes through the intervals and keeps what the rows add up to, for each
 * process. Memory is bounded by the sites, not by the time; to go back is to begin again.
 */
#include "store/recording.h"

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "base/vec.h"
#include "limits.h"
#include "store/recording_check.h"
#include "store/recording_state.h"

void recording_close(struct recording *recording)
{
	if (!recording)
		return;
	for (size_t i = 0; recording->states && i < recording->process_count; i++) {
		free(recording->states[i].sites.items);
		type_state_clear(&recording->states[i].types);
	}
	free(recording->states);
	free(recording->processes);
	sites_reader_free(recording->sites);
	parts_finalize(&recording->parts);
	type_parts_finalize(&recording->types);
	caches_finalize(&recording->caches);
	generics_reader_free(recording->generics);
	interval_reader_free(recording->next_of_all);
	interval_reader_free(recording->next_of_one);
	names_reader_free(recording->names);
	database_close(&recording->database);
	free(recording);
}
DEFINE_CLEANUP(cleanup_recording, struct recording, recording_close)

static int prepare(struct recording *recording)
{
	const struct database *database = &recording->database;
	int error = names_reader_new(database, &recording->names);

	if (error == 0)
		error = sites_reader_new(database, recording->names, &recording->sites);
	if (error == 0)
		error = parts_prepare_read(database, &recording->parts);
	if (error == 0)
		error = type_parts_prepare_read(database, &recording->types);
	if (error == 0)
		error = caches_prepare_read(database, &recording->caches);
	if (error == 0)
		error = generics_reader_new(database, recording->names, &recording->generics);
	if (error == 0)
		error = interval_reader_new(database, "WHERE id > ?1 ORDER BY id LIMIT 1",
					    &recording->next_of_all);
	if (error == 0)
		error = interval_reader_new(database,
					    "WHERE id > ?1 AND process = ?2 ORDER BY id LIMIT 1",
					    &recording->next_of_one);
	return error;
}

struct processes {
	struct recorded_process *items;
	size_t count, capacity;
};

static int take_process(struct recording *recording, sqlite3_stmt *row, struct processes *processes)
{
	struct names_reader *names = recording->names;
	struct recorded_process process = {
		.id = sqlite3_column_int64(row, 0),
		.pid = sqlite3_column_int(row, 1),
		.started_unix_ns = column_integer(row, 5),
		.intervals = (uint64_t)sqlite3_column_int64(row, 7),
		.first_unix_ns = column_integer(row, 8),
		.last_unix_ns = column_integer(row, 9),
	};
	int error = process.id == (int64_t)processes->count + 1 ? 0 : -EBADMSG;

	if (error == 0)
		error = names_keep(names, (const char *)sqlite3_column_text(row, 2), &process.comm);
	if (error == 0)
		error = names_keep(names, (const char *)sqlite3_column_text(row, 3),
				   &process.go_version);
	if (error == 0)
		error = names_keep(names, (const char *)sqlite3_column_text(row, 4),
				   &process.executable);
	if (error == 0)
		error = names_keep(names, (const char *)sqlite3_column_text(row, 6), &process.end);
	if (error == 0)
		error = VEC_RESERVE(processes, processes->count + 1, LIMIT_RECORDED_PROCS);
	if (error == 0)
		processes->items[processes->count++] = process;
	return error;
}

static int read_processes(struct recording *recording)
{
	struct processes processes = { 0 };
	sqlite3_stmt *rows = NULL;
	int result = database_prepare(
		&recording->database,
		"SELECT id, pid, comm, go_version, executable, started_unix_ns, end_reason, "
		"(SELECT count(*) FROM intervals WHERE process = p.id), "
		"(SELECT min(time_unix_ns) FROM intervals WHERE process = p.id), "
		"(SELECT max(time_unix_ns) FROM intervals WHERE process = p.id) "
		"FROM processes p ORDER BY id",
		&rows);

	while (result == 0 && (result = statement_next(&recording->database, rows)) == 1)
		result = take_process(recording, rows, &processes);
	sqlite3_finalize(rows);
	recording->processes = processes.items;
	recording->process_count = processes.count;
	recording->states = calloc(processes.count + 1, sizeof(*recording->states));
	if (result == 0 && !recording->states)
		result = -ENOMEM;
	return result == -E2BIG ? -EBADMSG : result;
}

/* What the schema of a foreign file may do is nothing, and pages are checked as they are read. */
static int be_careful(const struct database *database)
{
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(database->handle, SQLITE_LIMIT_LENGTH, LIMIT_RECORDED_BYTES);
	return database_run(database, "PRAGMA cell_size_check = ON");
}

int recording_open(const char *path, struct recording **ret)
{
	CLEANUP(cleanup_recording) struct recording *recording = calloc(1, sizeof(*recording));
	int error;

	if (!recording)
		return diag_fail(-ENOMEM, "cannot read '%s'", path);
	if (access(path, R_OK) < 0)
		return diag_fail(-errno, "cannot read '%s'", path);
	error = database_open(&recording->database, path,
			      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX);
	if (error == 0)
		error = be_careful(&recording->database);
	if (error < 0)
		return database_fail_read(&recording->database, error);
	error = recording_check(&recording->database, path);
	if (error < 0)
		return error;
	error = prepare(recording);
	if (error == 0)
		error = read_processes(recording);
	if (error < 0)
		return database_fail_read(&recording->database, error);
	recording_select(recording, 0);
	*ret = TAKE(recording);
	return 0;
}

const struct recorded_process *recording_processes(const struct recording *recording,
						   size_t *ret_count)
{
	*ret_count = recording->process_count;
	return recording->processes;
}

static void begin_again(struct recording *recording)
{
	recording->position = 0;
	sites_reader_reset(recording->sites);
	for (size_t i = 0; i < recording->process_count; i++) {
		parts_begin(&recording->states[i].parts);
		recording->states[i].sites.count = 0;
		type_state_clear(&recording->states[i].types);
	}
}

void recording_select(struct recording *recording, int64_t process_id)
{
	recording->selected = process_id;
	begin_again(recording);
}

/* The row's process; NULL when there is none of that number. */
static struct read_process *state_of(struct recording *recording, int64_t process)
{
	return process > 0 && (uint64_t)process <= recording->process_count
		       ? &recording->states[process - 1]
		       : NULL;
}

static int fill_types(struct recording *recording, const struct interval_keys *keys,
		      const struct read_process *state, struct snapshot *ret)
{
	ret->type_group.metadata_bytes.value = ret->types.metadata_share;
	return names_read_string(recording->names, keys->types_note, &ret->type_group.note) < 0
		       ? -EBADMSG
		       : type_parts_fill(&state->types, keys->id, &ret->type_group);
}

static int fill(struct recording *recording, const struct interval_keys *keys,
		struct read_process *state, struct snapshot *ret)
{
	const struct recorded_process *process = &recording->processes[keys->process - 1];
	int error = names_read_string(recording->names, keys->note, &ret->note);

	ret->pid = process->pid;
	ret->comm = process->comm;
	ret->go_version = process->go_version;
	if (error == 0)
		error = names_read_string(recording->names, keys->gc_note, &ret->gc_events.note);
	if (error == 0)
		error = parts_fill(&recording->database, &recording->parts, keys->id, &state->parts,
				   ret);
	if (error == 0)
		error = fill_types(recording, keys, state, ret);
	if (error == 0)
		error = caches_fill(&recording->database, &recording->caches, recording->names,
				    keys->id, &ret->cache_group);
	if (error == 0)
		error = generics_read(recording->generics, keys->process, &ret->generics);
	return error < 0 ? error
			 : sites_fill(recording->sites, keys->id, &keys->rule, &state->sites, ret);
}

static int take_interval(struct recording *recording, const struct interval_keys *keys)
{
	struct read_process *state = state_of(recording, keys->process);
	int error;

	if (!state || keys->id <= recording->position)
		return -EBADMSG;
	error = parts_read(&recording->database, &recording->parts, keys->id, &state->parts);
	if (error == 0)
		error = type_parts_read(&recording->database, &recording->types, recording->names,
					keys->id, &state->types);
	if (error == 0)
		error = sites_read(recording->sites, keys->process, keys->id, &keys->rule,
				   &state->sites);
	recording->position = keys->id;
	recording->position_process = keys->process;
	recording->rule = keys->rule;
	return error;
}

int recording_advance(struct recording *recording, struct snapshot *ret)
{
	struct interval_reader *reader =
		recording->selected ? recording->next_of_one : recording->next_of_all;
	sqlite3_stmt *row = interval_statement(reader);
	struct interval_keys keys;
	struct snapshot unwanted, *snapshot = ret ? ret : &unwanted;
	int result;

	if (!ret)
		snapshot_init(&unwanted);
	sqlite3_bind_int64(row, 1, recording->position);
	if (recording->selected)
		sqlite3_bind_int64(row, 2, recording->selected);
	result = statement_next(&recording->database, row);
	if (result <= 0)
		return result;
	result = interval_read(reader, &keys, snapshot);
	sqlite3_reset(row);
	if (result == 0)
		result = take_interval(recording, &keys);
	if (result == 0 && ret)
		result = fill(recording, &keys, state_of(recording, keys.process), ret);
	return result < 0 ? result : 1;
}

int recording_next(struct recording *recording, struct snapshot *ret)
{
	int result;

	snapshot_clear(ret);
	result = recording_advance(recording, ret);
	if (result <= 0)
		snapshot_clear(ret);
	return result < 0 ? database_fail_read(&recording->database, result) : result;
}

int recording_find(struct recording *recording, const char *query, int64_t first, int64_t second,
		   int64_t *ret)
{
	sqlite3_stmt *statement = NULL;
	int result = database_prepare(&recording->database, query, &statement);

	if (result < 0)
		return result;
	sqlite3_bind_int64(statement, 1, recording->selected);
	sqlite3_bind_int64(statement, 2, first);
	sqlite3_bind_int64(statement, 3, second);
	result = statement_next(&recording->database, statement);
	if (result == 1)
		*ret = column_integer(statement, 0);
	sqlite3_finalize(statement);
	if (result < 0)
		return result;
	return result == 0 || *ret == UNKNOWN ? -ENODATA : 0;
}

int recording_go_to(struct recording *recording, int64_t interval)
{
	int64_t before;
	int result = recording_find(recording,
				    "SELECT id FROM intervals WHERE (?1 = 0 OR process = ?1) AND "
				    "id < ?2 ORDER BY id DESC LIMIT 1",
				    interval, 0, &before);

	if (result == -ENODATA)
		before = 0;
	else if (result < 0)
		return result;
	if (before < recording->position)
		begin_again(recording);
	result = 1;
	while (result == 1 && recording->position < before)
		result = recording_advance(recording, NULL);
	return result == 1 ? 0 : result < 0 ? result : -EBADMSG;
}
