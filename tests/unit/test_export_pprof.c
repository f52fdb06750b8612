/* The pprof profile, unpacked again. */
#include <zlib.h>

#include "base/cleanup.h"
#include "proto/profile.pb-c.h"
#include "unit/export_fixture.h"

static void profile_clear(Pprof__Profile **profile)
{
	pprof__profile__free_unpacked(*profile, NULL);
}

static Pprof__Profile *unpack(char *file, size_t size)
{
	static uint8_t plain[1 << 16];
	z_stream stream = { .next_in = (uint8_t *)file,
			    .avail_in = (uInt)size,
			    .next_out = plain,
			    .avail_out = sizeof(plain) };
	Pprof__Profile *profile;

	CHECK_INT(inflateInit2(&stream, 15 + 16), Z_OK);
	CHECK_INT(inflate(&stream, Z_FINISH), Z_STREAM_END);
	CHECK_INT(stream.avail_in, 0);
	profile = pprof__profile__unpack(NULL, stream.total_out, plain);
	inflateEnd(&stream);
	CHECK(profile != NULL);
	return profile;
}

static Pprof__Profile *profile_of(const struct snapshot *snapshot, bool from_start)
{
	size_t size;
	char *file AUTO_FREE =
		fixture_export("pprof", snapshot, VALUE_INUSE_SPACE, from_start, &size);

	return unpack(file, size);
}

static const char *string(const Pprof__Profile *profile, int64_t index)
{
	CHECK(index >= 0 && (size_t)index < profile->n_string_table);
	return profile->string_table[index];
}

/* "function:line" of every frame, leaf first; what is inlined in brackets with what it is in. */
static const char *stack_of(const Pprof__Profile *profile, const Pprof__Sample *sample)
{
	static char text[512];
	size_t used = 0;

	text[0] = 0;
	for (size_t i = 0; i < sample->n_location_id; i++) {
		const Pprof__Location *location = profile->location[sample->location_id[i] - 1];

		CHECK_INT(location->id, sample->location_id[i]);
		CHECK_INT(location->mapping_id, 1);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%#llx", i ? " " : "",
					 (unsigned long long)location->address);
		for (size_t k = 0; k < location->n_line; k++) {
			const Pprof__Line *line = location->line[k];
			const Pprof__Function *function = profile->function[line->function_id - 1];

			CHECK_INT(function->id, line->function_id);
			used += (size_t)snprintf(text + used, sizeof(text) - used, "[%s:%d]",
						 string(profile, function->name), (int)line->line);
		}
	}
	return text;
}

TEST("the pprof profile has Go's sample types, period, time and mapping")
{
	static const char *const types[] = { "alloc_objects", "alloc_space", "inuse_objects",
					     "inuse_space" };
	static const char *const units[] = { "count", "bytes", "count", "bytes" };
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(profile_clear) Pprof__Profile *profile = profile_of(&snapshot, true);

	CHECK_INT(profile->n_sample_type, 4);
	for (size_t i = 0; i < 4; i++) {
		CHECK_STRING(string(profile, profile->sample_type[i]->type), types[i]);
		CHECK_STRING(string(profile, profile->sample_type[i]->unit), units[i]);
	}
	CHECK_STRING(string(profile, 0), "");
	CHECK_STRING(string(profile, profile->default_sample_type), "inuse_space");
	CHECK_STRING(string(profile, profile->period_type->type), "space");
	CHECK_STRING(string(profile, profile->period_type->unit), "bytes");
	CHECK_INT(profile->period, 524288);
	CHECK_INT(profile->time_nanos, 1700000000123456789);
	CHECK_INT(profile->duration_nanos, 0);
	CHECK_INT(profile->n_mapping, 1);
	CHECK(profile->mapping[0]->has_functions && profile->mapping[0]->has_inline_frames);
	CHECK_STRING(string(profile, profile->mapping[0]->filename), "program");
}

