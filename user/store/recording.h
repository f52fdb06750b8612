/*
 * Recordings: every snapshot of one or several processes in one SQLite file, and the way back. What
 * comes out of the reader is what went into the writer, number for number; the tables are
 * documented in schema.sql, for whoever wants to ask them directly.
 */
#ifndef STORE_RECORDING_H
#define STORE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* One incarnation of a process. */
struct recorded_process {
	int64_t id; /* in the recording; 0 when it is to be added */
	int32_t pid;
	const char *comm, *go_version, *executable; /* NULL when not known */
	int64_t started_unix_ns;
	const char *end; /* why its snapshots end; NULL: because the recording does */
	/* filled in by the reader */
	int64_t first_unix_ns, last_unix_ns;
	uint64_t intervals;
};

/* ---- writing ---- */
struct recorder;

/* Makes a new file. One that exists is refused (-EEXIST) unless `replace`. Reported. */
int recorder_open(const char *path, bool replace, struct recorder **ret);

/* Everything is copied. Reported. */
int recorder_add_process(struct recorder *recorder, const struct recorded_process *process,
			 int64_t *ret_id);

/*
 * One snapshot, one transaction: a kill at any moment loses this one at most. A failure (a full
 * disk) is reported, ends the recording, and leaves what was written before readable.
 */
int recorder_add(struct recorder *recorder, int64_t process_id, const struct snapshot *snapshot);

/* There will be no more of this process. Reported. */
int recorder_end_process(struct recorder *recorder, int64_t process_id, const char *reason);

struct recorder_totals {
	uint64_t intervals, sites;
	int64_t file_bytes; /* once the log is folded in */
};
void recorder_totals(const struct recorder *recorder, struct recorder_totals *ret);

/* Folds the log into the file, so that it is one file, and closes; a file without any snapshot is
 * removed. A failure is reported; the snapshots are safe all the same. NULL is fine: 0. */
int recorder_close(struct recorder *recorder);

/* ---- reading ---- */
struct recording;

/* Refuses with a sentence what is no recording, is damaged, or was made by a newer heaptap. A
 * recording that is still being made can be read up to its newest snapshot. */
int recording_open(const char *path, struct recording **ret);
void recording_close(struct recording *recording);

/* In the order of their beginnings; valid until recording_close. */
const struct recorded_process *recording_processes(const struct recording *recording,
						   size_t *ret_count);
/* Only this process from now on; 0: all of them. Goes to the beginning. */
void recording_select(struct recording *recording, int64_t process_id);

/* The first and last moment of what is selected; -ENODATA (silent) when there is nothing. */
int recording_span(struct recording *recording, int64_t *ret_first_ns, int64_t *ret_last_ns);

/* The next snapshot will be the first at or after that moment, or the last at or before it, or
 * `steps` snapshots from the one that recording_next gave last. -ENODATA (silent) when there is
 * none; the position is then as before. Otherwise reported. */
int recording_seek(struct recording *recording, int64_t unix_ns);
int recording_seek_back(struct recording *recording, int64_t unix_ns);
int recording_step(struct recording *recording, int64_t steps);

/* The next snapshot in the order of time, as if it were live. *ret is replaced, the caller's to
 * clear; its strings and stacks live until recording_close. 1 with a snapshot, 0 at the end, a
 * negative errno reported. */
int recording_next(struct recording *recording, struct snapshot *ret);

/*
 * What the selected process did between two moments: `begun` and `interval` of records, types and
 * caches are what happened in between, and so are the rates of the heap; everything else is as of
 * the last snapshot not after `to_ns`. The window begins with the last snapshot not after
 * `from_ns`, or the first one. 1 with a snapshot, 0 when no snapshot is in the window, a negative
 * errno reported.
 */
int recording_window(struct recording *recording, int64_t from_ns, int64_t to_ns,
		     struct snapshot *ret);

#endif
