/*
 * From resident bytes by place to resident bytes by purpose. Where the place says the purpose, that
 * is all; where it does not, the runtime's own books do: MemStats.
 */
#ifndef MODEL_RSS_SPLIT_H
#define MODEL_RSS_SPLIT_H

#include "model/memstats.h"
#include "model/rss.h"

/* Where resident bytes were found. Every resident byte is in one class. */
enum rss_class {
	/* in Go's arenas, by what the page allocator says of the page */
	RSS_CLASS_SPANS,    /* of a span with objects */
	RSS_CLASS_MANUAL,   /* of a span that the runtime took for itself: stacks, work buffers */
	RSS_CLASS_FREE,	    /* free, not returned */
	RSS_CLASS_RETURNED, /* free, returned */
	/* the runtime's other memory, at addresses that it keeps */
	RSS_CLASS_INDEX,      /* of arenas and pages: accounted as GCSys, if at all */
	RSS_CLASS_PERSISTENT, /* what is never freed: spans, mcaches, buckets, itabs, ... */
	RSS_CLASS_GO,	      /* named by the runtime, without saying more */
	RSS_CLASS_ANONYMOUS,  /* the runtime's or C's: not told by the address */
	/* all others */
	RSS_CLASS_TEXT,
	RSS_CLASS_DATA,
	RSS_CLASS_LIBRARY,
	RSS_CLASS_FILE,
	RSS_CLASS_SHARED,
	RSS_CLASS_NATIVE,
	RSS_CLASS_NATIVE_STACK,
	RSS_CLASS_REMAINDER,
	RSS_CLASS_COUNT
};

struct rss_resident {
	int64_t bytes[RSS_CLASS_COUNT];
	/* Mapped bytes, resident or not, of what is found at known addresses and is in the books.
	 */
	int64_t index_mapped_bytes, persistent_mapped_bytes;
	int64_t work_buffers_bytes; /* of GCSys: in the arenas, in manual spans; UNKNOWN when not
				       read */
	int64_t page_tables_bytes, swap_bytes; /* UNKNOWN when not read */
	bool named; /* the runtime names its mappings: RSS_CLASS_ANONYMOUS is not its own */
};

/*
 * The parts sum to the bytes of `resident` exactly. Fields of `books` that are UNKNOWN count as 0,
 * except that nothing can be said without HeapAlloc and HeapInuse: all parts are UNKNOWN then.
 */
void rss_split(const struct rss_resident *resident, const struct memstats *books, struct rss *ret);

#endif
