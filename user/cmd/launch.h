/* Targets that heaptap starts itself (-- COMMAND). */
#ifndef CMD_LAUNCH_H
#define CMD_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts `command` (found along PATH) and waits until its Go runtime is up: its first helper thread
 * runs (sysmon, started by runtime.main after schedinit, all versions), or LAUNCH_WAIT_S are over.
 * `quiet`: its output goes to /dev/null, since the screen is ours. 0 or a negative errno, reported:
 * not found, not executable, ended at once.
 */
#define LAUNCH_WAIT_S 5
int launch(char *const *command, bool quiet, pid_t *ret);

/* Asks a started process to end (SIGTERM, after a second SIGKILL) and reaps it. Its exit status, or
 * 128 + signal. */
int launch_end(pid_t pid);

#endif
