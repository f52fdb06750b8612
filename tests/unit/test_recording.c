/* Recordings: what comes out is what went in, and what is no recording is refused. */
#include "harness/test.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "store/database.h"
#include "store/recording.h"
#include "unit/recording_take.h"

static void check_replay(const struct take *take, const char *path)
{
	struct recording *recording;
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	CHECK_INT(recording_open(path, &recording), 0);
	for (size_t i = 0; i < take->count; i++) {
		CHECK_INT(recording_next(recording, &snapshot), 1);
		CHECK_STRING(snapshot_difference(&take->snapshots[i], &snapshot), "");
	}
	CHECK_INT(recording_next(recording, &snapshot), 0);
	recording_close(recording);
}

static void check_mode(enum mode mode, const char *name)
{
	const char *path = recording_path(name);
	struct take take;

	record(&take, path, &mode, 1);
	check_replay(&take, path);
	forget(&take, 1);
	unlink(path);
}

TEST("a recording gives every snapshot back as it was: samples with probes")
{
	check_mode(MODE_SAMPLER, "sampler");
}

TEST("a recording gives every snapshot back as it was: the bucket list")
{
	check_mode(MODE_LIST, "list");
}

TEST("a recording gives every snapshot back as it was: exact windows")
{
	check_mode(MODE_WINDOWS, "windows");
}

TEST("a recording gives every snapshot back as it was: every allocation")
{
	check_mode(MODE_EXACT, "exact");
}

TEST("a recording of two processes tells them apart")
{
	static const enum mode modes[] = { MODE_SAMPLER, MODE_WINDOWS };
	const char *path = recording_path("two");
	const struct recorded_process *processes;
	struct recording *recording;
	struct snapshot snapshot;
	struct take take;
	size_t count;

	record(&take, path, modes, 2);
	check_replay(&take, path);
	CHECK_INT(recording_open(path, &recording), 0);
	processes = recording_processes(recording, &count);
	CHECK_INT(count, 2);
	CHECK_INT(processes[1].pid, 101);
	CHECK_INT(processes[1].intervals, INTERVALS);
	CHECK_INT(processes[1].first_unix_ns, take.snapshots[1].time_unix_ns);
	CHECK_STRING(processes[0].end, "the process has ended");
	CHECK(!processes[1].end);
	CHECK_STRING(processes[0].executable, "/bin/made");
	recording_select(recording, processes[1].id);
	snapshot_init(&snapshot);
	for (size_t i = 1; i < take.count; i += 2) {
		CHECK_INT(recording_next(recording, &snapshot), 1);
		CHECK_STRING(snapshot_difference(&take.snapshots[i], &snapshot), "");
	}
	CHECK_INT(recording_next(recording, &snapshot), 0);
	recording_close(recording);
	forget(&take, 2);
	unlink(path);
}

static void check_next(struct recording *recording, const struct snapshot *expected)
{
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	CHECK_INT(recording_next(recording, &snapshot), 1);
	CHECK_STRING(snapshot_difference(expected, &snapshot), "");
	snapshot_clear(&snapshot);
}

TEST("one can go to any moment of a recording, forward and back")
{
	static const enum mode modes[] = { MODE_SAMPLER };
	const char *path = recording_path("seek");
	struct recording *recording;
	int64_t first, last;
	struct take take;

	record(&take, path, modes, 1);
	CHECK_INT(recording_open(path, &recording), 0);
	CHECK_INT(recording_span(recording, &first, &last), 0);
	CHECK_INT(first, take.snapshots[0].time_unix_ns);
	CHECK_INT(last, take.snapshots[INTERVALS - 1].time_unix_ns);
	CHECK_INT(recording_seek(recording, take.snapshots[20].time_unix_ns - 1), 0);
	check_next(recording, &take.snapshots[20]);
	check_next(recording, &take.snapshots[21]);
	CHECK_INT(recording_seek_back(recording, take.snapshots[7].time_unix_ns + 1), 0);
	check_next(recording, &take.snapshots[7]);
	CHECK_INT(recording_step(recording, -3), 0);
	check_next(recording, &take.snapshots[4]);
	CHECK_INT(recording_step(recording, 5), 0);
	check_next(recording, &take.snapshots[9]);
	CHECK_INT(recording_step(recording, 0), 0);
	check_next(recording, &take.snapshots[9]);
	CHECK_INT(recording_seek(recording, last + 1), -ENODATA);
	CHECK_INT(recording_seek_back(recording, first - 1), -ENODATA);
	check_next(recording, &take.snapshots[10]);
	recording_close(recording);
	forget(&take, 1);
	unlink(path);
}

