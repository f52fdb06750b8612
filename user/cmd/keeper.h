/*
 * Seeing a process that we started through to its exit. What it counted since the last look would
 * be lost with it, so its first thread is stopped once, when it exits and its memory is still
 * there: by ptrace(2), PTRACE_O_TRACEEXIT. Until then each signal to that thread (not to others)
 * costs it two switches to a thread of ours; nothing else does.
 */
#ifndef CMD_KEEPER_H
#define CMD_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

struct keeper;

/* The child of this process. 0 or a negative errno, silent: the process will then just end. */
int keeper_start(pid_t pid, struct keeper **ret);

/* Readable (poll) when the process waits in its exit. */
int keeper_exit_fd(const struct keeper *keeper);
bool keeper_at_exit(const struct keeper *keeper);

/* Lets the process go, wherever it is, and frees. Whether it was in its exit: it ends on its own
 * then. *ret_wait_status is set to that of waitpid(2) when it has been reaped already, else -1.
 * NULL is fine. */
bool keeper_stop(struct keeper *keeper, int *ret_wait_status);

#endif
