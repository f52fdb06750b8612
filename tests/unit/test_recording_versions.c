/* Recordings of older versions: what they have is read, what they lack is not known. */
#include "harness/test.h"

#include <math.h>
#include <unistd.h>

#include "store/database.h"
#include "store/recording.h"
#include "unit/recording_take.h"

/* What version 1 did not have is not known. */
static void make_version_1(const char *path)
{
	struct database database = { 0 };

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
