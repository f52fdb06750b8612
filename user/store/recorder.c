/*
 * Writing a recording: one transaction per snapshot into SQLite's write-ahead log, which a kill
 * cannot tear; the log is folded into the file from time to time by SQLite, and at the end by us.
 * The numbers of rows are ours, so that nothing has to be asked back.
 */
#include "store/recording.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/diag.h"
#include "limits.h"
#include "store/database.h"
#include "store/interval_row.h"
#include "store/caches.h"
#include "store/generics.h"
#include "store/names_writer.h"
#include "store/parts.h"
#include "store/schema.h"
#include "store/sites_writer.h"
#include "store/type_parts.h"

/* An observed process: what its last snapshot held. */
struct written_process {
	UT_hash_handle hh;
	int64_t id;
	struct parts_state parts;
	struct known_sites *sites;
	size_t itabs;  /* written */
	bool generics; /* written */
};

struct recorder {
	struct database database;
	struct names_writer *names;
	struct site_statements sites;
	struct part_statements parts;
	struct type_statements types;
	struct cache_statements caches;
	struct generics_statements generics;
	sqlite3_stmt *insert_process, *end_process, *insert_interval;
	struct written_process *processes;
	int64_t process_count, interval_count;
	int failed; /* the errno that ended it */
};

static void free_process(struct recorder *recorder, struct written_process *process)
{
	HASH_DEL(recorder->processes, process);
	known_sites_free(process->sites);
	free(process);
}

static void recorder_free(struct recorder *recorder)
{
	struct written_process *process, *next;

	if (!recorder)
		return;
	HASH_ITER (hh, recorder->processes, process, next)
		free_process(recorder, process);
	site_statements_finalize(&recorder->sites);
	parts_finalize(&recorder->parts);
	type_parts_finalize(&recorder->types);
	caches_finalize(&recorder->caches);
	generics_finalize(&recorder->generics);
	names_writer_free(recorder->names);
	sqlite3_finalize(recorder->insert_process);
	sqlite3_finalize(recorder->end_process);
	sqlite3_finalize(recorder->insert_interval);
	database_close(&recorder->database);
	free(recorder);
}
DEFINE_CLEANUP(cleanup_recorder, struct recorder, recorder_free)

static char *beside(const char *path, const char *ending)
{
	char *name = NULL;

	return asprintf(&name, "%s%s", path, ending) < 0 ? NULL : name;
}

/* With the log and its index, which a killed recorder leaves. */
static int remove_files(const char *path)
{
	AUTO_FREE char *log = beside(path, "-wal");
	AUTO_FREE char *index = beside(path, "-shm");

	if (!log || !index)
		return -ENOMEM;
	unlink(log);
	unlink(index);
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* The file is made here, so that nothing that exists is opened by accident, and the reason why it
 * cannot be is the system's. */
static int make_file(const char *path, bool replace)
{
	struct stat status;
	int error = 0;
	int fd;

	if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return diag_fail(-EINVAL, "cannot record into '%s': it is no regular file", path);
	if (replace)
		error = remove_files(path);
	fd = error < 0 ? -1 : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && (error ? error : -errno) == -EEXIST)
		return diag_fail(
			-EINVAL,
			"'%s' exists: record into another file, or replace it with --force", path);
	if (fd < 0)
		return diag_fail(error ? error : -errno, "cannot write '%s'", path);
	close(fd);
	return 0;
}

