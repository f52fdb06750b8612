/* The itab table in made-up memory: each way to be wrong, and a table that is replaced while it is
 * read. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "limits.h"
#include "target/itabs.h"
#include "unit/memory_image.h"

DEFINE_CLEANUP(cleanup_reader, struct itab_reader, itab_reader_free)
#define AUTO_READER CLEANUP(cleanup_reader)

#define VARIABLE IMAGE_BASE /* runtime.itabTable */
#define TABLE	 (IMAGE_BASE + 0x100)
#define LARGER	 (IMAGE_BASE + 0x1000)
#define ITABS	 (IMAGE_BASE + 0x8000)
#define TYPES	 (IMAGE_BASE + 0x20000)

static const struct layout layout = { .itab_table_count = 8 };
static struct memory_image image;

static void put_head(uint64_t table, uint64_t size, uint64_t count)
{
	image_put(&image, table, size, 8);
	image_put(&image, table + 8, count, 8);
}

static uint64_t itab_address(uint64_t number)
{
	return ITABS + 64 * number;
}

/* Number `number` in slot `slot`: interface and type are told from the number. */
static void put_itab(uint64_t table, uint64_t slot, uint64_t number, bool failed)
{
	uint64_t address = itab_address(number);

	image_put(&image, table + 16 + 8 * slot, address, 8);
	image_put(&image, address, TYPES + 8 * number, 8);
	image_put(&image, address + 8, TYPES + 0x1000 + 8 * number, 8);
	image_put(&image, address + 24, failed ? 0 : 0x401000, 8);
}

static void begin(struct memory *memory, struct itab_reader **ret)
{
	memset(&image, 0, sizeof(image));
	image_put(&image, VARIABLE, TABLE, 8);
	put_head(TABLE, 16, 3);
	put_itab(TABLE, 3, 1, false);
	put_itab(TABLE, 9, 2, true);
	put_itab(TABLE, 15, 3, false);
	*memory = image_memory(&image);
	CHECK_INT(itab_reader_new(memory, &layout, VARIABLE, ret), 0);
}

struct polled {
	const struct raw_itab *itabs;
	size_t count;
	uint64_t lost;
};

static struct polled poll(struct itab_reader *reader)
{
	struct polled polled = { 0 };

	CHECK_INT(itab_reader_poll(reader, &polled.itabs, &polled.count, &polled.lost), 0);
	return polled;
}

static int poll_error(struct itab_reader *reader)
{
	struct polled polled;

	return itab_reader_poll(reader, &polled.itabs, &polled.count, &polled.lost);
}

TEST("every entry of the itab table is read, the failed ones are told, and later ones are appended")
{
	AUTO_READER struct itab_reader *reader = NULL;
	struct memory memory;
	struct polled polled;

	begin(&memory, &reader);
	polled = poll(reader);
	CHECK_INT(polled.count, 3);
	CHECK_INT(polled.lost, 0);
	for (uint64_t i = 0; i < 3; i++) {
		CHECK_INT(polled.itabs[i].address, itab_address(i + 1));
		CHECK_INT(polled.itabs[i].interface, TYPES + 8 * (i + 1));
		CHECK_INT(polled.itabs[i].type, TYPES + 0x1000 + 8 * (i + 1));
		CHECK(polled.itabs[i].failed == (i == 1));
	}
	put_itab(TABLE, 0, 4, false); /* before all the others */
	polled = poll(reader);
	CHECK_INT(polled.count, 4);
	CHECK_INT(polled.itabs[3].address, itab_address(4));
	CHECK_INT(polled.itabs[0].address, itab_address(1));
}

TEST("a larger table in the place of the old one adds what is new in it")
{
	AUTO_READER struct itab_reader *reader = NULL;
	struct memory memory;

	begin(&memory, &reader);
	CHECK_INT(poll(reader).count, 3);
	put_head(LARGER, 32, 4);
	for (uint64_t i = 1; i <= 4; i++)
		put_itab(LARGER, 7 * i, i, i == 2);
	image_put(&image, VARIABLE, LARGER, 8);
	CHECK_INT(poll(reader).count, 4);
}

