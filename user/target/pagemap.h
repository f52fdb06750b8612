/*
 * /proc/PID/pagemap: which pages are resident (Documentation/admin-guide/mm/pagemap.rst). Needs the
 * same rights as the memory.
 */
#ifndef TARGET_PAGEMAP_H
#define TARGET_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGEMAP_BATCH 16384 /* pages that are read at once: 64 MiB */

struct pagemap {
	int fd; /* -1: not open */
	uint64_t page_bytes;
	uint64_t entries[PAGEMAP_BATCH];
	uint64_t first; /* address of entries[0] */
	size_t count;	/* valid entries */
};

/* 0 or a negative errno, silent. */
int pagemap_open(pid_t pid, struct pagemap *ret);
void pagemap_close(struct pagemap *pagemap);

/* Reads what is to be asked for soon: the first batch of [start, end). */
void pagemap_load(struct pagemap *pagemap, uint64_t start, uint64_t end);

/* Bytes of [start, end) that are resident and belong to no other process, as anonymous memory does:
 * the page of zeroes, which is read before anything is written, is not counted, nor is it in RSS.
 * 0 where the file cannot be read. */
uint64_t pagemap_resident(struct pagemap *pagemap, uint64_t start, uint64_t end);

#endif
