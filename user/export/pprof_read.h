/* Reading heap profiles in pprof's format, of any Go program, as snapshots. */
#ifndef EXPORT_PPROF_READ_H
#define EXPORT_PPROF_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

struct profile_file;

/*
 * Refuses with a sentence what is no profile, is damaged or longer than LIMIT_PPROF_BYTES, or has
 * none of the four values of a heap profile.
 */
int profile_file_open(const char *path, struct profile_file **ret);
/* The same from memory, gzip or plain; `name` is for messages. */
int profile_file_parse(const uint8_t *bytes, size_t size, const char *name,
		       struct profile_file **ret);
void profile_file_close(struct profile_file *file);

/*
 * One record for each sample, the values as the profile has them: what was allocated in `total`,
 * what is in use in `live`. How many samples of the runtime's they stand for is worked out from the
 * object size and the sampling rate. Lives as long as the file.
 */
const struct snapshot *profile_file_snapshot(const struct profile_file *file);

bool profile_file_has(const struct profile_file *file, enum value value);
/* The value that the profile wants to be shown first, as `go tool pprof` does: its default, else
 * the last one of its own. */
enum value profile_file_default(const struct profile_file *file);

#endif
