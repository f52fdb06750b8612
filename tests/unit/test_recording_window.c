/* Windows of a recording in which sites change: what they were counts as well. */
#include "harness/test.h"

#include <unistd.h>

#include "model/profile.h"
#include "store/recording.h"
#include "unit/recording_fixture.h"

#define MOMENTS 4

/* The type of the first site becomes known in the third moment. */
static void record_moments(const char *path, struct snapshot snapshots[MOMENTS])
{
	static const uint64_t allocs[MOMENTS][2] = { { 10, 3 }, { 20, 3 }, { 35, 8 }, { 50, 8 } };
	static const struct stack no_frames;
	struct bucket buckets[] = {
		{ .address = 1, .object_bytes = 64, .stack = &no_frames },
		{ .address = 2, .object_bytes = 512, .stack = &no_frames, .type = "main.Other" },
	};
	struct recorded_process about = { .pid = 5 };
	struct recorder *recorder;
	struct profile *profile;
	int64_t id;

	CHECK_INT(profile_new(&profile), 0);
	CHECK_INT(recorder_open(path, false, &recorder), 0);
	CHECK_INT(recorder_add_process(recorder, &about, &id), 0);
	for (int i = 0; i < MOMENTS; i++) {
		snapshot_init(&snapshots[i]);
		buckets[0].type = i < 2 ? NULL : "main.Known";
		buckets[0].allocs = allocs[i][0];
		buckets[1].allocs = allocs[i][1];
		CHECK_INT(profile_from_buckets(profile, buckets, 2, NULL, 0, 1, &snapshots[i]), 0);
		snapshots[i].mode = MODE_SAMPLER;
		snapshots[i].sampling_rate_bytes = 1;
		snapshots[i].time_unix_ns = (i + 1) * 1000000000LL;
		snapshots[i].interval_s = i > 0;
		snapshots[i].elapsed_s = i;
		CHECK_INT(recorder_add(recorder, id, &snapshots[i]), 0);
	}
	CHECK_INT(recorder_close(recorder), 0);
	profile_free(profile);
}

TEST("a window has all that a site allocated in it, also before its type became known")
{
	static const double expected[MOMENTS][2] = { { 0, 0 }, { 10, 0 }, { 25, 5 }, { 40, 5 } };
	const char *path = recording_path("known-later");
	struct snapshot snapshots[MOMENTS], window;
	struct recording *recording;

	record_moments(path, snapshots);
	snapshot_init(&window);
	CHECK_INT(recording_open(path, &recording), 0);
	recording_select(recording, 1);
	for (int i = 0; i < MOMENTS; i++) {
		CHECK_INT(recording_window(recording, snapshots[0].time_unix_ns,
					   snapshots[i].time_unix_ns, &window),
			  1);
		CHECK_INT(window.record_count, 2);
		for (size_t r = 0; r < window.record_count; r++)
			CHECK_NEAR(window.records[r].begun.objects,
				   expected[i][window.records[r].object_bytes == 512], 0);
	}
	recording_close(recording);
	snapshot_clear(&window);
	for (int i = 0; i < MOMENTS; i++)
		snapshot_clear(&snapshots[i]);
	unlink(path);
}
