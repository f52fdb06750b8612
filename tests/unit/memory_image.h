/* A made-up process: bytes at an address, written by the test, read through the interface that real
 * memory has. */
#ifndef TESTS_UNIT_MEMORY_IMAGE_H
#define TESTS_UNIT_MEMORY_IMAGE_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "target/memory.h"

#define IMAGE_BASE  0x100000U
#define IMAGE_BYTES (4U << 16)

struct memory_image {
	uint8_t bytes[IMAGE_BYTES];
	unsigned int calls;			     /* so far: one is one system call */
	void (*on_call)(struct memory_image *image); /* before each, or NULL */
	void (*on_piece)(struct memory_image *image);
	void *context;
};

static inline int image_read(void *context, const struct memory_piece *pieces, size_t count)
{
	struct memory_image *image = context;

	image->calls++;
	if (image->on_call)
		image->on_call(image);
	for (size_t i = 0; i < count; i++) {
		uint64_t offset = pieces[i].address - IMAGE_BASE;

		if (offset > IMAGE_BYTES || pieces[i].length > IMAGE_BYTES - offset)
			return -EFAULT;
		if (image->on_piece)
			image->on_piece(image);
		memcpy(pieces[i].buffer, image->bytes + offset, pieces[i].length);
	}
	return 0;
}

static inline struct memory image_memory(struct memory_image *image)
{
	return (struct memory){ .read = image_read, .context = image };
}

/* The lowest `bytes` bytes of a value at an address of the process. */
static inline void image_put(struct memory_image *image, uint64_t address, uint64_t value,
			     size_t bytes)
{
	memcpy(image->bytes + (address - IMAGE_BASE), &value, bytes);
}

static inline uint64_t image_get(const struct memory_image *image, uint64_t address, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, image->bytes + (address - IMAGE_BASE), bytes);
	return value;
}

#endif
