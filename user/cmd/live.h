/* An observation in a thread of its own, so that the screen answers keys while an interval passes.
 */
#ifndef CMD_LIVE_H
#define CMD_LIVE_H

#include "cmd/observation.h"

struct live;

/* Starts the thread. The observation is borrowed; nobody else may use it until live_stop. 0 or a
 * negative errno, reported. */
int live_start(struct observation *observation, struct live **ret);
/* Stops and joins the thread; NULL is fine. */
void live_stop(struct live *live);

/* struct live_source's poll. */
int live_poll(void *live, int timeout_ms, const struct snapshot **ret, const char **ret_end);

#endif
