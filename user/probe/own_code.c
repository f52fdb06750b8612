/* The kernel's own list of mappings says it, for a position-independent program as well. */
#include "probe/own_code.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"

int own_code_offset(uint64_t address, uint64_t *ret)
{
	FILE *maps AUTO_FCLOSE = fopen("/proc/self/maps", "re");
	unsigned long long start, end, offset;
	char line[512];

	if (!maps)
		return -errno;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%llx-%llx %*s %llx", &start, &end, &offset) == 3 &&
		    start <= address && address < end) {
			*ret = address - start + offset;
			return 0;
		}
	}
	return -ENOENT;
}