TEST("a pprof sample has its four values, object size and type")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(profile_clear) Pprof__Profile *profile = profile_of(&snapshot, true);
	const Pprof__Sample *sample = profile->sample[0];
	static const int64_t values[] = { 100, 1600, 40, 640 };

	CHECK_INT(profile->n_sample, FIXTURE_RECORDS);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(sample->value[i], values[i]);
	CHECK_INT(sample->n_label, 2);
	CHECK_STRING(string(profile, sample->label[0]->key), "bytes");
	CHECK_INT(sample->label[0]->num, 16);
	CHECK_STRING(string(profile, sample->label[1]->key), "type");
	CHECK_STRING(string(profile, sample->label[1]->str), "main.T");
	CHECK_INT(profile->sample[1]->n_label, 1);
}

TEST("pprof locations are physical frames with what is inlined, at the call, without the allocator")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(profile_clear) Pprof__Profile *profile = profile_of(&snapshot, true);

	CHECK_STRING(stack_of(profile, profile->sample[0]),
		     "0x1fff[main.inner:30][main.outer:20] 0x2fff[main.main:10]");
	CHECK_STRING(stack_of(profile, profile->sample[1]),
		     "0x20ff[main.outer:21] 0x2fff[main.main:10]");
	CHECK_STRING(stack_of(profile, profile->sample[2]),
		     "0x4fff[runtime.malg:5] 0x50ff[runtime.newproc1:6]");
	CHECK_STRING(stack_of(profile, profile->sample[3]), "0[(stack not known):0]");
	CHECK_INT(profile->n_location, 6);
	CHECK_INT(profile->n_function, 6);
	CHECK_INT(profile->function[0]->start_line, 29);
}

TEST("a pprof profile of a window has its duration and what was allocated in it")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(profile_clear) Pprof__Profile *profile = profile_of(&snapshot, false);

	CHECK_INT(profile->duration_nanos, 2500000000);
	CHECK_INT(profile->sample[0]->value[0], 10);
	CHECK_INT(profile->sample[0]->value[2], 40);
}

TEST("where what is alive is not known, pprof gets two sample types")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);

	snapshot.has_live = false;
	CLEANUP(profile_clear) Pprof__Profile *profile = profile_of(&snapshot, false);

	CHECK_INT(profile->n_sample_type, 2);
	CHECK_STRING(string(profile, profile->default_sample_type), "alloc_space");
	CHECK_INT(profile->sample[0]->n_value, 2);
	CHECK_INT(profile->sample[0]->value[1], 160);
}

TEST("hiding the runtime can cut an inlined group: the rest is a location of its own")
{
	static const struct fixture_stack cut = {
		2,
		{ FIXTURE_FRAME("runtime.mapassign", 4, 0x2000, true),
		  FIXTURE_FRAME("main.outer", 20, 0x2000, false) }
	};
	struct record records[2] = { fixture_record(1, &cut, NULL, 1, 1, 1),
				     fixture_record(2, &fixture_inlined, NULL, 1, 1, 1) };
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	snapshot.records = records;
	snapshot.record_count = 2;
	CLEANUP(profile_clear) Pprof__Profile *profile = profile_of(&snapshot, false);

	CHECK_STRING(stack_of(profile, profile->sample[0]), "0x1fff[main.outer:20]");
	CHECK_STRING(stack_of(profile, profile->sample[1]),
		     "0x1fff[main.inner:30][main.outer:20] 0x2fff[main.main:10]");
}

TEST("the same snapshot gives the same file")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);

	for (size_t i = 0; exporters[i]; i++) {
		size_t size, size_again;
		char *once AUTO_FREE = fixture_export(exporters[i]->name, &snapshot,
						      VALUE_INUSE_SPACE, true, &size);
		char *again AUTO_FREE = fixture_export(exporters[i]->name, &snapshot,
						       VALUE_INUSE_SPACE, true, &size_again);

		CHECK(size == size_again && !memcmp(once, again, size));
	}
}
