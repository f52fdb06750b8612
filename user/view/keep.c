/* Copies of the latest snapshot and a short memory of single numbers. */
#include "view/keep.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int keep_snapshot(const struct snapshot *snapshot, struct snapshot *kept)
{
	size_t bytes = snapshot->record_count * sizeof(*snapshot->records);
	struct record *records = bytes ? malloc(bytes) : NULL;

	if (bytes && !records)
		return -ENOMEM;
	if (bytes)
		memcpy(records, snapshot->records, bytes);
	snapshot_clear(kept);
	*kept = *snapshot;
	kept->records = records;
	return 0;
}

void history_add(struct history *history, const struct snapshot *snapshot)
{
	int64_t inuse_bytes = snapshot->heap.inuse_bytes;

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
