/* Processes by name: all of /proc, compared with comm and with the executable's base name. */
#include <dirent.h>
#include <errno.h>
#include <linux/limits.h> /* not libc's limits.h, which include/limits.h hides */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "target/process.h"
#include "target/process_files.h"

#define DELETED " (deleted)" /* fs/d_path.c appends it to the name of an unlinked file */

static void cleanup_closedir(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static bool executable_is(char *link, const char *name)
{
	size_t length = strlen(link);
	const char *base;

	if (length > strlen(DELETED) && strcmp(link + length - strlen(DELETED), DELETED) == 0)
		link[length - strlen(DELETED)] = '\0';
	base = strrchr(link, '/');
	return strcmp(base ? base + 1 : link, name) == 0;
}

static bool has_name(pid_t pid, const char *name)
{
	char link[PATH_MAX], comm[64];
	int error = process_file_link(pid, "exe", link, sizeof(link));

	if (error == 0 && executable_is(link, name))
		return true;
	/* without a program: kernel threads, zombies; when it is only forbidden, comm still says
	 * who it is, and opening the process will say what is missing */
	if (error < 0 && error != -EACCES && error != -EPERM)
		return false;
	if (process_file_read(pid, "comm", comm, sizeof(comm)) < 0)
		return false;
	comm[strcspn(comm, "\n")] = '\0';
	return strcmp(comm, name) == 0;
}

static pid_t entry_pid(const struct dirent *entry)
{
	char *end;
	long pid = strtol(entry->d_name, &end, 10);

	return *end == '\0' && pid > 0 ? (pid_t)pid : -1;
}

int process_find_by_name(const char *name, pid_t *pids, size_t max)
{
	CLEANUP(cleanup_closedir) DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	if (!proc)
		return diag_fail(-errno, "cannot list /proc");
	while ((entry = readdir(proc))) { /* the kernel lists processes in order of their ids */
		pid_t pid = entry_pid(entry);

		if (pid < 0 || pid == getpid() || !has_name(pid, name))
			continue;
		if (count == max) {
			diag_warn(
				"more than %zu processes are called '%s'; the others are left out",
				max, name);
			break;
		}
		pids[count++] = pid;
	}
	return (int)count;
}
