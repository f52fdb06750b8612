/* The itab table in hostile memory: sizes that are none, counts beyond them, pointers to nowhere.
 */
#include <assert.h>
#include <stdint.h>

#include "fuzz/image.h"
#include "limits.h"
#include "target/itabs.h"

#define VARIABLE IMAGE_BASE /* the first word of the input is runtime.itabTable */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_all(const struct raw_itab *itabs, size_t count)
{
	assert(count <= LIMIT_ITABS);
	for (size_t i = 0; i < count; i++) {
		assert(itabs[i].address % 8 == 0);
		assert(itabs[i].interface && itabs[i].type);
		for (size_t k = 0; k < i && k < 64; k++)
			assert(itabs[k].address != itabs[i].address);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = { data, size };
	struct memory memory = { .read = read_image, .context = &image };
	const struct layout layout = { .itab_table_count = 8 };
	const struct raw_itab *itabs = NULL;
	struct itab_reader *reader = NULL;
	size_t count = 0, before = 0;
	uint64_t lost;

	if (itab_reader_new(&memory, &layout, VARIABLE, &reader) < 0)
		return 0;
	for (int i = 0; i < 2; i++) {
		if (itab_reader_poll(reader, &itabs, &count, &lost) < 0)
			continue;
		check_all(itabs, count);
		assert(count >= before);
		before = count;
	}
	itab_reader_free(reader);
	return 0;
}
