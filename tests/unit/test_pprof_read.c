/* Foreign profiles: those that the writer makes come back, damaged ones are refused. */
#include "harness/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "export/gunzip.h"
#include "export/pprof_read.h"
#include "judge/functions.h"
#include "unit/export_fixture.h"

DEFINE_CLEANUP(cleanup_profile, struct profile_file, profile_file_close)

static struct profile_file *write_and_read(const struct snapshot *snapshot)
{
	struct profile_file *file = NULL;
	size_t size;
	char *bytes AUTO_FREE = fixture_export("pprof", snapshot, VALUE_ALLOC_SPACE, true, &size);

	CHECK_INT(profile_file_parse((const uint8_t *)bytes, size, "x", &file), 0);
	return file;
}

TEST("a profile that was written comes back sample for sample")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(cleanup_profile) struct profile_file *file = write_and_read(&snapshot);
	const struct snapshot *read = profile_file_snapshot(file);

	CHECK_INT(read->record_count, FIXTURE_RECORDS);
	CHECK_NEAR(read->sampling_rate_bytes, 524288, 0);
	CHECK_INT(read->time_unix_ns, snapshot.time_unix_ns);
	CHECK_INT(profile_file_default(file), VALUE_ALLOC_SPACE);
	for (size_t i = 0; i < FIXTURE_RECORDS; i++) {
		CHECK_NEAR(read->records[i].total.bytes, records[i].total.bytes, 0);
		CHECK_NEAR(read->records[i].live.objects, records[i].live.objects, 0);
		CHECK_INT(read->records[i].object_bytes, 16);
	}
	CHECK_STRING(read->records[0].type, "main.T");
	CHECK_INT(read->records[0].stack->count, 3);
	CHECK_STRING(read->records[0].stack->frames[0].function, "main.inner");
	CHECK(read->records[0].stack->frames[0].inlined);
	CHECK_INT(read->records[0].stack->frames[1].line, 20);
	CHECK(!read->records[0].stack->frames[1].inlined);
	CHECK_INT(read->records[0].stack->frames[2].address, 0x3000);
}

TEST("the samples behind a profile's numbers are those that the runtime took")
{
	static const uint64_t sizes[] = { 16, 4096, 524288, 8 << 20 };

	for (size_t i = 0; i < 4; i++) {
		struct record records[FIXTURE_RECORDS];
		struct snapshot snapshot = fixture_snapshot(records);
		CLEANUP(cleanup_profile) struct profile_file *file = NULL;
		const struct amount *read;

		records[0].object_bytes = sizes[i];
		records[0].total = amount_from_samples(37, sizes[i], 524288);
		file = write_and_read(&snapshot);
		read = &profile_file_snapshot(file)->records[0].total;
		CHECK_INT(read->samples, 37);
		CHECK_NEAR(read->bytes_variance / records[0].total.bytes_variance, 1, 0.05);
	}
}

static void refused(const uint8_t *bytes, size_t size, const char *word)
{
	struct profile_file *file = NULL;
	char text[256] = "";
	int error;

	diag_capture(text, sizeof(text));
	error = profile_file_parse(bytes, size, "x", &file);
	diag_release();
	CHECK(error < 0 && !file);
	if (!strstr(text, word))
		test_fail(__FILE__, __LINE__, "'%s' does not say '%s'", text, word);
}

TEST("a profile that ends anywhere too early is refused")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	size_t size;
	char *bytes AUTO_FREE = fixture_export("pprof", &snapshot, VALUE_ALLOC_SPACE, true, &size);

	for (size_t length = 18; length < size - 8; length += 7)
		refused((const uint8_t *)bytes, length, "ends too early");
	refused((const uint8_t *)"", 0, "not a profile");
	refused((const uint8_t *)"hello, world", 12, "not a profile");
}

/* sample_type { type: 1 }, string_table "", "inuse_space", then what the test adds */
static const uint8_t head[] = { 0x0a, 2,   8,	1,   0x32, 0,	0x32, 11,  'i', 'n',
				'u',  's', 'e', '_', 's',  'p', 'a',  'c', 'e' };

static void refused_with(const char *tail, size_t size, const char *word)
{
	uint8_t bytes[128];

	memcpy(bytes, head, sizeof(head));
	memcpy(bytes + sizeof(head), tail, size);
	refused(bytes, sizeof(head) + size, word);
}

