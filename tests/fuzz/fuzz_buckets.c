/* The bucket list in hostile memory: cycles, depths without end, pointers to nowhere. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "limits.h"
#include "fuzz/image.h"
#include "target/buckets.h"

#define BASE IMAGE_BASE /* its first word is mbuckets */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_all(const struct raw_bucket *buckets, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		assert(buckets[i].pc_count <= LIMIT_STACK_FRAMES);
		assert(buckets[i].allocs >= buckets[i].frees);
		for (uint32_t k = 0; k < buckets[i].pc_count; k++)
			sum ^= buckets[i].pcs[k]; /* every pc can be read */
	}
	__asm__ volatile("" : : "r"(sum));
}

static void poll_twice(const struct image *image, const struct layout *layout)
{
	struct memory memory = { .read = read_image, .context = (void *)image };
	struct bucket_reader *reader = NULL;
	const struct raw_bucket *buckets = NULL;
	uint64_t invalid = 0;
	size_t count = 0, before = 0;

	if (bucket_reader_new(&memory, layout, BASE, &reader) < 0)
		return;
	for (int i = 0; i < 2; i++) {
		if (bucket_reader_poll(reader, &buckets, &count, &invalid) < 0)
			continue;
		check_all(buckets, count);
		assert(count >= before);
		before = count;
	}
	bucket_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = { data, size };
	struct layout layout = { .mem_record_bytes = 128,
				 .mem_record_future = 32,
				 .mem_record_cycle_bytes = 32 };

	poll_twice(&image, &layout);
	layout.mem_record_bytes = 64;
	layout.mem_record_future = layout.mem_record_cycle_bytes = 16;
	poll_twice(&image, &layout);
	return 0;
}
