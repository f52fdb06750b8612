/* A running process: identity, executable, mappings, end. Knows nothing of Go. */
#ifndef TARGET_PROCESS_H
#define TARGET_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process;

/*
 * Opens a pidfd, the memory map and the executable: through /proc/PID/exe, which works across mount
 * namespaces and for deleted files. Reports no such process, a thread's id, no permission (with the
 * capability that is missing), a kernel thread.
 */
int process_open(pid_t pid, struct process **ret);
void process_free(struct process *process);

pid_t process_pid(const struct process *process);
const char *process_comm(const struct process *process);
int process_pidfd(const struct process *process); /* readable (poll) when the process has ended */
int process_executable(const struct process *process); /* open descriptor */
const char *
process_executable_label(const struct process *process); /* readlink of exe, for messages */

enum process_state {
	PROCESS_RUNNING,
	PROCESS_GONE,	  /* ended, or a zombie */
	PROCESS_REPLACED, /* the same pid runs another program now: it called exec */
};
/* Two system calls; notices also an exec of the same file. */
enum process_state process_state(const struct process *process);

/*
 * What must be added to a link-time address of the executable to get the address in the process: 0
 * unless PIE. The arguments are p_vaddr and p_offset of the first loadable segment. -ENOENT
 * (reported) when it cannot be told.
 */
int process_load_bias(const struct process *process, uint64_t first_segment_address,
		      uint64_t first_segment_offset, uint64_t *ret);

/* The process that traces this one with ptrace(2), a debugger or strace: 0 without, -1 when not
 * known. */
pid_t process_tracer(const struct process *process);

/* When it started, to the clock tick; -1 when not known. */
int64_t process_start_unix_ns(const struct process *process);

/* Resident set size in bytes (/proc/PID/statm), or -1. */
int64_t process_rss_bytes(const struct process *process);

/* The processes whose comm or executable's base name is `name`, in order of their ids, without
 * heaptap itself, kernel threads and zombies: at most `max` (more are warned of). Returns their
 * number; a negative errno is reported. */
int process_find_by_name(const char *name, pid_t *pids, size_t max);

#endif
