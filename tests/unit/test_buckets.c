/* The bucket list in made-up memory, where each way to be wrong can be written down, and in a live
 * program that goes on sampling. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/announce.h"
#include "limits.h"
#include "memory_image.h"
#include "target/buckets.h"
#include "target/target.h"

DEFINE_CLEANUP(cleanup_reader, struct bucket_reader, bucket_reader_free)

#define HEAD   IMAGE_BASE /* runtime.mbuckets */
#define FIRST  (IMAGE_BASE + 0x1000)
#define SECOND (IMAGE_BASE + 0x2000)
#define THIRD  (IMAGE_BASE + 0x3000)

static const struct layout with_bytes = {
	.mem_record_bytes = 128,
	.mem_record_future = 32,
	.mem_record_cycle_bytes = 32,
};
static const struct layout counts_only = {
	.mem_record_bytes = 64,
	.mem_record_future = 16,
	.mem_record_cycle_bytes = 16,
};

static struct memory_image image;

static void begin(void)
{
	memset(&image, 0, sizeof(image));
}

/* runtime.bucket: next, allnext, typ, hash, size, nstk; pc number i of it is its address + i. */
static void put_bucket(uint64_t address, uint64_t next, uint64_t size, uint64_t stack_count)
{
	image_put(&image, address + 8, next, 8);
	image_put(&image, address + 16, 1, 8);
	image_put(&image, address + 32, size, 8);
	image_put(&image, address + 40, stack_count, 8);
	for (uint64_t i = 0; i < stack_count; i++)
		image_put(&image, address + 48 + 8 * i, address + i, 8);
}

/* One cycle of the record: 0 is the active one, 1 to 3 the futures. */
static void put_cycle(const struct layout *layout, uint64_t address, uint64_t cycle,
		      uint64_t allocs, uint64_t frees)
{
	uint64_t size = image_get(&image, address + 32, 8);
	uint64_t at = address + 48 + 8 * image_get(&image, address + 40, 8) +
		      cycle * (uint64_t)layout->mem_record_cycle_bytes;

	image_put(&image, at, allocs, 8);
	image_put(&image, at + 8, frees, 8);
	if (layout->mem_record_cycle_bytes == 32) {
		image_put(&image, at + 16, allocs * size, 8);
		image_put(&image, at + 24, frees * size, 8);
	}
}

struct polled {
	const struct raw_bucket *buckets;
	size_t count;
	uint64_t invalid; /* of this poll */
};

static struct polled poll(struct bucket_reader *reader)
{
	struct polled polled = { 0 };

	CHECK_INT(bucket_reader_poll(reader, &polled.buckets, &polled.count, &polled.invalid), 0);
	return polled;
}

static void check_bucket(const struct raw_bucket *bucket, uint64_t address, uint64_t size,
			 uint32_t depth, uint64_t allocs, uint64_t frees)
{
	CHECK_INT(bucket->address, address);
	CHECK_INT(bucket->object_bytes, size);
	CHECK_INT(bucket->pc_count, depth);
	for (uint32_t i = 0; i < depth; i++)
		CHECK_INT(bucket->pcs[i], address + i);
	CHECK_INT(bucket->allocs, allocs);
	CHECK_INT(bucket->frees, frees);
}

static void check_sums(const struct layout *layout)
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = NULL;
	struct polled polled;

	begin();
	image_put(&image, HEAD, SECOND, 8);
	put_bucket(SECOND, FIRST, 4096, 0);
	put_bucket(FIRST, 0, 48, 3);
	put_cycle(layout, FIRST, 0, 100, 70);
	put_cycle(layout, FIRST, 1, 20, 5);
	put_cycle(layout, FIRST, 2, 3, 0);
	put_cycle(layout, FIRST, 3, 0, 2);
	put_cycle(layout, SECOND, 3, 1, 0);
	CHECK_INT(bucket_reader_new(&memory, layout, HEAD, &reader), 0);
	polled = poll(reader);
	CHECK_INT(polled.invalid, 0);
	CHECK_INT(polled.count, 2);
	check_bucket(&polled.buckets[0], FIRST, 48, 3, 123, 77);
	check_bucket(&polled.buckets[1], SECOND, 4096, 0, 1, 0);
}

TEST("a bucket's counts are the active ones and the three futures, oldest bucket first")
{
	check_sums(&with_bytes);
	check_sums(&counts_only);
}

static struct bucket_reader *one_bucket(struct memory *memory, const struct layout *layout)
{
	struct bucket_reader *reader = NULL;

	begin();
	image_put(&image, HEAD, FIRST, 8);
	put_bucket(FIRST, 0, 16, 2);
	put_cycle(layout, FIRST, 0, 10, 1);
	CHECK_INT(bucket_reader_new(memory, layout, HEAD, &reader), 0);
	return reader;
}

