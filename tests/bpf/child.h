/* A process to observe: a forked child that does one piece of work at a time, on command. */
#ifndef TESTS_BPF_CHILD_H
#define TESTS_BPF_CHILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Memory that both see; zero at first. */
struct child_shared {
	atomic_bool stop;
	uint64_t numbers[32];
};

struct child {
	pid_t pid;
	int commands, answers; /* pipe ends */
	struct child_shared *shared;
};

/* A process that runs `work` for each child_begin. */
struct child child_start(void (*work)(struct child_shared *shared));
void child_begin(struct child *child);
/* Waits until the work has been done. */
void child_wait(struct child *child);
void child_do(struct child *child);
/* Ends the child, if it has not ended by itself. */
void child_end(struct child *child);

#define CHILD(name, work) struct child name __attribute__((cleanup(child_end))) = child_start(work)

#endif
