/* The formats. One more is a file and a line here. */
#include <string.h>

#include "export/formats.h"

const struct exporter *const exporters[] = {
	&exporter_pprof,      &exporter_html,	&exporter_svg,
	&exporter_speedscope, &exporter_folded, NULL,
};

static bool ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), suffix_length = strlen(suffix);

	return length >= suffix_length && !strcmp(text + length - suffix_length, suffix);
}

static const struct exporter *find_by_name(const char *name)
{
	for (size_t i = 0; exporters[i]; i++)
		if (!strcmp(exporters[i]->name, name))
			return exporters[i];
	return NULL;
}

const struct exporter *exporter_find(const char *name, const char *path)
{
	const struct exporter *best = NULL;

	if (name)
		return find_by_name(name);
	for (size_t i = 0; path && exporters[i]; i++)
		if (ends_with(path, exporters[i]->suffix) &&
		    (!best || strlen(exporters[i]->suffix) > strlen(best->suffix)))
			best = exporters[i];
	return best;
}
