/* A short memory of single numbers. */
#include "view/history.h"

#include <math.h>
#include <string.h>

void history_add(struct history *history, const struct snapshot *snapshot)
{
	int64_t inuse_bytes = snapshot->heap.inuse_bytes;

	/* a recording may have gone back */
	history->count = history_until(history, snapshot->time_unix_ns - 1);
	if (history->count == HISTORY_LENGTH) {
		history->count--;
		memmove(history->inuse_bytes, history->inuse_bytes + 1,
			history->count * sizeof(*history->inuse_bytes));
		memmove(history->time_unix_ns, history->time_unix_ns + 1,
			history->count * sizeof(*history->time_unix_ns));
	}
	history->inuse_bytes[history->count] = inuse_bytes == UNKNOWN ? NAN : (double)inuse_bytes;
	history->time_unix_ns[history->count++] = snapshot->time_unix_ns;
}

size_t history_until(const struct history *history, int64_t time_unix_ns)
{
	size_t count = history->count;

	while (count > 0 && history->time_unix_ns[count - 1] > time_unix_ns)
		count--;
	return count;
}
