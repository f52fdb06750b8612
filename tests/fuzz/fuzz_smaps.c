/* Text that claims to be /proc/PID/smaps: whatever it says, the mappings are in order and none has
 * more than its size. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "target/mapping_class.h"
#include "target/smaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_lines(struct smaps *smaps, const uint8_t *data, size_t size)
{
	char line[512];

	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) : size;
		size_t copied = length < sizeof(line) - 1 ? length : sizeof(line) - 1;

		memcpy(line, data, copied);
		line[copied] = '\0';
		smaps_add_line(smaps, line);
		length += end != NULL;
		data += length;
		size -= length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smaps smaps = { 0 };

	add_lines(&smaps, data, size);
	for (size_t i = 0; i < smaps.count; i++) {
		const struct smaps_mapping *mapping = &smaps.items[i];

		assert(mapping->start <= mapping->end);
		assert(mapping->rss_bytes <= mapping->end - mapping->start);
		assert(mapping->swap_bytes <= mapping->end - mapping->start);
		assert(i == 0 || smaps.items[i - 1].end <= mapping->start);
		assert(mapping_class(mapping) < RSS_CLASS_COUNT);
		if (i > 0)
			mapping_is_stack(&smaps.items[i - 1], mapping);
	}
	smaps_clear(&smaps);
	return 0;
}
