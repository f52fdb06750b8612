/*
 * Where the executable lies in the process.
 *
 * The first source is the auxiliary vector, in which the kernel noted at exec where it had put the
 * entry point (AT_ENTRY): no names, no devices, so overlay file systems, deleted and renamed files,
 * and a second mapping of the same file cannot mislead it. It is readable by the process's own user
 * and with CAP_DAC_READ_SEARCH only. With CAP_SYS_PTRACE alone there is still /proc/PID/maps: the
 * mapping of the executable's first bytes, known by device and inode, or, where an overlay shows
 * another device there than fstat(2) gives, by the same name as the link /proc/PID/exe.
 */
#include <elf.h>
#include <errno.h>
#include <linux/limits.h> /* not libc's limits.h, which include/limits.h hides */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"
#include "target/process.h"
#include "target/process_files.h"

static int bias_by_entry(const struct process *process, uint64_t *ret)
{
	char buffer[4096]; /* the kernel's vector has about 25 entries of 16 bytes */
	ssize_t got = process_file_read(process_pid(process), "auxv", buffer, sizeof(buffer));
	Elf64_auxv_t item;
	Elf64_Ehdr header;

	if (got < 0)
		return (int)got;
	if (pread(process_executable(process), &header, sizeof(header), 0) != sizeof(header))
		return -EIO;
	for (size_t at = 0; at + sizeof(item) <= (size_t)got; at += sizeof(item)) {
		memcpy(&item, buffer + at, sizeof(item));
		if (item.a_type == AT_ENTRY) {
			*ret = item.a_un.a_val - header.e_entry;
			return 0;
		}
	}
	return -ENOENT;
}

struct mapping {
	unsigned long long start, offset, inode;
	unsigned int major, minor;
	const char *name;
};

/* A line of /proc/PID/maps: start-end perms offset major:minor inode   name (Documentation/
 * filesystems/proc.rst). */
static bool mapping_parse(char *line, struct mapping *ret)
{
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%llx-%*x %*4s %llx %x:%x %llu %n", &ret->start, &ret->offset, &ret->major,
		   &ret->minor, &ret->inode, &name) != 5 ||
	    !name)
		return false;
	ret->name = line + name;
	return true;
}

/* 2: certainly the executable; 1: has its name; 0: something else. */
static int mapping_rank(const struct mapping *mapping, const struct stat *file, const char *label)
{
	if (mapping->inode == file->st_ino && mapping->major == major(file->st_dev) &&
	    mapping->minor == minor(file->st_dev))
		return 2;
	return strcmp(mapping->name, label) == 0;
}

static int bias_by_maps(const struct process *process, uint64_t address, uint64_t offset,
			uint64_t *ret)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	AUTO_CLOSE int fd = process_file_open(process_pid(process), "maps");
	AUTO_FCLOSE FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	char line[PATH_MAX + 128];
	struct mapping mapping;
	struct stat file;
	int best = 0;

	if (!maps)
		return fd < 0 ? fd : -errno;
	TAKE_FD(fd);
	if (fstat(process_executable(process), &file) < 0)
		return -errno;
	for (int lines = 0; lines < LIMIT_MAPPINGS && fgets(line, sizeof(line), maps); lines++) {
		if (!mapping_parse(line, &mapping) || mapping.offset != (offset & ~(page - 1)))
			continue;
		int rank = mapping_rank(&mapping, &file, process_executable_label(process));

		if (rank > best) {
			best = rank;
			*ret = mapping.start - (address & ~(page - 1));
		}
	}
	return best ? 0 : -ENOENT;
}

int process_load_bias(const struct process *process, uint64_t first_segment_address,
		      uint64_t first_segment_offset, uint64_t *ret)
{
	if (bias_by_entry(process, ret) == 0)
		return 0;
	if (bias_by_maps(process, first_segment_address, first_segment_offset, ret) == 0)
		return 0;
	return diag_fail(-ENOENT, "process %d: '%s' is not in its memory map",
			 (int)process_pid(process), process_executable_label(process));
}
