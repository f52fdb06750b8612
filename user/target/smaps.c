/* A line either begins a mapping, in the format of /proc/PID/maps, or says one number of the last
 * one: "Rss:     4 kB". */
#include "target/smaps.h"

#include <errno.h>
#include <linux/limits.h> /* not libc's limits.h, which include/limits.h hides */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "target/process_files.h"

void smaps_clear(struct smaps *smaps)
{
	free(smaps->items);
	*smaps = (struct smaps){ 0 };
}

static bool parse_mapping(const char *line, struct smaps_mapping *ret)
{
	unsigned long long start, end, inode;
	unsigned int major, minor;
	char flags[5];
	int name = 0;

	if (sscanf(line, "%llx-%llx %4s %*x %x:%x %llu %n", &start, &end, flags, &major, &minor,
		   &inode, &name) != 6 ||
	    !name || strlen(flags) != 4 || end <= start)
		return false;
	*ret = (struct smaps_mapping){
		.start = start,
		.end = end,
		.inode = inode,
		.device = major << 20 | (minor & 0xfffff),
		.readable = flags[0] == 'r',
		.writable = flags[1] == 'w',
		.executable = flags[2] == 'x',
		.shared = flags[3] == 's',
	};
	snprintf(ret->name, sizeof(ret->name), "%s", line + name);
	return true;
}

/* Never more than the mapping has, so that what comes of damaged text stays a number of bytes. */
static void parse_number(const char *line, struct smaps_mapping *mapping)
{
	unsigned long long kib;
	uint64_t bytes;
	char key[24];

	if (sscanf(line, "%23[A-Za-z_]: %llu kB", key, &kib) != 2)
		return;
	bytes = kib <= (mapping->end - mapping->start) >> 10 ? kib << 10
							     : mapping->end - mapping->start;
	if (strcmp(key, "Rss") == 0)
		mapping->rss_bytes = bytes;
	else if (strcmp(key, "Swap") == 0)
		mapping->swap_bytes = bytes;
}

void smaps_add_line(struct smaps *smaps, const char *line)
{
	struct smaps_mapping mapping;

	if (!parse_mapping(line, &mapping)) {
		if (smaps->count > 0 && !smaps->left_out)
			parse_number(line, &smaps->items[smaps->count - 1]);
		return;
	}
	/* a process that maps while it is read can have a mapping come twice */
	if (smaps->count > 0 && mapping.start < smaps->items[smaps->count - 1].end)
		mapping.start = smaps->items[smaps->count - 1].end;
	if (mapping.start >= mapping.end) /* its numbers must not go to the one before */
		mapping = (struct smaps_mapping){ .start = mapping.start, .end = mapping.start };
	if (VEC_RESERVE(smaps, smaps->count + 1, LIMIT_MAPPINGS) < 0) {
		smaps->left_out++;
		return;
	}
	smaps->items[smaps->count++] = mapping;
}

int smaps_read(pid_t pid, struct smaps *ret)
{
	AUTO_CLOSE int fd = process_file_open(pid, "smaps");
	AUTO_FCLOSE FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[PATH_MAX + 128];

	if (!file)
		return fd < 0 ? fd : -errno;
	TAKE_FD(fd);
	ret->count = 0;
	ret->left_out = 0;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		smaps_add_line(ret, line);
	}
	return ferror(file) ? -errno : 0;
}
