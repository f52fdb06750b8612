/*
 * The allocation entry points. Through Go 1.26 that is runtime.mallocgc alone. Since 1.27, and in
 * 1.26 with GOEXPERIMENT=sizespecializedmalloc, compiled code calls functions made for one size
 * class each, and mallocgc passes small requests on to them (runtime/malloc.go mallocgc,
 * malloc_generated.go, malloc_tables_generated.go):
 *
 *	          with pointers      without             tiny (< 16 bytes, without)    up to
 *	1.26 X:   ...ScanNoHeaderSC  ...NoScanSC 2..26   mallocgcTinySize 1..15        512 bytes
 *	1.27      1..N, N = 7        ...NoScanSC 2..7    mallocgcTinySC2                80 bytes
 *
 * So what there is, and up to which size, is read off the functions that the binary has.
 */
#include "target/allocators.h"

#include <errno.h>
#include <stdio.h>

#include "target/counters.h"

#define CLASSES	     26 /* of the objects without a header: 512 bytes */
#define TINY_SIZES   15
#define NAME_BYTES   64
#define FIRST_SCAN   1
#define FIRST_NOSCAN (FIRST_SCAN + CLASSES)
#define FIRST_TINY   (FIRST_NOSCAN + CLASSES)
#define TINY_CLASS   (FIRST_TINY + TINY_SIZES)
#define CANDIDATES   (TINY_CLASS + 1)

/* All functions looked for: index 0 is mallocgc, then class c at FIRST_x + c - 1. */
struct candidates {
	char names[CANDIDATES][NAME_BYTES];
	const char *pointers[CANDIDATES];
	struct go_function found[CANDIDATES];
};

static void name_series(struct candidates *candidates, int first, int count, const char *prefix)
{
	for (int i = 0; i < count; i++)
		snprintf(candidates->names[first + i], NAME_BYTES, "runtime.mallocgc%s%d", prefix,
			 i + 1);
}

static void search(const struct go_binary *binary, struct candidates *candidates)
{
	snprintf(candidates->names[0], NAME_BYTES, "runtime.mallocgc");
	name_series(candidates, FIRST_SCAN, CLASSES, "SmallScanNoHeaderSC");
	name_series(candidates, FIRST_NOSCAN, CLASSES, "SmallNoScanSC");
	name_series(candidates, FIRST_TINY, TINY_SIZES, "TinySize");
	snprintf(candidates->names[TINY_CLASS], NAME_BYTES, "runtime.mallocgcTinySC2");
	for (int i = 0; i < CANDIDATES; i++)
		candidates->pointers[i] = candidates->names[i];
	go_binary_find_functions(binary, candidates->pointers, CANDIDATES, candidates->found);
}

static int count_found(const struct candidates *candidates, int first, int count)
{
	int found = 0;

	for (int i = 0; i < count; i++)
		found += candidates->found[first + i].name != NULL;
	return found;
}

/* Whether the functions of the series are those with the numbers from `low` to `high`. */
static bool is_series(const struct candidates *candidates, int first, int count, int low, int high)
{
	return count_found(candidates, first, count) == high - low + 1 &&
	       count_found(candidates, first + low - 1, high - low + 1) == high - low + 1;
}

/* Class 1 (8 bytes) without pointers is always tiny. */
static bool is_whole_set(const struct candidates *candidates, int classes)
{
	int tiny_sizes = count_found(candidates, FIRST_TINY, TINY_SIZES);
	int tiny_class = count_found(candidates, TINY_CLASS, 1);

	return classes >= 2 && is_series(candidates, FIRST_SCAN, CLASSES, 1, classes) &&
	       is_series(candidates, FIRST_NOSCAN, CLASSES, 2, classes) &&
	       ((tiny_sizes == TINY_SIZES && !tiny_class) || (!tiny_sizes && tiny_class));
}

int allocators_find(const struct go_binary *binary, struct allocators *ret)
{
	struct candidates candidates = { 0 };
	int classes;

	search(binary, &candidates);
	*ret = (struct allocators){ .general = candidates.found[0] };
	if (count_found(&candidates, 1, CANDIDATES - 1) == 0)
		return 0;
	classes = count_found(&candidates, FIRST_SCAN, CLASSES);
	if (!is_whole_set(&candidates, classes))
		return -ENOTSUP;
	ret->sized_max_bytes = size_class_bytes[classes];
	for (int i = 1; i < CANDIDATES; i++) {
		if (candidates.found[i].name)
			ret->sized[ret->sized_count++] = candidates.found[i];
	}
	return 0;
}