static const struct record *record_of(const struct snapshot *snapshot, uint64_t id)
{
	for (size_t i = 0; i < snapshot->record_count; i++)
		if (snapshot->records[i].id == id)
			return &snapshot->records[i];
	return NULL;
}

TEST("a window of a recording holds what was allocated in it, and what was in use at its end")
{
	static const enum mode modes[] = { MODE_SAMPLER };
	const char *path = recording_path("window");
	struct recording *recording;
	struct snapshot window;
	struct take take;

	snapshot_init(&window);
	record(&take, path, modes, 1);
	CHECK_INT(recording_open(path, &recording), 0);
	recording_select(recording, 1);
	CHECK_INT(recording_window(recording, take.snapshots[5].time_unix_ns,
				   take.snapshots[25].time_unix_ns, &window),
		  1);
	CHECK_NEAR(window.interval_s, 20, 0.001);
	CHECK_INT(window.record_count, take.snapshots[25].record_count);
	for (size_t i = 0; i < window.record_count; i++) {
		const struct record *got = &window.records[i];
		const struct record *end = record_of(&take.snapshots[25], got->id);
		const struct record *begin = record_of(&take.snapshots[5], got->id);

		CHECK_INT(got->begun.samples,
			  end->total.samples - (begin ? begin->total.samples : 0));
		CHECK(!memcmp(&got->live, &end->live, sizeof(got->live)));
		CHECK(got->begun.objects >= (double)got->begun.samples);
	}
	CHECK_INT(recording_window(recording, INT64_MIN, INT64_MAX, &window), 1);
	for (size_t i = 0; i < window.record_count; i++)
		CHECK(!memcmp(
			&window.records[i].begun,
			&record_of(&take.snapshots[INTERVALS - 1], window.records[i].id)->begun,
			sizeof(struct amount)));
	CHECK_INT(recording_window(recording, take.snapshots[5].time_unix_ns + 1,
				   take.snapshots[6].time_unix_ns - 1, &window),
		  0);
	CHECK_INT(recording_window(recording, INT64_MAX, INT64_MAX, &window), 0);
	recording_close(recording);
	snapshot_clear(&window);
	forget(&take, 1);
	unlink(path);
}

TEST("a window of a recording holds the registrations of types in it, and the itabs at its end")
{
	static const enum mode modes[] = { MODE_SAMPLER };
	const char *path = recording_path("types-window");
	struct recording *recording;
	struct snapshot window;
	uint64_t sum = 0, expected = 0;
	struct take take;

	snapshot_init(&window);
	record(&take, path, modes, 1);
	CHECK_INT(recording_open(path, &recording), 0);
	recording_select(recording, 1);
	CHECK_INT(recording_window(recording, take.snapshots[5].time_unix_ns,
				   take.snapshots[25].time_unix_ns, &window),
		  1);
	for (int i = 6; i <= 25; i++)
		for (size_t k = 0; k < take.snapshots[i].type_group.count; k++)
			expected += take.snapshots[i].type_group.rows[k].interval;
	for (size_t i = 0; i < window.type_group.count; i++) {
		CHECK(window.type_group.rows[i].interval == window.type_group.rows[i].begun);
		sum += window.type_group.rows[i].begun;
	}
	CHECK_INT(sum, expected);
	CHECK(expected > 10);
	CHECK_INT(window.type_group.itab_count, take.snapshots[25].type_group.itab_count);
	recording_close(recording);
	snapshot_clear(&window);
	forget(&take, 1);
	unlink(path);
}

TEST("a recording follows sites that change, shrink, go and come back")
{
	struct bucket buckets[] = {
		{ .address = 1, .object_bytes = 64, .allocs = 10, .frees = 5 },
		{ .address = 2, .object_bytes = 512, .allocs = 7, .frees = 0 },
	};
	const char *path = recording_path("torn");
	static const struct stack no_frames;
	struct snapshot snapshots[6];
	struct recording *recording;
	struct recorder *recorder;
	struct profile *profile;
	struct made_process made = { .pid = 5 };
	int64_t id;

	buckets[0].stack = buckets[1].stack = &no_frames;
	CHECK_INT(profile_new(&profile), 0);
	CHECK_INT(recorder_open(path, false, &recorder), 0);
	id = add_process(recorder, &made);
	for (int i = 0; i < 6; i++) {
		snapshot_init(&snapshots[i]);
		snapshots[i].mode = MODE_LIST;
		snapshots[i].time_unix_ns = i;
		snapshots[i].pid = 5;
		snapshots[i].comm = "made up";
		snapshots[i].go_version = "go1.99";
		snapshots[i].sampling_rate_bytes = i < 4 ? 4096 : 512;
		buckets[0].allocs += 3;
		buckets[1].allocs = i == 2 ? 1 : buckets[1].allocs + 1;
		buckets[1].type = i > 1 ? "now.Known" : NULL;
		CHECK_INT(profile_from_buckets(profile, buckets, i == 3 ? 1 : 2, NULL, 0,
					       snapshots[i].sampling_rate_bytes, &snapshots[i]),
			  0);
		CHECK_INT(recorder_add(recorder, id, &snapshots[i]), 0);
	}
	CHECK_INT(recorder_close(recorder), 0);
	CHECK_INT(recording_open(path, &recording), 0);
	for (int i = 0; i < 6; i++) {
		check_next(recording, &snapshots[i]);
		snapshot_clear(&snapshots[i]);
	}
	recording_close(recording);
	profile_free(profile);
	unlink(path);
}

