/*
 * Resident memory taken apart. The kernel says which mappings are resident, the runtime what it
 * uses its own for; the parts sum to what the kernel counts as RSS.
 */
#ifndef MODEL_RSS_H
#define MODEL_RSS_H

#include <stdbool.h>
#include <stdint.h>

/* X(symbol, key, group, what it is). The groups are those of `top`. */
#define RSS_PARTS(X)                                                                               \
	X(HEAP_OBJECTS, "heap_objects", HEAP, "Go objects, dead ones not yet swept included")      \
	X(HEAP_WASTE, "heap_span_waste", HEAP, "free slots and tails of heap spans in use")        \
	X(HEAP_FREE, "heap_free", HEAP, "free heap spans, not returned to the system")             \
	X(HEAP_RETURNED, "heap_returned", HEAP, "returned to the system, yet resident")            \
	X(STACKS, "goroutine_stacks", STACKS, "goroutine stacks")                                  \
	X(RUNTIME_SPANS, "runtime_spans", RUNTIME, "the runtime's span and cache structures")      \
	X(RUNTIME_GC, "runtime_gc", RUNTIME, "the collector's bitmaps and work buffers")           \
	X(RUNTIME_PROFILING, "runtime_profiling", RUNTIME, "profiling buckets")                    \
	X(RUNTIME_OTHER, "runtime_other", RUNTIME, "itabs, finalizers, all else of the runtime")   \
	X(BINARY_TEXT, "binary_text", FILE, "the program's code and read-only data")               \
	X(BINARY_DATA, "binary_data", FILE, "the program's variables")                             \
	X(LIBRARIES, "libraries", FILE, "shared libraries")                                        \
	X(FILES, "files", FILE, "other mapped files")                                              \
	X(SHARED, "shared_memory", OTHER, "shared memory")                                         \
	X(NATIVE, "native", OTHER, "C's heap, other anonymous memory not of Go")                   \
	X(NATIVE_STACKS, "native_stacks", OTHER, "stacks of threads")                              \
	X(REMAINDER, "remainder", OTHER, "what fits none of these")

enum rss_part {
#define RSS_ENUM(symbol, key, group, meaning) RSS_##symbol,
	RSS_PARTS(RSS_ENUM)
#undef RSS_ENUM
		RSS_PART_COUNT
};

enum rss_group {
	RSS_GROUP_HEAP,
	RSS_GROUP_STACKS,
	RSS_GROUP_RUNTIME,
	RSS_GROUP_FILE,
	RSS_GROUP_OTHER
};

const char *rss_part_key(enum rss_part part);
const char *rss_part_meaning(enum rss_part part);
enum rss_group rss_part_group(enum rss_part part);

/* In bytes; UNKNOWN when not known, and then all parts are. */
struct rss {
	int64_t total_bytes; /* the kernel's RSS at the moment of the parts; else of this moment */
	int64_t heap_bytes, stacks_bytes, runtime_bytes, file_bytes, other_bytes; /* the groups */
	int64_t parts[RSS_PART_COUNT];
	/* beside RSS, not in it */
	int64_t page_tables_bytes, swap_bytes;
	/* the kernel named Go's mappings (Go 1.25, CONFIG_ANON_VMA_NAME): what is the runtime's and
	 * what is native was read, not worked out */
	bool named;
};

void rss_init(struct rss *rss); /* everything UNKNOWN */

#endif
