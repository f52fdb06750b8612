/* The split, with round numbers: what is measured stays, what is not goes by the books. */
#include "harness/test.h"
#include "model/rss_split.h"
#include "model/unknown.h"

#define KIB		   1024LL
#define MIB		   (1024 * KIB)
#define BUCKET_TABLE_BYTES (179999 * 8)

/* 100 MiB of objects and 20 of waste, in books; 1 MiB of work buffers. */
static struct memstats books(void)
{
	struct memstats memstats = {
		.heap_alloc = 100 * MIB,
		.heap_inuse = 120 * MIB,
		.stack_inuse = 8 * MIB,
		.stack_sys = 9 * MIB,
		.mspan_sys = 2 * MIB,
		.mcache_sys = 1 * MIB,
		.buckhash_sys = BUCKET_TABLE_BYTES + 1 * MIB,
		.gc_sys = 11 * MIB,
		.other_sys = 3 * MIB,
	};

	return memstats;
}

static struct rss split(const struct rss_resident *resident, const struct memstats *memstats)
{
	int64_t resident_sum = 0, sum = 0;
	struct rss rss;

	rss_split(resident, memstats, &rss);
	for (int class = 0; class < RSS_CLASS_COUNT; class ++)
		resident_sum += resident->bytes[class];
	for (int part = 0; part < RSS_PART_COUNT; part++) {
		CHECK(rss.parts[part] >= 0);
		sum += rss.parts[part];
	}
	CHECK_INT(rss.total_bytes, resident_sum);
	CHECK_INT(sum, resident_sum);
	CHECK_INT(rss.heap_bytes + rss.stacks_bytes + rss.runtime_bytes + rss.file_bytes +
			  rss.other_bytes,
		  sum);
	return rss;
}

TEST("in the arenas, waste is what the books say and objects are the rest that is resident")
{
	struct memstats memstats = books();
	struct rss_resident resident = {
		.bytes = { [RSS_CLASS_SPANS] = 119 * MIB,
			   [RSS_CLASS_MANUAL] = 6 * MIB,
			   [RSS_CLASS_FREE] = 5 * MIB,
			   [RSS_CLASS_RETURNED] = 2 * MIB },
		.work_buffers_bytes = 1 * MIB,
	};
	struct rss rss = split(&resident, &memstats);

	CHECK_INT(rss.parts[RSS_HEAP_OBJECTS], 99 * MIB);
	CHECK_INT(rss.parts[RSS_HEAP_WASTE], 20 * MIB);
	CHECK_INT(rss.parts[RSS_HEAP_FREE], 5 * MIB);
	CHECK_INT(rss.parts[RSS_HEAP_RETURNED], 2 * MIB);
	CHECK_INT(rss.parts[RSS_STACKS], 5 * MIB);
	CHECK_INT(rss.parts[RSS_RUNTIME_GC], 1 * MIB);
	CHECK_INT(rss.heap_bytes, 126 * MIB);
}

TEST("less than the waste of the books is all waste")
{
	struct memstats memstats = books();
	struct rss_resident resident = { .bytes = { [RSS_CLASS_SPANS] = 7 * MIB } };
	struct rss rss = split(&resident, &memstats);

	CHECK_INT(rss.parts[RSS_HEAP_WASTE], 7 * MIB);
	CHECK_INT(rss.parts[RSS_HEAP_OBJECTS], 0);
}

TEST("what is allocated for good is spans, then buckets, then all else")
{
	struct memstats memstats = books();
	struct rss_resident resident = { .bytes = { [RSS_CLASS_PERSISTENT] = 6 * MIB },
					 .persistent_mapped_bytes = 6 * MIB };
	struct rss rss = split(&resident, &memstats);

	CHECK_INT(rss.parts[RSS_RUNTIME_SPANS], 3 * MIB);
	CHECK_INT(rss.parts[RSS_RUNTIME_PROFILING], 1 * MIB);
	CHECK_INT(rss.parts[RSS_RUNTIME_OTHER], 2 * MIB);
}

