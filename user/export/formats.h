/* Every format of the registry. */
#ifndef EXPORT_FORMATS_H
#define EXPORT_FORMATS_H

#include "exporter.h"

extern const struct exporter exporter_pprof, exporter_html, exporter_svg, exporter_speedscope,
	exporter_folded;

#endif
