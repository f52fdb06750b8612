/* The input of a fuzz target as the memory of a process: its first byte is at IMAGE_BASE. */
#ifndef TESTS_FUZZ_IMAGE_H
#define TESTS_FUZZ_IMAGE_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "target/memory.h"

#define IMAGE_BASE 0x10000U

struct image {
	const uint8_t *data;
	size_t size;
};

static inline int read_image(void *context, const struct memory_piece *pieces, size_t count)
{
	const struct image *image = context;

	for (size_t i = 0; i < count; i++) {
		uint64_t offset = pieces[i].address - IMAGE_BASE;

		if (offset > image->size || pieces[i].length > image->size - offset)
			return -EFAULT;
		memcpy(pieces[i].buffer, image->data + offset, pieces[i].length);
	}
	return 0;
}

#endif
