/*
 * How the books are joined with what is resident, and how that errs.
 *
 * In the arenas, the state of every page is read, so stacks, free and returned memory are measured.
 * Only objects and waste share pages. Waste is taken as the books have it, and objects are the rest
 * of what is resident: an object that was never written to (a ballast, a large buffer) is in the
 * books but not in memory. So objects are low by those parts of waste that were never touched: the
 * tails of spans that are being filled, at most a span per size class and P.
 *
 * Outside of them, what is at known addresses is measured as well. What is not (mark bits, the hash
 * table of profiling, trace buffers) is anonymous memory like C's, and the only bound is what the
 * books have beyond the known: that much of it is taken for the runtime's, the rest for native. So
 * a program that calls C has its native memory low by at most what the runtime has mapped there but
 * never touched, and a program without C has none that is really Go's, unless the runtime maps
 * memory that is not in its books. Where the kernel keeps the names that Go 1.25 gives to its
 * mappings, none of this is needed.
 */
#include "model/rss_split.h"

#include <stddef.h>

#include "model/unknown.h"

/* buckhashArray of runtime/mprof.go: 179999 pointers, in all versions. Allocated at once, and a
 * page of it is touched only when a bucket is entered there. */
#define BUCKET_TABLE_BYTES (179999 * 8)
#define BUCKET_BYTES_MIN   128 /* header, a short stack and the smallest record: 48 + 16 + 64 */
#define PAGE_BYTES	   4096

