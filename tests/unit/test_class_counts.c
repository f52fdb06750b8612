/* Classes of allocations against runtime/malloc.go and sizeclasses.go, and counts between polls. */
#include "harness/test.h"
#include "model/class_counts.h"
#include "model/unknown.h"

TEST("an allocation is of the class that mallocgc takes it from")
{
	static const struct {
		uint64_t bytes;
		bool pointers, header;
		uint32_t class;
	} rows[] = {
		{ 1, false, true, CLASS_TINY },
		{ 15, false, false, CLASS_TINY },
		{ 16, false, true, 2 },
		{ 8, true, true, 1 },
		{ 9, true, true, 2 },
		{ 17, false, true, 3 },
		{ 512, true, true, 26 },
		{ 513, true, true, 27 },
		{ 1024, false, true, 32 },
		{ 1024, true, false, 32 },
		{ 1024, true, true, 33 },
		{ 32760, false, true, 67 },
		{ 32761, false, true, CLASS_LARGE },
		{ 32768, false, false, 67 },
		{ 32769, true, false, CLASS_LARGE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(class_of_allocation(rows[i].bytes, rows[i].pointers, rows[i].header),
			  rows[i].class);
}

TEST("tiny objects share their block by their aligned size")
{
	CHECK_NEAR(class_object_bytes(CLASS_TINY, 1), 1, 0);
	CHECK_NEAR(class_object_bytes(CLASS_TINY, 3), 3, 0);
	CHECK_NEAR(class_object_bytes(CLASS_TINY, 6), 6, 0);
	CHECK_NEAR(class_object_bytes(CLASS_TINY, 8), 8, 0);
	CHECK_NEAR(class_object_bytes(CLASS_TINY, 12), 16, 0);
	CHECK_NEAR(class_object_bytes(CLASS_LARGE, 50000), 57344, 0);
	CHECK_NEAR(class_object_bytes(6, 60), 64, 0);
}

TEST("counts between two polls: what is in no class went into blocks, and what shrank is not known")
{
	struct size_class before[SIZE_CLASSES] = { 0 }, now[SIZE_CLASSES] = { 0 };
	struct class_counts counts;

	before[3].mallocs = 100;
	now[3].mallocs = 140;
	now[0] = (struct size_class){ .mallocs = 2, .alloc_bytes = 90000 };
	CHECK(class_counts_between(before, 1000, now, 1052, &counts));
	CHECK_NEAR(counts.objects[3], 40, 0);
	CHECK_NEAR(counts.objects[0], 2, 0);
	CHECK_NEAR(counts.objects[CLASS_OF_BLOCKS], 10, 0);
	CHECK_NEAR(counts.bytes[CLASS_LARGE], 90000, 0);
	CHECK(!class_counts_between(before, 1000, now, 1041, &counts));
	CHECK(!class_counts_between(now, 1000, before, 1041, &counts));
	CHECK(!class_counts_between(before, UNKNOWN, now, 1052, &counts));
	before[3].mallocs = UNKNOWN;
	CHECK(!class_counts_between(before, 1000, now, 1052, &counts));
}
