/* What `heaptap record` says while it works, and at the end. */
#ifndef CMD_RECORD_PROGRESS_H
#define CMD_RECORD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/recording.h"

struct progress {
	bool terminal; /* standard error is one: a line that renews itself */
	bool shown;
	int64_t began_ns;    /* CLOCK_MONOTONIC */
	int64_t first_bytes; /* of the file, with what is only written once */
	uint64_t losses;
};

void progress_begin(struct progress *progress);
/* `waiting` for a process to come back. */
void progress_show(struct progress *progress, const struct recorder *recorder, bool waiting);
/* Takes the line away, so that something else can be said. */
void progress_hide(struct progress *progress);
/* The summary; `losses` by reason, all processes together. */
void progress_end(struct progress *progress, const char *path, const struct recorder_totals *totals,
		  size_t processes, const uint64_t losses[LOSS_COUNT]);

#endif
