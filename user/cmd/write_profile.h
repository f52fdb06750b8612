/* Writing a snapshot into a file of one of the export formats. */
#ifndef CMD_WRITE_PROFILE_H
#define CMD_WRITE_PROFILE_H

#include "exporter.h"

/*
 * Writes it whole or not at all, as cmd/output_file.h says. 0 or a negative errno, reported.
 */
int write_profile(const char *path, const struct exporter *exporter,
		  const struct snapshot *snapshot, const struct export_options *options);

#endif
