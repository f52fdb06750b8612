/* Files come into being under another name, so that no reader ever sees half of one. */
#include "cmd/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"

static bool is_standard(const char *path)
{
	return !strcmp(path, "-");
}

/* Devices and pipes are written in place; there is nothing to rename over. */
static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static char *partial_name(const char *path)
{
	char *name = NULL;

	return asprintf(&name, "%s.partial", path) < 0 ? NULL : name;
}

static int fail(int error, const char *path)
{
	if (is_standard(path))
		return diag_fail(error, "cannot write to standard output");
	return diag_fail(error, "cannot write '%s'", path);
}

int output_check(const char *path)
{
	AUTO_FREE char *partial = NULL;
	struct stat status;
	int fd;

	if (is_standard(path))
		return 0;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return fail(-EISDIR, path);
	if (is_special(path))
		return access(path, W_OK) < 0 ? fail(-errno, path) : 0;
	partial = partial_name(path);
	if (!partial)
		return fail(-ENOMEM, path);
	fd = open(partial, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return fail(-errno, path);
	close(fd);
	unlink(partial);
	return 0;
}

int output_open(const char *path, struct output_file *ret)
{
	AUTO_FREE char *partial = NULL;
	FILE *file = stdout;

	if (!is_standard(path) && !is_special(path)) {
		partial = partial_name(path);
		if (!partial)
			return fail(-ENOMEM, path);
	}
	if (!is_standard(path))
		file = fopen(partial ? partial : path, "we");
	if (!file)
		return fail(-errno, path);
	*ret = (struct output_file){ file, path, TAKE(partial) };
	return 0;
}

/* A stream remembers that a write failed, but not why: one more byte is refused for the same
 * reason. */
static int why_refused(FILE *file)
{
	errno = 0;
	if (fputc('\n', file) != EOF && fflush(file) == 0)
		return -EIO;
	return errno ? -errno : -EIO;
}

/* fclose tells of errors that came late, e.g. over NFS. */
static int end_writing(struct output_file *output, int error)
{
	if (fflush(output->file) == EOF || ferror(output->file))
		error = why_refused(output->file);
	if (output->file != stdout && fclose(output->file) == EOF && error == 0)
		error = -errno;
	output->file = NULL;
	return error;
}

int output_close(struct output_file *output, int error)
{
	AUTO_FREE char *partial = TAKE(output->partial);

	error = end_writing(output, error);
	if (error == 0 && partial && rename(partial, output->path) < 0)
		error = -errno;
	if (error < 0 && partial)
		unlink(partial);
	return error < 0 ? fail(error, output->path) : 0;
}

unsigned int output_columns(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col
										     : 0;
}