TEST("a bucket that is new at the head comes last, and all others keep their place")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &counts_only);
	struct polled polled = poll(reader);

	CHECK_INT(polled.count, 1);
	put_bucket(SECOND, FIRST, 32, 4);
	put_bucket(THIRD, SECOND, 64, 1);
	put_cycle(&counts_only, FIRST, 0, 11, 6);
	put_cycle(&counts_only, THIRD, 2, 5, 5);
	image_put(&image, HEAD, THIRD, 8);
	polled = poll(reader);
	CHECK_INT(polled.count, 3);
	CHECK_INT(polled.invalid, 0);
	check_bucket(&polled.buckets[0], FIRST, 16, 2, 11, 6);
	check_bucket(&polled.buckets[1], SECOND, 32, 4, 0, 0);
	check_bucket(&polled.buckets[2], THIRD, 64, 1, 5, 5);
}

/* Bytes of active that do not fit its count: FIRST has 2 pcs. */
static void tear(uint64_t off_by)
{
	image_put(&image, FIRST + 48 + 16 + 16, 12 * 16 + off_by, 8);
}

TEST("a record that stays torn keeps its last good counts, is counted, and mends")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &with_bytes);
	struct polled polled = poll(reader);

	check_bucket(&polled.buckets[0], FIRST, 16, 2, 10, 1);
	put_cycle(&with_bytes, FIRST, 0, 12, 4);
	tear(16);
	polled = poll(reader);
	CHECK_INT(polled.invalid, 1);
	check_bucket(&polled.buckets[0], FIRST, 16, 2, 10, 1);
	tear(0);
	polled = poll(reader);
	CHECK_INT(polled.invalid, 0);
	check_bucket(&polled.buckets[0], FIRST, 16, 2, 12, 4);
}

/* Torn at first, whole from the `*context`th call on. */
static void mend(struct memory_image *of)
{
	if (of->calls == *(unsigned int *)of->context)
		tear(0);
}

TEST("a record that is torn for a moment is read again and believed")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &with_bytes);
	unsigned int first_calls, mended;
	struct polled polled = poll(reader);

	image.calls = 0;
	poll(reader);
	first_calls = image.calls;
	mended = first_calls + 1; /* the call after those of a poll without trouble */
	put_cycle(&with_bytes, FIRST, 0, 12, 4);
	tear(16);
	image.calls = 0;
	image.context = &mended;
	image.on_call = mend;
	polled = poll(reader);
	CHECK_INT(image.calls, mended);
	CHECK_INT(polled.invalid, 0);
	check_bucket(&polled.buckets[0], FIRST, 16, 2, 12, 4);
}

TEST("more frees than allocations are no record")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &counts_only);
	struct polled polled;

	put_cycle(&counts_only, FIRST, 0, 3, 4);
	polled = poll(reader);
	CHECK_INT(polled.invalid, 1);
	check_bucket(&polled.buckets[0], FIRST, 16, 2, 0, 0);
}

TEST("new buckets in a circle are left out, and leaving them out takes no long search")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &counts_only);
	struct polled polled = poll(reader);

	put_bucket(SECOND, THIRD, 32, 1);
	put_bucket(THIRD, SECOND, 32, 1);
	image_put(&image, HEAD, SECOND, 8);
	image.calls = 0;
	polled = poll(reader);
	CHECK_INT(polled.invalid, 1);
	CHECK_INT(polled.count, 1);
	check_bucket(&polled.buckets[0], FIRST, 16, 2, 10, 1);
	CHECK(image.calls < 8);
	put_bucket(THIRD, FIRST, 32, 1);
	polled = poll(reader);
	CHECK_INT(polled.invalid, 0);
	CHECK_INT(polled.count, 3);
}

TEST("a bucket that is its own next is a circle, too")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &counts_only);
	struct polled polled;

	put_bucket(FIRST, FIRST, 32, 1);
	polled = poll(reader);
	CHECK_INT(polled.invalid, 1);
	CHECK_INT(polled.count, 0);
}

/* Writes 8 bytes into a new second bucket and expects that the first stays all there is. */
static void check_refused(uint64_t offset, uint64_t value)
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &counts_only);
	struct polled polled = poll(reader);

	put_bucket(SECOND, FIRST, 32, 1);
	image_put(&image, SECOND + offset, value, 8);
	image_put(&image, HEAD, SECOND, 8);
	polled = poll(reader);
	CHECK_INT(polled.count, 1);
	CHECK_INT(polled.invalid, 1);
}

TEST("what is no memory bucket is refused: its type, its depth, its size, its next")
{
	check_refused(16, 2); /* a block profile's */
	check_refused(16, 0);
	check_refused(40, LIMIT_STACK_FRAMES + 1);
	check_refused(40, UINT64_MAX / 8);
	check_refused(32, UINT64_MAX);
	check_refused(8, FIRST + 4);
	check_refused(8, 0xffff800000000000);
}

