/*
 * /proc/PID/smaps: every mapping of a process with how much of it is resident
 * (Documentation/filesystems/proc.rst). The kernel walks the page tables of the process for it and
 * holds its mmap_lock meanwhile, one buffer of a few mappings at a time.
 */
#ifndef TARGET_SMAPS_H
#define TARGET_SMAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct smaps_mapping {
	uint64_t start, end;
	uint64_t inode;	 /* 0: of no file */
	uint32_t device; /* major << 20 | minor */
	bool readable, writable, executable, shared;
	uint64_t rss_bytes, swap_bytes;
	char name[256]; /* cut; "[heap]", "[anon: Go: heap]", a path, or "" */
};

/* Zero-initialised is empty. In order of addresses. */
struct smaps {
	struct smaps_mapping *items;
	size_t count, capacity;
	uint64_t left_out; /* mappings beyond LIMIT_MAPPINGS, or for which there was no memory */
};

/* 0 or a negative errno, silent: -ENOENT and -ESRCH when the process has ended. What a line says
 * that is not understood is passed over. */
int smaps_read(pid_t pid, struct smaps *ret);
/* Adds one line of the file, without its end: for smaps_read and the fuzz target. */
void smaps_add_line(struct smaps *smaps, const char *line);
void smaps_clear(struct smaps *smaps);

#endif
