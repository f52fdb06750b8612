/* Recordings of older versions: what they have is read, what they lack is not known. */
#include "harness/test.h"
#include "harness/announce.h"

#include <math.h>
#include <unistd.h>

#include "base/diag.h"
#include "store/database.h"
#include "store/recording.h"
#include "unit/recording_take.h"

/* The table as an older heaptap made it, with the rows that are there; `columns` of them. */
#define MAKE_AGAIN(table, columns, sql)                                                            \
	"CREATE TEMP TABLE kept AS SELECT " columns " FROM main." table "; DROP TABLE main." table \
	";" sql "; INSERT INTO main." table " SELECT * FROM kept; DROP TABLE kept;"

/* What was added to version 2 while it was made. */
static const char early_version_2[] =
	"DROP TABLE generic_functions; DROP TABLE generic_arguments;" MAKE_AGAIN(
		"frames", "id, function, file, line, start_line, address, inlined",
		"CREATE TABLE frames (\n"
		"\t-- one logical frame of a stack\n"
		"\tid INTEGER PRIMARY KEY,\n"
		"\tfunction INTEGER NOT NULL REFERENCES strings (id),\n"
		"\tfile INTEGER NOT NULL REFERENCES strings (id),\n"
		"\tline INTEGER NOT NULL, -- of the call; 0 when not known\n"
		"\tstart_line INTEGER NOT NULL, -- of the function\n"
		"\taddress INTEGER NOT NULL, -- of the call in the process, as a signed number\n"
		"\tinlined INTEGER NOT NULL -- 1: into the next frame of the stack\n"
		")") MAKE_AGAIN("sites",
				"id, process, record, stack, type, object_bytes, begun_samples",
				"CREATE TABLE sites (\n"
				"\t-- an allocation site of a process: a stack, a type and an "
				"object size\n"
				"\tid INTEGER PRIMARY KEY,\n"
				"\tprocess INTEGER NOT NULL REFERENCES processes (id),\n"
				"\trecord INTEGER NOT NULL, -- its number in the observation, as a "
				"signed number\n"
				"\tstack INTEGER NOT NULL, -- stacks.stack\n"
				"\ttype INTEGER REFERENCES strings (id),\n"
				"\tobject_bytes INTEGER NOT NULL,\n"
				"\tbegun_samples INTEGER NOT NULL -- allocated before the "
				"observation began\n"
				")")
		MAKE_AGAIN("processes",
			   "id, pid, comm, go_version, executable, started_unix_ns, end_reason",
			   "CREATE TABLE processes (\n"
			   "\t-- one row for each process that was observed; a service that was "
			   "restarted has "
			   "several\n"
			   "\tid INTEGER PRIMARY KEY,\n"
			   "\tpid INTEGER NOT NULL,\n"
			   "\tcomm TEXT,\n"
			   "\tgo_version TEXT,\n"
			   "\texecutable TEXT, -- its path as the process sees it\n"
			   "\tstarted_unix_ns INTEGER,\n"
			   "\tend_reason TEXT -- why its intervals end; NULL: because the "
			   "recording does\n"
			   ")");

/* As version 1 had it: with another comment. */
static const char site_samples_1[] = MAKE_AGAIN(
	"site_samples", "*",
	"CREATE TABLE site_samples (\n"
	"\t-- objects (R of 1 and less: for itself); in mode burst allocs are hits, and each "
	"stands for\n"
	"\t-- intervals.scale_objects objects and object_bytes * scale_bytes bytes.\n"
	"\tinterval INTEGER NOT NULL,\n"
	"\tsite INTEGER NOT NULL REFERENCES sites (id),\n"
	"\tallocs INTEGER, -- samples allocated; NULL: the site is not there any more\n"
	"\tlive INTEGER, -- change of the samples in use\n"
	"\tages TEXT, -- of those that died: {\"i\": count}\n"
	"\tPRIMARY KEY (interval, site)\n"
	") WITHOUT ROWID");

static void change(const char *path, const char *sql)
{
	struct database database = { 0 };

	CHECK_INT(database_open(&database, path, SQLITE_OPEN_READWRITE), 0);
	CHECK_INT(database_run(&database, sql), 0);
	database_close(&database);
}

/* What a file of an early version 2 lacks is not known. */
static void forget_late(struct snapshot *snapshot)
{
	snapshot->generics = NULL;
	for (size_t i = 0; i < snapshot->record_count; i++) {
		struct stack *stack =
			(struct stack *)snapshot->records[i].stack; /* the fixture's */

		snapshot->records[i].interface = NULL;
		for (uint32_t depth = 0; depth < stack->count; depth++)
			stack->frames[depth].entry = 0;
	}
}

TEST("a recording of an early version 2 is read but for what it lacks: interfaces, entries, "
     "generics")
{
	static const enum mode modes[] = { MODE_SAMPLER, MODE_EXACT };
	const char *path = recording_path("early-version-2"), *difference;
	struct recording *recording;
	struct snapshot snapshot;
	struct take take;
	size_t count = 0;

	snapshot_init(&snapshot);
	record(&take, path, modes, 2);
	change(path, early_version_2);
	CHECK_INT(recording_open(path, &recording), 0);
	while (recording_next(recording, &snapshot) == 1) {
		forget_late(&take.snapshots[count]);
		difference = snapshot_difference(&take.snapshots[count], &snapshot);
		EXPECT(!*difference, "snapshot %zu: %s", count, difference);
		count++;
	}
	CHECK_INT(count, take.count);
	recording_close(recording);
	snapshot_clear(&snapshot);
	forget(&take, 2);
	unlink(path);
}

