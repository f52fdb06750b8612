/* One 64-bit word per page, read in batches that later questions about the same addresses reuse. */
#include "target/pagemap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "target/process_files.h"

#define PRESENT	  (1ULL << 63)
#define EXCLUSIVE (1ULL << 56) /* mapped once; since Linux 4.2 */

int pagemap_open(pid_t pid, struct pagemap *ret)
{
	int fd = process_file_open(pid, "pagemap");

	ret->fd = fd < 0 ? -1 : fd;
	ret->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	ret->count = 0;
	return fd < 0 ? fd : 0;
}

void pagemap_close(struct pagemap *pagemap)
{
	if (pagemap->fd >= 0)
		close(pagemap->fd);
	pagemap->fd = -1;
	pagemap->count = 0;
}

void pagemap_load(struct pagemap *pagemap, uint64_t start, uint64_t end)
{
	uint64_t pages = (end - start + pagemap->page_bytes - 1) / pagemap->page_bytes;
	uint64_t index = start / pagemap->page_bytes;
	ssize_t got;

	if (pages > PAGEMAP_BATCH)
		pages = PAGEMAP_BATCH;
	got = pread(pagemap->fd, pagemap->entries, pages * sizeof(pagemap->entries[0]),
		    (off_t)(index * sizeof(pagemap->entries[0])));
	pagemap->first = index * pagemap->page_bytes;
	pagemap->count = got > 0 ? (size_t)got / sizeof(pagemap->entries[0]) : 0;
}

static bool holds(const struct pagemap *pagemap, uint64_t address)
{
	return address >= pagemap->first &&
	       address - pagemap->first < pagemap->count * pagemap->page_bytes;
}

uint64_t pagemap_resident(struct pagemap *pagemap, uint64_t start, uint64_t end)
{
	uint64_t bytes = 0;

	for (uint64_t at = start; at < end;) {
		uint64_t next = (at / pagemap->page_bytes + 1) * pagemap->page_bytes;
		uint64_t entry;

		if (!holds(pagemap, at))
			pagemap_load(pagemap, at, end);
		if (!holds(pagemap, at))
			break;
		entry = pagemap->entries[(at - pagemap->first) / pagemap->page_bytes];
		if (next > end)
			next = end;
		if ((entry & PRESENT) && (entry & EXCLUSIVE))
			bytes += next - at;
		at = next;
	}
	return bytes;
}
