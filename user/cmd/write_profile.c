/* A profile as a file. */
#include "cmd/write_profile.h"

#include "cmd/output_file.h"

int write_profile(const char *path, const struct exporter *exporter,
		  const struct snapshot *snapshot, const struct export_options *options)
{
	struct output_file output;
	int error = output_open(path, &output);

	if (error < 0)
		return error;
	return output_close(&output, exporter->write(output.file, snapshot, options));
}