static char last_message[1024];

static void keep_message(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(last_message, sizeof(last_message), "%s", text);
}

static void check_refused(const char *path, const char *sentence)
{
	struct recording *recording;

	last_message[0] = '\0';
	diag_set_sink(keep_message, NULL);
	CHECK(recording_open(path, &recording) < 0);
	diag_set_sink(NULL, NULL);
	if (!strstr(last_message, sentence))
		test_fail(__FILE__, __LINE__, "the message is '%s'", last_message);
}

static void write_bytes(const char *path, off_t at, const void *bytes, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(pwrite(fd, bytes, size, at), size);
	close(fd);
}

TEST("what is no recording, is cut short, or is of a newer version is refused with a sentence")
{
	static const enum mode modes[] = { MODE_SAMPLER };
	static const unsigned char newer[] = { 0, 0, 0, 99 };
	const char *path = recording_path("refused");
	struct take take;

	check_refused(path, "No such file");
	write_bytes(path, 0, "", 0);
	check_refused(path, "is not a recording of heaptap");
	write_bytes(path, 0, "some text that is long enough to be looked at, and no database", 62);
	check_refused(path, "is not a recording of heaptap");
	unlink(path);
	record(&take, path, modes, 1);
	write_bytes(path, 60, newer, sizeof(newer)); /* user_version in the header of SQLite */
	check_refused(path, "its tables are version 99");
	write_bytes(path, 60, "\0\0\0\1", 4);
	CHECK_INT(truncate(path, 20 * 4096), 0);
	check_refused(path, "damaged or incomplete");
	forget(&take, 1);
	unlink(path);
}

TEST("a recording does not overwrite a file unless told so, and removes one without a snapshot")
{
	const char *path = recording_path("exists");
	struct recorder *recorder;

	write_bytes(path, 0, "mine", 4);
	diag_set_sink(keep_message, NULL);
	CHECK(recorder_open(path, false, &recorder) < 0);
	diag_set_sink(NULL, NULL);
	CHECK(strstr(last_message, "--force"));
	CHECK_INT(recorder_open(path, true, &recorder), 0);
	CHECK_INT(recorder_close(recorder), 0);
	CHECK(access(path, F_OK) < 0);
}

/* A process whose collector changes: in each snapshot the one of then, beginning anew. */
TEST("a recording gives every snapshot back as it was when the mode changes and comes back")
{
	static const enum mode modes[] = { MODE_WINDOWS, MODE_SAMPLER, MODE_WINDOWS, MODE_COUNTERS,
					   MODE_WINDOWS };
	const char *path = recording_path("modes");
	struct recorded_process about = { .pid = 100, .comm = "made up", .go_version = "go1.99" };
	struct made_process processes[sizeof(modes) / sizeof(*modes)];
	struct take take = { 0 };
	struct recorder *recorder;
	int64_t id;

	CHECK_INT(recorder_open(path, false, &recorder), 0);
	CHECK_INT(recorder_add_process(recorder, &about, &id), 0);
	for (size_t m = 0; m < sizeof(modes) / sizeof(*modes); m++) {
		made_begin(&processes[m], 100, modes[m], 20, 5);
		if (m)
			processes[m].governor = processes[m - 1].governor;
		for (int i = 0; i < 4; i++) {
			struct snapshot *snapshot = &take.snapshots[take.count];

			made_next(&processes[m], snapshot);
			type_group_clear(&snapshot->type_group); /* of one process each */
			if (modes[m] == MODE_COUNTERS)
				snapshot->record_count = 0;
			snapshot->time_unix_ns += (int64_t)m * 10000000000;
			CHECK_INT(recorder_add(recorder, id, snapshot), 0);
			take.count++;
		}
	}
	CHECK_INT(recorder_close(recorder), 0);
	check_replay(&take, path);
	for (size_t m = 0; m < sizeof(modes) / sizeof(*modes); m++)
		made_end(&processes[m]);
	forget(&take, 0);
	unlink(path);
}
