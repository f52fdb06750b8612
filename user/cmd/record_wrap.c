/* The traces of a wrapped command. */
#include "cmd/record_wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"

char *record_expand_pid(const char *path)
{
	char *expanded = NULL;
	size_t size;
	FILE *out = open_memstream(&expanded, &size);

	if (!out)
		return NULL;
	for (; *path; path++) {
		if (path[0] != '%' || path[1] != 'p') {
			fputc(*path, out);
			continue;
		}
		fprintf(out, "%d", (int)getpid());
		path++;
	}
	if (fclose(out) == 0)
		return expanded;
	free(expanded);
	return NULL;
}

void record_note_failure(const char *path, const char *command, const char *reason)
{
	AUTO_FREE char *name = NULL;
	AUTO_FCLOSE FILE *file = NULL;

	if (asprintf(&name, "%s" RECORD_FAILURE_SUFFIX, path) >= 0)
		file = fopen(name, "we");
	if (file)
		fprintf(file, "%s\n%s\n", command, reason);
	else
		diag_warn("'%s' was not recorded: %s", command, reason);
}
