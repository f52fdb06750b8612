/* Reading /proc/PID: paths, whole small files, links. */
#include "target/process_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PATH_BYTES 64 /* /proc/PID/ and one of our own short names */

static void file_path(pid_t pid, const char *name, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "/proc/%d/%s", (int)pid, name);
}

int process_file_open(pid_t pid, const char *name)
{
	char path[PATH_BYTES];
	int fd;

	file_path(pid, name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool process_file_exists(pid_t pid, const char *name)
{
	char path[PATH_BYTES];
	struct stat status;

	file_path(pid, name, path);
	return lstat(path, &status) == 0;
}

ssize_t process_file_read(pid_t pid, const char *name, char *buffer, size_t size)
{
	AUTO_CLOSE int fd = process_file_open(pid, name);
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return fd;
	while (used < size - 1 && (got = read(fd, buffer + used, size - 1 - used)) != 0) {
		if (got < 0)
			return -errno;
		used += (size_t)got;
	}
	buffer[used] = '\0';
	return (ssize_t)used;
}

int process_file_link(pid_t pid, const char *name, char *buffer, size_t size)
{
	char path[PATH_BYTES];
	ssize_t got;

	file_path(pid, name, path);
	got = readlink(path, buffer, size - 1);
	if (got < 0)
		return -errno;
	buffer[got] = '\0';
	return 0;
}