TEST("the deepest stack there can be is read whole")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &counts_only);
	struct polled polled;

	put_bucket(SECOND, FIRST, 8, LIMIT_STACK_FRAMES);
	put_cycle(&counts_only, SECOND, 1, 9, 8);
	image_put(&image, HEAD, SECOND, 8);
	polled = poll(reader);
	CHECK_INT(polled.count, 2);
	check_bucket(&polled.buckets[1], SECOND, 8, LIMIT_STACK_FRAMES, 9, 8);
}

TEST("a list head that is misaligned counts as invalid, one to nowhere is an error")
{
	struct memory memory = image_memory(&image);
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &counts_only);
	struct polled polled;

	image_put(&image, HEAD, FIRST + 1, 8);
	polled = poll(reader);
	CHECK_INT(polled.count, 0);
	CHECK_INT(polled.invalid, 1);
	image_put(&image, HEAD, 0x7f0000000000, 8);
	CHECK_INT(bucket_reader_poll(reader, &polled.buckets, &polled.count, &polled.invalid),
		  -EFAULT);
	image_put(&image, HEAD, FIRST, 8);
	polled = poll(reader);
	CHECK_INT(polled.count, 1);
}

TEST("a record of a shape that no version has is not read")
{
	struct memory memory = image_memory(&image);
	struct layout layout = { .mem_record_bytes = 160, .mem_record_cycle_bytes = 40 };
	struct bucket_reader *reader CLEANUP(cleanup_reader) = one_bucket(&memory, &layout);
	struct polled polled;

	CHECK_INT(bucket_reader_poll(reader, &polled.buckets, &polled.count, &polled.invalid),
		  -ENOTSUP);
}

/* ---- live ---- */

struct live {
	struct target *target;
	uint64_t *allocs; /* of each bucket, when it was last seen */
	size_t count;
};

static void cleanup_live(struct live *live)
{
	target_free(live->target);
	free(live->allocs);
}

/* Sums up what was allocated; no bucket's count is ever less than before. */
static uint64_t poll_live(struct live *live)
{
	const struct bucket *buckets;
	uint64_t invalid, sum = 0;
	size_t count;

	EXPECT(target_buckets(live->target, &buckets, &count, &invalid) == 0, "no buckets");
	EXPECT(count >= live->count, "%zu buckets after %zu", count, live->count);
	live->allocs = realloc(live->allocs, (count + 1) * sizeof(*live->allocs));
	CHECK(live->allocs);
	for (size_t i = 0; i < count; i++) {
		uint64_t before = i < live->count ? live->allocs[i] : 0;

		EXPECT(buckets[i].allocs >= before, "bucket %zu fell from %" PRIu64 " to %" PRIu64,
		       i, before, buckets[i].allocs);
		EXPECT(buckets[i].frees <= buckets[i].allocs, "more deaths than births");
		live->allocs[i] = buckets[i].allocs;
		sum += buckets[i].allocs;
	}
	live->count = count;
	return sum;
}

static uint64_t told_allocs(const char *json)
{
	uint64_t sum = 0;

	while ((json = strstr(json, "\"alloc_objects\":"))) {
		sum += announce_number(json, "alloc_objects");
		json++;
	}
	return sum;
}

/* The runtime still allocates at times when the program rests (a thread is 5 KB), which its own
 * records have only after the next collection: they are compared until both say the same. */
static void check_live(void)
{
	char ready[256];
	struct live live __attribute__((cleanup(cleanup_live))) = { 0 };
	AUTO_PROGRAM struct program program = announce_start("ANNOUNCE_RATE=4096", ready);
	int error = target_open(program.pid, &live.target);
	uint64_t before, after = 0;

	if (error == -EACCES || error == -EPERM)
		test_skip("no right to trace a process here");
	EXPECT(error == 0, "cannot be opened: %d", error);
	before = poll_live(&live);
	program_ask(&program, "churn 2000 3 0");
	for (int i = 0; i < 300 || (after < before + 100 && i < 100000); i++)
		after = poll_live(&live);
	EXPECT(after >= before + 100, "%" PRIu64 " samples and no more", after - before);
	program_ask(&program, "stop");
	before = 0;
	for (int i = 0; i < 50 && after != before; i++) {
		program_ask(&program, "gc");
		after = poll_live(&live);
		before = told_allocs(program_ask(&program, "records"));
	}
	EXPECT(after == before, "%" PRIu64 " samples, not %" PRIu64, after, before);
}

TEST("while a program samples, no count falls; at rest they are its own records")
{
	announce_each("stripped", check_live);
}
