/* Output files: complete or absent. */
#include "cmd/write_profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"

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

int write_profile_check(const char *path)
{
	AUTO_FREE char *partial = NULL;
	struct stat status;
	int fd;

	if (!strcmp(path, "-"))
		return 0;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return diag_fail(-EISDIR, "cannot write '%s'", path);
	if (is_special(path))
		return access(path, W_OK) < 0 ? diag_fail(-errno, "cannot write '%s'", path) : 0;
	partial = partial_name(path);
	if (!partial)
		return diag_fail(-ENOMEM, "cannot write '%s'", path);
	fd = open(partial, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return diag_fail(-errno, "cannot write '%s'", path);
	close(fd);
	unlink(partial);
	return 0;
}

/* Exporters know that the stream failed, errno still says why. */
static int write_to(FILE *out, const struct exporter *exporter, const struct snapshot *snapshot,
		    const struct export_options *options)
{
	int error;

	errno = 0;
	error = exporter->write(out, snapshot, options);
	if (fflush(out) == EOF || ferror(out))
		error = errno ? -errno : -EIO;
	return error;
}

static int write_in_place(const char *path, const struct exporter *exporter,
			  const struct snapshot *snapshot, const struct export_options *options)
{
	AUTO_FCLOSE FILE *file = NULL;
	int error;

	if (!strcmp(path, "-")) {
		error = write_to(stdout, exporter, snapshot, options);
		return error < 0 ? diag_fail(error, "cannot write to standard output") : 0;
	}
	file = fopen(path, "we");
	if (!file)
		return diag_fail(-errno, "cannot write '%s'", path);
	error = write_to(file, exporter, snapshot, options);
	return error < 0 ? diag_fail(error, "cannot write '%s'", path) : 0;
}

int write_profile(const char *path, const struct exporter *exporter,
		  const struct snapshot *snapshot, const struct export_options *options)
{
	AUTO_FREE char *partial = NULL;
	FILE *file;
	int error;

	if (!strcmp(path, "-") || is_special(path))
		return write_in_place(path, exporter, snapshot, options);
	partial = partial_name(path);
	if (!partial)
		return diag_fail(-ENOMEM, "cannot write '%s'", path);
	file = fopen(partial, "we");
	if (!file)
		return diag_fail(-errno, "cannot write '%s'", path);
	error = write_to(file, exporter, snapshot, options);
	if (fclose(file) == EOF && error == 0)
		error = -errno;
	if (error == 0 && rename(partial, path) < 0)
		error = -errno;
	if (error < 0) {
		unlink(partial);
		return diag_fail(error, "cannot write '%s'", path);
	}
	return 0;
}
