/* For a command that we run in our place: the signals that are meant for it. */
#ifndef CMD_PASS_SIGNALS_H
#define CMD_PASS_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * From here on what would end us (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1) goes to our child
 * `pid` and does nothing to us. What the terminal sends (^C, ^\, its end) has reached the child
 * already when it is in our process group, and is not sent twice. One child at a time. 0 or a
 * negative errno, silent.
 */
int pass_signals_begin(pid_t pid);
/* As it was before. Says whether a signal came; legal without a begin. */
bool pass_signals_end(void);

#endif