TEST("a profile whose parts do not fit together is refused")
{
	CLEANUP(cleanup_profile) struct profile_file *file = NULL;

	CHECK_INT(profile_file_parse(head, sizeof(head), "x", &file), 0);
	refused_with("\x12\x00", 2, "damaged"); /* a sample without values */
	refused_with("\x12\x06\x0a\x01\x07\x12\x01\x05", 8, "damaged"); /* no location 7 */
	refused_with("\x22\x02\x08\x01\x22\x02\x08\x01", 8, "damaged"); /* two locations 1 */
	refused_with("\x22\x06\x08\x01\x22\x02\x08\x09\x12\x06\x0a\x01\x01\x12\x01\x05", 16,
		     "damaged"); /* a line of function 9, which is not there */
	refused((const uint8_t *)"\x0a\x02\x08\x01\x32\x00\x32\x03"
				 "cpu",
		11, "no heap profile");
}

TEST("what unpacks to more than allowed is refused, and not unpacked")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	uint8_t *plain = NULL;
	size_t size, plain_size = 0;
	char *bytes AUTO_FREE = fixture_export("pprof", &snapshot, VALUE_ALLOC_SPACE, true, &size);

	CHECK_INT(gunzip((const uint8_t *)bytes, size, size, &plain, &plain_size), -E2BIG);
	CHECK(!plain);
	CHECK_INT(gunzip((const uint8_t *)bytes, size, 1 << 20, &plain, &plain_size), 0);
	CHECK(plain_size > 100);
	free(plain);
}

static struct record make_record(const struct fixture_stack *stack, uint64_t samples)
{
	struct record record = { .stack = (const struct stack *)stack, .object_bytes = 4096 };

	record.total = amount_from_samples(samples, 4096, 524288);
	return record;
}

TEST("flat is of the leaf, cum of everything on the stack once, and percentages are of BEFORE")
{
	static const struct fixture_stack direct = { 3,
						     { FIXTURE_FRAME("main.leaf", 1, 1, false),
						       FIXTURE_FRAME("main.loop", 1, 2, false),
						       FIXTURE_FRAME("main.loop", 1, 3, false) } };
	static const struct fixture_stack other = { 1,
						    { FIXTURE_FRAME("main.loop", 1, 2, false) } };
	struct record before[] = { make_record(&direct, 10), make_record(&other, 20) };
	struct record after[] = { make_record(&direct, 60), make_record(&other, 19) };
	struct snapshot sides[SIDES] = { { .records = before, .record_count = 2 },
					 { .records = after, .record_count = 2 } };
	CLEANUP(functions_clear) struct function_table table = { 0 };
	double leaf = after[0].total.bytes - before[0].total.bytes;
	double own = after[1].total.bytes - before[1].total.bytes;

	CHECK_INT(functions_compare(&sides[0], &sides[1], VALUE_ALLOC_SPACE, &table), 0);
	CHECK_INT(table.count, 2);
	CHECK_STRING(table.rows[0].name, "main.leaf");
	CHECK_NEAR(table.rows[0].flat_delta, leaf, 0);
	CHECK_NEAR(table.rows[0].cum_delta, leaf, 0);
	CHECK_INT(table.rows[0].change, CHANGE_GROWN);
	CHECK_STRING(table.rows[1].name, "main.loop");
	CHECK_NEAR(table.rows[1].flat_delta, own, 0);
	CHECK_NEAR(table.rows[1].cum_delta, leaf + own, 0);
	CHECK_INT(table.rows[1].change, CHANGE_SAME);
	CHECK_NEAR(table.total, before[0].total.bytes + before[1].total.bytes, 0);
}

TEST("a differential profile has the base taken off and marked as pprof marks it")
{
	struct record records[FIXTURE_RECORDS], base_records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	struct snapshot base = fixture_snapshot(base_records);
	struct export_options options = {
		.value = VALUE_ALLOC_SPACE, .from_start = true, .base = &base, .base_scale = 0.5
	};
	CLEANUP(cleanup_profile) struct profile_file *file = NULL;
	char *bytes AUTO_FREE = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	CHECK_INT(exporter_find("pprof", NULL)->write(out, &snapshot, &options), 0);
	fclose(out);
	CHECK_INT(profile_file_parse((const uint8_t *)bytes, size, "x", &file), 0);
	CHECK_INT(profile_file_snapshot(file)->record_count, 2 * FIXTURE_RECORDS);
	for (size_t i = 0; i < FIXTURE_RECORDS; i++) {
		const struct record *taken =
			&profile_file_snapshot(file)->records[FIXTURE_RECORDS + i];

		CHECK_NEAR(taken->total.bytes, -base_records[i].total.bytes / 2, 0.5);
		CHECK_NEAR(taken->live.bytes, -base_records[i].live.bytes, 0);
	}
}
