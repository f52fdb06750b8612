/* Observing one process: opens what is needed, lets intervals pass, and makes snapshots. */
#ifndef CMD_OBSERVATION_H
#define CMD_OBSERVATION_H

#include <stdbool.h>
#include <sys/types.h>

#include "cmd/settings.h"
#include "model/snapshot.h"
#include "target/process.h"

struct observation;

/* Reported. The settings are borrowed. */
int observation_open(pid_t pid, const struct settings *settings, struct observation **ret);
/* Detaches, restores what was written, frees. */
void observation_close(struct observation *observation);

/*
 * The first call gives a snapshot at once; each later one lets an interval pass first, less when
 * the collector is changed: the interval ends there. *ret is owned by the observation and valid
 * until its end: the last two snapshots are kept. 1 with a snapshot; 0 when observation_stop was
 * called; -ESRCH when the target has ended, called exec, or cannot be read any more:
 * observation_end says which, and the last snapshot stays valid.
 */
int observation_next(struct observation *observation, const struct snapshot **ret);
const char *observation_end(const struct observation *observation);
const struct snapshot *
observation_last(const struct observation *observation); /* NULL before the first */

/*
 * To be called some times a second by who holds up observation_next, so that the probes keep within
 * the budget meanwhile; cheap when it is too early.
 */
void observation_turn(struct observation *observation);
/* Those that are observed in turn by one thread: while one waits, it takes the others' turns. Both
 * are borrowed until the end. */
void observation_set_peers(struct observation *observation, struct observation *const *peers,
			   const size_t *count);

const struct process *observation_process(const struct observation *observation);

/* The descriptor becomes readable when the process waits in its exit (cmd/keeper.h): it is looked
 * at once more then, at once, and observation_end says OBSERVATION_SAW_EXIT. */
#define OBSERVATION_SAW_EXIT "the process has exited and was seen to its end"
void observation_watch_exit(struct observation *observation, int exit_fd);

/* Lets the next wait return; async-signal-safe, any thread. */
void observation_stop(struct observation *observation);

#endif
