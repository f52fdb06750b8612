/* A recording in the place of a target. */
#ifndef CMD_RECORDED_H
#define CMD_RECORDED_H

#include "base/cleanup.h"
#include "cmd/settings.h"
#include "store/recording.h"

DEFINE_CLEANUP(cleanup_recording, struct recording, recording_close)

/*
 * Opens settings->file and selects the process of -p. `single`: refuses processes that were
 * recorded at the same time with their numbers, unless one is selected; `one`: also those that came
 * one after the other. Reported.
 */
enum recorded_processes { RECORDED_ALL, RECORDED_SINGLE, RECORDED_ONE };
int recorded_open(const struct settings *settings, enum recorded_processes which,
		  struct recording **ret);

/* The selected process when there is one, else 0. */
int64_t recorded_only(const struct recording *recording, const struct settings *settings);

/* So that the next snapshot is that of --at, by default the last. Reported. */
int recorded_seek(struct recording *recording, const struct settings *settings);

/* The span of --from and --to, by default all of the recording. Reported when it is empty. */
int recorded_range(struct recording *recording, const struct settings *settings, int64_t *ret_from,
		   int64_t *ret_to);

/* "nothing was recorded between ...": -ENODATA. */
int recorded_fail_empty(const struct settings *settings, int64_t from_ns, int64_t to_ns);

/* 2026-11-24T07:30:00Z */
struct moment_text {
	char text[32];
};
struct moment_text moment_text(int64_t unix_ns);

#endif
