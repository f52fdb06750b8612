/* Writing a snapshot into a file of one of the export formats. */
#ifndef CMD_WRITE_PROFILE_H
#define CMD_WRITE_PROFILE_H

#include "exporter.h"

/*
 * Checks that `path` could be written, before anything is observed. "-" is standard output. 0 or a
 * negative errno, reported.
 */
int write_profile_check(const char *path);

/*
 * Writes it whole or not at all: a regular file appears under its name only when it is complete. 0
 * or a negative errno, reported.
 */
int write_profile(const char *path, const struct exporter *exporter,
		  const struct snapshot *snapshot, const struct export_options *options);

#endif