static int set_up(const struct database *database)
{
	AUTO_FREE char *schema = schema_text();
	char text[512];
	int error;

	if (!schema)
		return -ENOMEM;
	snprintf(text, sizeof(text),
		 "PRAGMA page_size = %d; PRAGMA application_id = %d; PRAGMA user_version = %d;"
		 "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN",
		 SCHEMA_PAGE_BYTES, SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
	error = database_run(database, text);
	if (error == 0)
		error = database_run(database, schema);
	snprintf(text, sizeof(text),
		 "INSERT INTO recordings VALUES ('%s', %lld); COMMIT;"
		 "PRAGMA wal_checkpoint(TRUNCATE)",
		 HEAPTAP_VERSION, (long long)clock_ns(CLOCK_REALTIME));
	return error < 0 ? error : database_run(database, text);
}

static int prepare(struct recorder *recorder)
{
	const struct database *database = &recorder->database;
	int error = names_writer_new(database, &recorder->names);

	if (error == 0)
		error = site_statements_prepare(database, recorder->names, &recorder->sites);
	if (error == 0)
		error = parts_prepare_write(database, &recorder->parts);
	if (error == 0)
		error = type_parts_prepare_write(database, &recorder->types);
	if (error == 0)
		error = caches_prepare_write(database, &recorder->caches);
	if (error == 0)
		error = generics_prepare_write(database, &recorder->generics);
	if (error == 0)
		error = interval_prepare_write(database, &recorder->insert_interval);
	if (error == 0)
		error = database_prepare(
			database, "INSERT INTO processes VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
			&recorder->insert_process);
	if (error == 0)
		error = database_prepare(database,
					 "UPDATE processes SET end_reason = ?2 WHERE id = ?1",
					 &recorder->end_process);
	return error;
}

int recorder_open(const char *path, bool replace, struct recorder **ret)
{
	CLEANUP(cleanup_recorder) struct recorder *recorder = calloc(1, sizeof(*recorder));
	int error;

	if (!recorder)
		return diag_fail(-ENOMEM, "cannot write '%s'", path);
	error = make_file(path, replace);
	if (error < 0)
		return error;
	error = database_open(&recorder->database, path,
			      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX);
	if (error == 0)
		error = set_up(&recorder->database);
	if (error == 0)
		error = prepare(recorder);
	if (error < 0) {
		database_fail_write(&recorder->database, error);
		remove_files(path);
		return error;
	}
	*ret = TAKE(recorder);
	return 0;
}

/* What was committed stays; nothing more is tried. */
static int give_up(struct recorder *recorder, int error)
{
	if (!sqlite3_get_autocommit(recorder->database.handle))
		database_run(&recorder->database, "ROLLBACK");
	recorder->failed = error;
	if (error == -E2BIG)
		diag_fail(0, "the recording ends: more than %u allocation sites",
			  LIMIT_RECORDED_SITES);
	else
		database_fail_write(&recorder->database, error);
	return error;
}

static int new_process(struct recorder *recorder, struct written_process **ret)
{
	struct written_process *process = calloc(1, sizeof(*process));

	if (!process || known_sites_new(&process->sites) < 0) {
		free(process);
		return -ENOMEM;
	}
	process->id = recorder->process_count + 1;
	parts_begin(&process->parts);
	HASH_ADD(hh, recorder->processes, id, sizeof(process->id), process);
	if (!process->hh.tbl) { /* uthash could not grow */
		known_sites_free(process->sites);
		free(process);
		return -ENOMEM;
	}
	recorder->process_count++;
	*ret = process;
	return 0;
}

int recorder_add_process(struct recorder *recorder, const struct recorded_process *process,
			 int64_t *ret_id)
{
	sqlite3_stmt *insert = recorder->insert_process;
	struct written_process *written;
	int error = recorder->failed;

	if (error < 0)
		return error;
	error = new_process(recorder, &written);
	if (error < 0)
		return give_up(recorder, error);
	sqlite3_bind_int64(insert, 1, written->id);
	sqlite3_bind_int64(insert, 2, process->pid);
	bind_text(insert, 3, process->comm);
	bind_text(insert, 4, process->go_version);
	bind_text(insert, 5, process->executable);
	bind_integer(insert, 6, process->started_unix_ns);
	error = statement_run(&recorder->database, insert);
	if (error < 0)
		return give_up(recorder, error);
	*ret_id = written->id;
	return 0;
}

/* They are the executable's: once is enough. */
static int write_generics(struct recorder *recorder, struct written_process *process,
			  const struct generics *generics)
{
	if (process->generics || !generics)
		return 0;
	process->generics = true;
	return generics_write(&recorder->database, &recorder->generics, recorder->names,
			      process->id, generics);
}

static int write_snapshot(struct recorder *recorder, struct written_process *process,
			  const struct snapshot *snapshot)
{
	const struct database *database = &recorder->database;
	struct interval_keys keys = { .id = recorder->interval_count + 1, .process = process->id };
	int error;

	site_rule_of(snapshot, &keys.rule);
	error = names_string(recorder->names, snapshot->note, &keys.note);
	if (error == 0)
		error = names_string(recorder->names, snapshot->gc_events.note, &keys.gc_note);
	if (error == 0)
		error = names_string(recorder->names, snapshot->type_group.note, &keys.types_note);
	if (error == 0)
		error = interval_write(database, recorder->insert_interval, &keys, snapshot);
	if (error == 0)
		error = parts_write(database, &recorder->parts, keys.id, snapshot, &process->parts);
	if (error == 0)
		error = type_parts_write(database, &recorder->types, recorder->names, keys.id,
					 &snapshot->type_group, &process->itabs);
	if (error == 0)
		error = caches_write(database, &recorder->caches, recorder->names, keys.id,
				     &snapshot->cache_group);
	if (error == 0)
		error = write_generics(recorder, process, snapshot->generics);
	if (error == 0)
		error = sites_write(&recorder->sites, process->sites, process->id, keys.id,
				    snapshot, &keys.rule);
	return error;
}

int recorder_add(struct recorder *recorder, int64_t process_id, const struct snapshot *snapshot)
{
	struct written_process *process;
	int error = recorder->failed;

	if (error < 0)
		return error;
	HASH_FIND(hh, recorder->processes, &process_id, sizeof(process_id), process);
	if (!process)
		return -EINVAL;
	error = database_run(&recorder->database, "BEGIN");
	if (error == 0)
		error = write_snapshot(recorder, process, snapshot);
	if (error == 0)
		error = database_run(&recorder->database, "COMMIT");
	if (error < 0)
		return give_up(recorder, error);
	recorder->interval_count++;
	return 0;
}

int recorder_end_process(struct recorder *recorder, int64_t process_id, const char *reason)
{
	struct written_process *process;
	int error = recorder->failed;

	HASH_FIND(hh, recorder->processes, &process_id, sizeof(process_id), process);
	if (process)
		free_process(recorder, process);
	if (error < 0)
		return error;
	sqlite3_bind_int64(recorder->end_process, 1, process_id);
	bind_text(recorder->end_process, 2, reason);
	error = statement_run(&recorder->database, recorder->end_process);
	return error < 0 ? give_up(recorder, error) : 0;
}

void recorder_totals(const struct recorder *recorder, struct recorder_totals *ret)
{
	int64_t pages = 0;

	database_integer(&recorder->database, "PRAGMA page_count", &pages);
	*ret = (struct recorder_totals){
		.intervals = (uint64_t)recorder->interval_count,
		.sites = (uint64_t)recorder->sites.site_count,
		.file_bytes = pages * SCHEMA_PAGE_BYTES,
	};
}

/* One that is being read keeps its log until the last reader has gone, which is no failure. */
static int fold(struct recorder *recorder)
{
	int error;

	sqlite3_busy_timeout(recorder->database.handle, 200);
	error = database_run(&recorder->database, "PRAGMA wal_checkpoint(TRUNCATE)");
	if (error == 0)
		error = database_run(&recorder->database, "PRAGMA journal_mode = DELETE");
	return error == -EBUSY ? 0 : error;
}

int recorder_close(struct recorder *recorder)
{
	AUTO_FREE char *path = NULL;
	int error = 0;

	if (!recorder)
		return 0;
	if (recorder->interval_count == 0)
		path = strdup(recorder->database.path);
	else if (recorder->failed == 0)
		error = fold(recorder);
	if (error < 0)
		database_fail_write(&recorder->database, error);
	recorder_free(recorder);
	if (path)
		remove_files(path);
	return error;
}
