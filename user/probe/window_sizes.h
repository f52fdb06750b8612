/* The caps of an exact window's maps, as tests set them to see them full. */
#ifndef PROBE_WINDOW_SIZES_H
#define PROBE_WINDOW_SIZES_H

#include "probe/probe.h"

struct window_sizes {
	size_t sites;	/* type x size x stack of one window, <= LIMIT_EXACT_SITES */
	size_t stacks;	/* of one window, <= LIMIT_EXACT_SITES */
	size_t threads; /* of the target that allocate, ever */
};

int window_open_sized(pid_t pid, const struct probe_plan *plan, const struct window_sizes *sizes,
		      struct window **ret);

#endif
