/* The names are those of the kernel's show_map_vma() (fs/proc/task_mmu.c). */
#include "target/mapping_class.h"

#include <stdio.h>
#include <string.h>

#include "model/unknown.h"
#include "target/process_files.h"

/* glibc protects one page below a stack, musl two; a program may ask for more. */
#define GUARD_BYTES_MAX (64U << 10)
/* ARCH_STACK_DEFAULT_SIZE of glibc: used where there is no limit */
#define STACK_BYTES_UNLIMITED (2U << 20)

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool mapping_is_named_by_go(const struct smaps_mapping *mapping)
{
	return begins(mapping->name, "[anon: Go: ");
}

static enum rss_class file_class(const struct smaps_mapping *mapping)
{
	static const char *const memory[] = { "/dev/shm/", "/SYSV", "/memfd:", "/dev/zero" };

	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
		if (begins(mapping->name, memory[i]))
			return RSS_CLASS_SHARED;
	}
	return mapping->executable || strstr(mapping->name, ".so") ? RSS_CLASS_LIBRARY
								   : RSS_CLASS_FILE;
}

enum rss_class mapping_class(const struct smaps_mapping *mapping)
{
	const char *name = mapping->name;

	if (mapping->inode)
		return file_class(mapping);
	if (mapping->shared || begins(name, "[anon_shmem:"))
		return RSS_CLASS_SHARED;
	if (!*name)
		return RSS_CLASS_ANONYMOUS;
	if (begins(name, "[stack"))
		return RSS_CLASS_NATIVE_STACK;
	if (mapping_is_named_by_go(mapping))
		return RSS_CLASS_GO;
	/* [anon:...]: some allocator of C names its own */
	return begins(name, "[heap]") || begins(name, "[anon:") ? RSS_CLASS_NATIVE
								: RSS_CLASS_REMAINDER;
}

/*
 * The kernel knows no stacks of threads (it named them until 4.5). They are anonymous memory right
 * above a guard that nobody may touch, and larger ones of their neighbours may be merged with them.
 * Other memory that has a small guard below it is mistaken for one: allocators that debug.
 */
bool mapping_is_stack(const struct smaps_mapping *before, const struct smaps_mapping *mapping)
{
	bool guard = !before->readable && !before->writable && !before->executable &&
		     before->end - before->start <= GUARD_BYTES_MAX;

	return guard && before->end == mapping->start && mapping->readable && mapping->writable &&
	       mapping_class(mapping) == RSS_CLASS_ANONYMOUS &&
	       mapping_class(before) == RSS_CLASS_ANONYMOUS;
}

uint64_t thread_stack_bytes(pid_t pid)
{
	static const char key[] = "Max stack size";
	unsigned long long bytes;
	char text[4096];
	const char *line;

	if (process_file_read(pid, "limits", text, sizeof(text)) < 0)
		return STACK_BYTES_UNLIMITED;
	line = strstr(text, key);
	if (!line || sscanf(line + strlen(key), " %llu", &bytes) != 1)
		return STACK_BYTES_UNLIMITED;
	return bytes;
}

int64_t page_tables_bytes(pid_t pid)
{
	char text[4096];
	unsigned long long kib;
	const char *line;

	if (process_file_read(pid, "status", text, sizeof(text)) < 0)
		return UNKNOWN;
	line = strstr(text, "\nVmPTE:");
	if (!line || sscanf(line, " VmPTE: %llu kB", &kib) != 1)
		return UNKNOWN;
	return (int64_t)(kib << 10);
}
