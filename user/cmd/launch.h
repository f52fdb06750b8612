/* Targets that heaptap starts itself (-- COMMAND). */
#ifndef CMD_LAUNCH_H
#define CMD_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "cmd/keeper.h"

/*
 * Starts `command` (found along PATH) and waits until its Go runtime is up: its first helper thread
 * runs (sysmon, started by runtime.main after schedinit, all versions), or LAUNCH_WAIT_S are over.
 * `quiet`: its output goes to /dev/null, since the screen is ours. 0 or a negative errno, reported:
 * not found, not executable, ended at once.
 */
#define LAUNCH_WAIT_S 5
int launch(char *const *command, bool quiet, pid_t *ret);

/* The same, and sees the process through to its exit; one that is in its exit already can still be
 * looked at. `pass`: our signals are its own (pass_signals_begin) from its first moment on.
 * *ret_keeper is NULL where the kernel does not allow it, which is reported. */
int launch_kept(char *const *command, bool quiet, bool pass, pid_t *ret,
		struct keeper **ret_keeper);

/* Asks a started process to end (SIGTERM, after that time SIGKILL) and reaps it. Its exit status,
 * or 128 + signal. */
int launch_end(pid_t pid, int patience_ms);

/* Waits until it ends by itself. The same. */
int launch_wait(pid_t pid);
/* The exit status in a status of waitpid(2), the same. */
int launch_status(int wait_status);

#endif