TEST("memory without a name is the runtime's up to what its books have elsewhere, then native")
{
	struct memstats memstats = books();
	/* of the books' 11 + 3 + 1 MiB, 6 and 2 are in known places; the table adds its size */
	struct rss_resident resident = {
		.bytes = { [RSS_CLASS_ANONYMOUS] = 200 * MIB },
		.index_mapped_bytes = 6 * MIB,
		.persistent_mapped_bytes = 6 * MIB,
		.work_buffers_bytes = 1 * MIB,
	};
	struct rss rss = split(&resident, &memstats);

	CHECK_INT(rss.parts[RSS_RUNTIME_GC], 4 * MIB);
	CHECK_INT(rss.parts[RSS_RUNTIME_OTHER], 2 * MIB);
	CHECK_INT(rss.parts[RSS_RUNTIME_PROFILING], BUCKET_TABLE_BYTES);
	CHECK_INT(rss.parts[RSS_NATIVE], 194 * MIB - BUCKET_TABLE_BYTES);
}

TEST("an empty table of profiling explains no memory, since no page of it was touched")
{
	struct memstats memstats = { .heap_alloc = 0,
				     .heap_inuse = 0,
				     .buckhash_sys = BUCKET_TABLE_BYTES };
	struct rss_resident resident = { .bytes = { [RSS_CLASS_ANONYMOUS] = 1 * MIB } };
	struct rss rss = split(&resident, &memstats);

	CHECK_INT(rss.parts[RSS_RUNTIME_PROFILING], 0);
	CHECK_INT(rss.parts[RSS_NATIVE], 1 * MIB);
}

TEST("where the kernel names Go's mappings, those are the runtime's and the others native")
{
	struct memstats memstats = books();
	struct rss_resident resident = {
		.bytes = { [RSS_CLASS_ANONYMOUS] = 30 * MIB, [RSS_CLASS_GO] = 40 * MIB },
		.named = true,
	};
	struct rss rss = split(&resident, &memstats);

	CHECK_INT(rss.parts[RSS_NATIVE], 30 * MIB);
	CHECK_INT(rss.runtime_bytes, 40 * MIB);
	CHECK(rss.named);
}

TEST("all other classes are parts by themselves")
{
	struct memstats memstats = books();
	struct rss_resident resident = {
		.bytes = { [RSS_CLASS_TEXT] = 1,
			   [RSS_CLASS_DATA] = 2,
			   [RSS_CLASS_LIBRARY] = 3,
			   [RSS_CLASS_FILE] = 4,
			   [RSS_CLASS_SHARED] = 5,
			   [RSS_CLASS_NATIVE] = 6,
			   [RSS_CLASS_NATIVE_STACK] = 7,
			   [RSS_CLASS_REMAINDER] = 8 },
	};
	struct rss rss = split(&resident, &memstats);

	CHECK_INT(rss.parts[RSS_BINARY_TEXT], 1);
	CHECK_INT(rss.parts[RSS_LIBRARIES], 3);
	CHECK_INT(rss.parts[RSS_NATIVE_STACKS], 7);
	CHECK_INT(rss.file_bytes, 10);
	CHECK_INT(rss.other_bytes, 26);
}

TEST("without the books no part is known, and nothing is invented")
{
	struct memstats memstats = { .heap_alloc = UNKNOWN, .heap_inuse = UNKNOWN };
	struct rss_resident resident = { .bytes = { [RSS_CLASS_SPANS] = MIB } };
	struct rss rss;

	rss_split(&resident, &memstats, &rss);
	CHECK_INT(rss.total_bytes, UNKNOWN);
	for (int part = 0; part < RSS_PART_COUNT; part++)
		CHECK_INT(rss.parts[part], UNKNOWN);
}
