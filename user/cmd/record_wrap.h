/* What `heaptap record --wrap` leaves for whoever had it wrapped around a command. */
#ifndef CMD_RECORD_WRAP_H
#define CMD_RECORD_WRAP_H

/* The path with each %p replaced by our process id. Owned by the caller; NULL without memory. */
char *record_expand_pid(const char *path);

/* Beside a recording that could not be made: what was not recorded and why, on two lines. */
#define RECORD_FAILURE_SUFFIX ".failed"
void record_note_failure(const char *path, const char *command, const char *reason);

#endif