/* The old table is used for something else as soon as there is a new one. */
static void replace_meanwhile(struct memory_image *now)
{
	if (now->calls != 3)
		return;
	put_head(LARGER, 32, 2);
	put_itab(LARGER, 5, 6, false);
	put_itab(LARGER, 6, 7, false);
	image_put(now, VARIABLE, LARGER, 8);
	memset(now->bytes + (TABLE - IMAGE_BASE), 0x5a, 0x200);
}

TEST("a table that is replaced while it is read is read again, and nothing of the old one is kept")
{
	AUTO_READER struct itab_reader *reader = NULL;
	struct memory memory;
	struct polled polled;

	begin(&memory, &reader);
	image.on_call = replace_meanwhile;
	polled = poll(reader);
	CHECK_INT(polled.count, 2);
	CHECK_INT(polled.lost, 0);
	CHECK_INT(polled.itabs[0].address, itab_address(6));
}

/* Ever another table: none comes back within the calls of one look. */
#define TABLES 7
static uint64_t other_table(unsigned int number)
{
	return LARGER + 0x200 * (number % TABLES);
}

static void replace_always(struct memory_image *now)
{
	image_put(now, VARIABLE, other_table(now->calls), 8);
}

TEST("a table that is replaced all the time is given up, without a trace of it")
{
	AUTO_READER struct itab_reader *reader = NULL;
	struct memory memory;

	begin(&memory, &reader);
	for (unsigned int i = 0; i < TABLES; i++) {
		put_head(other_table(i), 16, 1);
		put_itab(other_table(i), 1, 9, false);
	}
	image.on_call = replace_always;
	CHECK_INT(poll_error(reader), -EAGAIN);
	image.on_call = NULL;
	image_put(&image, VARIABLE, TABLE, 8);
	CHECK_INT(poll(reader).count, 3);
}

TEST("what makes no sense in an itab table is counted, and the rest is read")
{
	AUTO_READER struct itab_reader *reader = NULL;
	struct memory memory;
	struct polled polled;

	begin(&memory, &reader);
	image_put(&image, TABLE + 16 + 8 * 4, 12, 8);				/* low */
	image_put(&image, TABLE + 16 + 8 * 5, itab_address(5) + 4, 8);		/* not aligned */
	image_put(&image, TABLE + 16 + 8 * 6, IMAGE_BASE + 2 * IMAGE_BYTES, 8); /* not there */
	put_itab(TABLE, 7, 7, false);
	image_put(&image, itab_address(7), 3, 8);		   /* no interface */
	image_put(&image, TABLE + 16 + 8 * 8, itab_address(1), 8); /* twice */
	polled = poll(reader);
	CHECK_INT(polled.count, 3);
	CHECK_INT(polled.lost, 4);
	CHECK_INT(poll(reader).lost, 4); /* of that reading, not the sum */
}

TEST("what is no itab table is refused")
{
	static const struct {
		uint64_t size, count;
	} heads[] = { { 0, 0 }, { 12, 3 }, { 16, 17 }, { ~0ULL, 1 } };
	AUTO_READER struct itab_reader *reader = NULL;
	struct memory memory;

	begin(&memory, &reader);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		put_head(TABLE, heads[i].size, heads[i].count);
		CHECK_INT(poll_error(reader), -EBADMSG);
	}
	put_head(TABLE, 1ULL << 40, 3); /* more than is kept, and than there is */
	CHECK_INT(poll_error(reader), -EFAULT);
	image_put(&image, VARIABLE, 1, 8);
	CHECK_INT(poll_error(reader), -EBADMSG);
	image_put(&image, VARIABLE, IMAGE_BASE + 2 * IMAGE_BYTES, 8);
	CHECK_INT(poll_error(reader), -EFAULT);
}
