/* Type descriptors in hostile memory: types made of themselves, names and fields without end. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "limits.h"
#include "fuzz/image.h"
#include "target/type_text.h"

#define BASE IMAGE_BASE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first half is the module's types section, the rest is heap: names of both kinds of types. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = { data, size };
	struct memory memory = { .read = read_image, .context = &image };
	struct type_reader reader = { &memory, BASE, BASE + size / 2 };
	static const size_t rooms[] = { 1, 2, 16, LIMIT_NAME_BYTES };
	static char text[LIMIT_NAME_BYTES];

	for (uint64_t offset = 0; offset < size && offset < 512; offset += 8) {
		for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
			memset(text, 'x', sizeof(text));
			if (type_name_of(&reader, BASE + offset, 0, text, rooms[i]) == 0)
				assert(memchr(text, 0, rooms[i]));
		}
	}
	return 0;
}
