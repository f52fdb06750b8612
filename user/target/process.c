/*
 * One process from outside. The descriptor of /proc/PID/maps, opened once and kept, is its
 * identity: the kernel ties it to the address space of that moment, and it reads as empty as soon
 * as that address space is gone. So an exec is noticed even when the same file is executed again
 * without address randomisation, where nothing in /proc/PID/stat changes. It pins no memory of the
 * process.
 */
#include "target/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h> /* not libc's limits.h, which include/limits.h hides */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "target/process_files.h"

#define OPEN_ATTEMPTS	      8	 /* against a process that calls exec just now */
#define CAPABILITY_SYS_PTRACE 19 /* linux/capability.h */

struct process {
	pid_t pid;
	int pidfd, executable, maps;
	char comm[64];
	char label[PATH_MAX];
};

void process_free(struct process *process)
{
	if (!process)
		return;
	cleanup_close(&process->pidfd);
	cleanup_close(&process->executable);
	cleanup_close(&process->maps);
	free(process);
}

DEFINE_CLEANUP(cleanup_process, struct process, process_free)

/* A line of /proc/PID/status as a number. */
static int status_number(pid_t pid, const char *key, int base, unsigned long long *ret)
{
	char text[4096], line[32];
	const char *found;

	if (process_file_read(pid, "status", text, sizeof(text)) < 0)
		return -ENOENT;
	snprintf(line, sizeof(line), "\n%s:", key);
	found = strstr(text, line);
	if (!found)
		return -ENOENT;
	*ret = strtoull(found + strlen(line), NULL, base);
	return 0;
}

static bool have_capability(unsigned int capability)
{
	unsigned long long effective;

	return status_number(getpid(), "CapEff", 16, &effective) == 0 &&
	       (effective >> capability & 1);
}

static int refuse_permission(pid_t pid, int error)
{
	if (have_capability(CAPABILITY_SYS_PTRACE))
		return diag_fail(error,
				 "process %d cannot be looked into, although CAP_SYS_PTRACE is "
				 "there: another user namespace, or a security module",
				 (int)pid);
	return diag_fail(error,
			 "process %d cannot be looked into: CAP_SYS_PTRACE is missing (run as "
			 "root, or as the user of the process)",
			 (int)pid);
}

static int refuse(pid_t pid, int error)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		return refuse_permission(pid, error);
	case -ENOENT: /* it has a pidfd but no executable */
		return diag_fail(-EINVAL, "process %d runs no program: a kernel thread, or ending",
				 (int)pid);
	default:
		return diag_fail(error, "process %d", (int)pid);
	}
}

static int open_pidfd(pid_t pid, int *ret)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0), error = -errno;

	if (fd >= 0) {
		*ret = fd;
		return 0;
	}
	if (error != -EINVAL && error != -ENOENT)
		return diag_fail(error, "process %d", (int)pid);
	/* both mean "not a thread group" (the errno changed between kernels), the first also a
	 * number that cannot be a process */
	if (pid > 0 && process_file_exists(pid, "status"))
		return diag_fail(-EINVAL, "%d is the id of a thread, not of a process", (int)pid);
	return diag_fail(-ESRCH, "process %d", (int)pid);
}

/* Everything that belongs to the program that runs now. */
static int open_program(struct process *process)
{
	cleanup_close(&process->maps);
	cleanup_close(&process->executable);
	process->executable = -1;
	process->maps = process_file_open(process->pid, "maps");
	if (process->maps < 0)
		return process->maps;
	process->executable = process_file_open(process->pid, "exe");
	if (process->executable < 0)
		return process->executable;
	return process_file_link(process->pid, "exe", process->label, sizeof(process->label));
}

static int open_all(struct process *process)
{
	int attempts = OPEN_ATTEMPTS;
	ssize_t error;

	do {
		error = open_program(process);
		if (error < 0)
			return (int)error;
	} while (process_state(process) == PROCESS_REPLACED && --attempts > 0);
	if (process_state(process) == PROCESS_GONE)
		return -ESRCH;
	error = process_file_read(process->pid, "comm", process->comm, sizeof(process->comm));
	if (error < 0)
		return (int)error;
	process->comm[strcspn(process->comm, "\n")] = '\0';
	return attempts ? 0 : -EAGAIN;
}

int process_open(pid_t pid, struct process **ret)
{
	CLEANUP(cleanup_process) struct process *process = calloc(1, sizeof(*process));
	int error;

	if (!process)
		return diag_fail(-ENOMEM, "process %d", (int)pid);
	process->pid = pid;
	process->pidfd = process->executable = process->maps = -1;
	error = open_pidfd(pid, &process->pidfd);
	if (error < 0)
		return error;
	error = open_all(process);
	if (error < 0)
		return refuse(pid, error);
	*ret = TAKE(process);
	return 0;
}

pid_t process_pid(const struct process *process)
{
	return process->pid;
}

const char *process_comm(const struct process *process)
{
	return process->comm;
}

int process_pidfd(const struct process *process)
{
	return process->pidfd;
}

int process_executable(const struct process *process)
{
	return process->executable;
}

const char *process_executable_label(const struct process *process)
{
	return process->label;
}

enum process_state process_state(const struct process *process)
{
	struct pollfd end = { .fd = process->pidfd, .events = POLLIN };
	char byte, link[PATH_MAX];

	if (poll(&end, 1, 0) > 0)
		return PROCESS_GONE;
	if (pread(process->maps, &byte, 1, 0) == 1)
		return PROCESS_RUNNING;
	/* a process that is ending loses its memory, and with it this link, before the pidfd says
	 * so */
	if (process_file_link(process->pid, "exe", link, sizeof(link)) < 0)
		return PROCESS_GONE;
	return PROCESS_REPLACED;
}

pid_t process_tracer(const struct process *process)
{
	unsigned long long tracer;

	return status_number(process->pid, "TracerPid", 10, &tracer) == 0 ? (pid_t)tracer : -1;
}

int64_t process_rss_bytes(const struct process *process)
{
	char text[256];
	long long total, resident;

	if (process_file_read(process->pid, "statm", text, sizeof(text)) < 0 ||
	    sscanf(text, "%lld %lld", &total, &resident) != 2)
		return -1;
	return resident * sysconf(_SC_PAGESIZE);
}
