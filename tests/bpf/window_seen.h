/* A window run to its end, and what it has seen. */
#ifndef TESTS_BPF_WINDOW_SEEN_H
#define TESTS_BPF_WINDOW_SEEN_H

#include "base/cleanup.h"
#include "probe/probe.h"

#define LONG_NS 20000000000ULL /* never reached */

DEFINE_CLEANUP(window_cleanup, struct window, window_close)
#define WINDOW(name) struct window *name CLEANUP(window_cleanup)

/* Valid until the window's next run. */
struct window_seen {
	const struct window_site *sites;
	size_t count;
	uint64_t open_ns;
	struct probe_statistics statistics;
};

/* The running test fails when the window does. */
struct window_seen window_see(struct window *window, uint64_t max_hits, uint64_t max_ns);
/* Of all its sites. */
uint64_t window_hits(const struct window_seen *seen);

#endif
