/*
 * The extension contract of export/: a file format for profiles. One file and one line in
 * export/registry.c.
 */
#ifndef HEAPTAP_EXPORTER_H
#define HEAPTAP_EXPORTER_H

#include <stdbool.h>
#include <stdio.h>

#include "model/snapshot.h"

struct export_options {
	enum value value; /* for formats that show one value; the others lead with it */
	bool from_start;  /* alloc values since the process started, not since the observation began
			   */
	const char *title;
	/* What the snapshot is compared with, its numbers times base_scale: for differential
	 * formats. NULL: nothing. */
	const struct snapshot *base;
	double base_scale;
};

struct exporter {
	const char *name;    /* of --format: "pprof" */
	const char *suffix;  /* of the output file: ".pb.gz" */
	const char *summary; /* one line of help */
	bool differential;   /* knows what to do with a base */
	/* Writes the whole profile. 0 or a negative errno, silent: the caller knows the file's
	 * name. A write error may show only at the caller's fflush. */
	int (*write)(FILE *out, const struct snapshot *snapshot,
		     const struct export_options *options);
};

/* By name when not NULL, else by the longest suffix of `path`. NULL when nothing fits. */
const struct exporter *exporter_find(const char *name, const char *path);

/* The registry, for help texts; ends with a NULL name. */
extern const struct exporter *const exporters[];

#endif