static int64_t at_least_zero(int64_t bytes)
{
	return bytes > 0 ? bytes : 0;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Moves up to `wanted` bytes from *pool. */
static int64_t draw(int64_t *pool, int64_t wanted)
{
	int64_t bytes = lesser(*pool, at_least_zero(wanted));

	*pool -= bytes;
	return bytes;
}

static void split_heap(const struct rss_resident *resident, const struct memstats *books,
		       int64_t work_buffers, struct rss *ret)
{
	int64_t spans = resident->bytes[RSS_CLASS_SPANS];
	int64_t manual = resident->bytes[RSS_CLASS_MANUAL];

	ret->parts[RSS_HEAP_WASTE] = draw(&spans, books->heap_inuse - books->heap_alloc);
	ret->parts[RSS_HEAP_OBJECTS] = spans;
	ret->parts[RSS_HEAP_FREE] = resident->bytes[RSS_CLASS_FREE];
	ret->parts[RSS_HEAP_RETURNED] = resident->bytes[RSS_CLASS_RETURNED];
	/* work buffers are used from end to end, stacks often in their upper half only */
	ret->parts[RSS_RUNTIME_GC] = draw(&manual, work_buffers);
	ret->parts[RSS_STACKS] = manual;
}

/* What the books have outside of the arenas. */
struct accounts {
	int64_t spans, gc, buckets, table, other;
};

static struct accounts accounts_of(const struct memstats *books, int64_t work_buffers)
{
	int64_t profiling = at_least_zero(books->buckhash_sys), buckets, pages;
	struct accounts accounts = {
		.spans = at_least_zero(books->mspan_sys) + at_least_zero(books->mcache_sys),
		.gc = at_least_zero(at_least_zero(books->gc_sys) - work_buffers),
		.other = at_least_zero(books->other_sys) +
			 at_least_zero(books->stack_sys - books->stack_inuse),
	};

	accounts.buckets = buckets = at_least_zero(profiling - BUCKET_TABLE_BYTES);
	pages = (buckets + BUCKET_BYTES_MIN - 1) / BUCKET_BYTES_MIN;
	accounts.table = lesser(profiling - buckets, pages * PAGE_BYTES);
	return accounts;
}

/* Bump-allocated and never freed: all but the ends of the newest chunks is touched. */
static void split_persistent(int64_t bytes, const struct accounts *accounts, struct rss *ret)
{
	ret->parts[RSS_RUNTIME_SPANS] += draw(&bytes, accounts->spans);
	ret->parts[RSS_RUNTIME_PROFILING] += draw(&bytes, accounts->buckets);
	ret->parts[RSS_RUNTIME_OTHER] += bytes;
}

/* What the books have at addresses that are not known, the surest to be touched first: *pool is
 * left with what they do not explain. */
static void split_unplaced(int64_t *pool, const struct rss_resident *resident,
			   const struct accounts *accounts, struct rss *ret)
{
	int64_t placed_other =
		resident->persistent_mapped_bytes - accounts->spans - accounts->buckets;

	ret->parts[RSS_RUNTIME_GC] += draw(pool, accounts->gc - resident->index_mapped_bytes);
	ret->parts[RSS_RUNTIME_OTHER] += draw(pool, accounts->other - at_least_zero(placed_other));
	ret->parts[RSS_RUNTIME_PROFILING] += draw(pool, accounts->table);
	/* chunks whose address was not learnt */
	ret->parts[RSS_RUNTIME_SPANS] += draw(pool, lesser(-placed_other, accounts->spans));
}

static void split_runtime(const struct rss_resident *resident, const struct accounts *accounts,
			  struct rss *ret)
{
	int64_t named = resident->bytes[RSS_CLASS_GO];
	int64_t anonymous = resident->bytes[RSS_CLASS_ANONYMOUS];

	ret->parts[RSS_RUNTIME_GC] += resident->bytes[RSS_CLASS_INDEX];
	split_persistent(resident->bytes[RSS_CLASS_PERSISTENT], accounts, ret);
	split_unplaced(resident->named ? &named : &anonymous, resident, accounts, ret);
	ret->parts[RSS_RUNTIME_OTHER] += named;
	ret->parts[RSS_NATIVE] += anonymous;
}

static void split_others(const struct rss_resident *resident, struct rss *ret)
{
	static const struct {
		enum rss_part part;
		enum rss_class class;
	} same[] = {
		{ RSS_BINARY_TEXT, RSS_CLASS_TEXT },
		{ RSS_BINARY_DATA, RSS_CLASS_DATA },
		{ RSS_LIBRARIES, RSS_CLASS_LIBRARY },
		{ RSS_FILES, RSS_CLASS_FILE },
		{ RSS_SHARED, RSS_CLASS_SHARED },
		{ RSS_NATIVE, RSS_CLASS_NATIVE },
		{ RSS_NATIVE_STACKS, RSS_CLASS_NATIVE_STACK },
		{ RSS_REMAINDER, RSS_CLASS_REMAINDER },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		ret->parts[same[i].part] += resident->bytes[same[i].class];
}

static void sum_groups(struct rss *rss)
{
	int64_t *const groups[] = {
		[RSS_GROUP_HEAP] = &rss->heap_bytes,	   [RSS_GROUP_STACKS] = &rss->stacks_bytes,
		[RSS_GROUP_RUNTIME] = &rss->runtime_bytes, [RSS_GROUP_FILE] = &rss->file_bytes,
		[RSS_GROUP_OTHER] = &rss->other_bytes,
	};

	rss->total_bytes = 0;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		*groups[i] = 0;
	for (int part = 0; part < RSS_PART_COUNT; part++) {
		*groups[rss_part_group((enum rss_part)part)] += rss->parts[part];
		rss->total_bytes += rss->parts[part];
	}
}

void rss_split(const struct rss_resident *resident, const struct memstats *books, struct rss *ret)
{
	int64_t work_buffers = at_least_zero(resident->work_buffers_bytes);
	struct accounts accounts = accounts_of(books, work_buffers);

	rss_init(ret);
	ret->page_tables_bytes = resident->page_tables_bytes;
	ret->swap_bytes = resident->swap_bytes;
	ret->named = resident->named;
	if (books->heap_alloc == UNKNOWN || books->heap_inuse == UNKNOWN)
		return;
	for (int part = 0; part < RSS_PART_COUNT; part++)
		ret->parts[part] = 0;
	split_heap(resident, books, work_buffers, ret);
	split_runtime(resident, &accounts, ret);
	split_others(resident, ret);
	sum_groups(ret);
}
