/* The cap of the site map of mode exact, as tests set it to see it full. */
#ifndef PROBE_EXACT_SIZES_H
#define PROBE_EXACT_SIZES_H

#include <stddef.h>

/* exact_options_init gives so many sites from here on; 0: what fits this machine. */
void exact_sites_force(size_t sites);

#endif