static void say_nothing(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

TEST("a table that is not what any version made is refused, however little differs")
{
	static const char *const changes[] = {
		"ALTER TABLE losses ADD COLUMN more INTEGER",
		"ALTER TABLE frames DROP COLUMN inlined",
		"ALTER TABLE sites DROP COLUMN begun_samples; ALTER TABLE sites DROP COLUMN "
		"interface",
		"DROP TABLE cache_notes",
		"DROP TABLE losses",
		"DROP TABLE losses; CREATE VIEW losses AS SELECT 1 AS interval, 'x' AS reason, 1 "
		"AS count",
	};
	static const enum mode modes[] = { MODE_SAMPLER };

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		const char *path = recording_path("strange");
		struct recording *recording;
		struct take take;

		record(&take, path, modes, 1);
		forget(&take, 1);
		change(path, changes[i]);
		diag_set_sink(say_nothing, NULL);
		EXPECT(recording_open(path, &recording) < 0, "%s is taken", changes[i]);
		diag_set_sink(NULL, NULL);
		unlink(path);
	}
}

/* What version 1 did not have is not known. */
static void make_version_1(const char *path)
{
	struct database database = { 0 };

	change(path, early_version_2);
	change(path, site_samples_1);
	CHECK_INT(database_open(&database, path, SQLITE_OPEN_READWRITE), 0);
	CHECK_INT(database_run(&database,
			       "DROP TABLE type_events; DROP TABLE itabs; DROP TABLE steps;"
			       "DROP TABLE cache_functions; DROP TABLE cache_pools;"
			       "DROP TABLE cache_maps; DROP TABLE cache_notes;"
			       "ALTER TABLE intervals DROP COLUMN types_note;"
			       "ALTER TABLE intervals DROP COLUMN types_probed;"
			       "ALTER TABLE intervals DROP COLUMN metadata_share_low;"
			       "PRAGMA user_version = 1"),
		  0);
	database_close(&database);
}

TEST("a recording of version 1 is read, and has nothing to tell of types")
{
	static const enum mode modes[] = { MODE_SAMPLER };
	const char *path = recording_path("version-1");
	struct recording *recording;
	struct snapshot snapshot;
	struct take take;
	int count = 0;

	snapshot_init(&snapshot);
	record(&take, path, modes, 1);
	make_version_1(path);
	CHECK_INT(recording_open(path, &recording), 0);
	while (recording_next(recording, &snapshot) == 1) {
		CHECK_INT(snapshot.record_count, take.snapshots[count++].record_count);
		CHECK(!snapshot.type_group.probed && !snapshot.type_group.note);
		CHECK_INT(snapshot.type_group.count + snapshot.type_group.itab_count, 0);
		CHECK(isnan(snapshot.type_group.metadata_bytes.bounds.low));
	}
	CHECK_INT(count, INTERVALS);
	recording_close(recording);
	snapshot_clear(&snapshot);
	forget(&take, 1);
	unlink(path);
}

TEST("a recording of version 1 has one scale for all hits of an interval")
{
	static const enum mode modes[] = { MODE_EXACT };
	const char *path = recording_path("version-1-burst");
	struct database database = { 0 };
	struct recording *recording;
	struct snapshot snapshot;
	struct take take;
	int count = 0;

	snapshot_init(&snapshot);
	record(&take, path, modes, 1);
	CHECK_INT(database_open(&database, path, SQLITE_OPEN_READWRITE), 0);
	CHECK_INT(database_run(&database, "ALTER TABLE intervals ADD COLUMN scale_objects REAL;"
					  "ALTER TABLE intervals ADD COLUMN scale_bytes REAL;"
					  "UPDATE intervals SET mode = 'burst', scale_objects = 3,"
					  " scale_bytes = 2;"
					  "DELETE FROM site_amounts; PRAGMA user_version = 1"),
		  0);
	database_close(&database);
	CHECK_INT(recording_open(path, &recording), 0);
	while (recording_next(recording, &snapshot) == 1) {
		const struct snapshot *was = &take.snapshots[count++];

		CHECK_INT(snapshot.record_count, was->record_count);
		for (size_t i = 0; i < was->record_count; i++) {
			const struct record *record = &snapshot.records[i];
			double hits = (double)record->interval.samples;

			CHECK_NEAR(record->interval.objects, 3 * hits, 1e-9);
			CHECK_NEAR(record->interval.bytes, 2 * hits * (double)record->object_bytes,
				   1e-6);
		}
	}
	CHECK_INT(count, INTERVALS);
	recording_close(recording);
	snapshot_clear(&snapshot);
	forget(&take, 1);
	unlink(path);
}

/* A site's type becomes known, its counts are read torn, the site goes and comes back. */
