/* Identity, place and end of real processes: children of the test. */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/program.h"
#include "harness/test.h"
#include "target/process.h"

DEFINE_CLEANUP(cleanup_process, struct process, process_free)
#define NOBODY 65534

/* A shell that runs `script`, which says "ready" first. */
static struct program shell(const char *script, struct program_options options)
{
	const char *const arguments[] = { "/bin/sh", "-c", script, NULL };

	return program_start(arguments, options);
}

#define WAITING "echo ready; read line"

/* ---- messages ---- */

static char said[1024];

static void remember(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(said, sizeof(said), "%s", text);
}

static int open_quietly(pid_t pid, struct process **ret)
{
	int error;

	said[0] = '\0';
	diag_set_sink(remember, NULL);
	error = process_open(pid, ret);
	diag_set_sink(NULL, NULL);
	return error;
}

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

/* ---- tests ---- */

TEST("an open process says who it is")
{
	AUTO_PROGRAM struct program child = shell(WAITING, (struct program_options){ 0 });
	CLEANUP(cleanup_process) struct process *process = NULL;
	struct stat shell, executable;
	char *path = realpath("/bin/sh", NULL);
	bool ready = strcmp(program_read(&child), "ready") == 0;
	int error = process_open(child.pid, &process);
	int64_t rss = error ? 0 : process_rss_bytes(process);
	pid_t tracer = error ? -1 : process_tracer(process);

	program_end(&child);
	CHECK(ready);
	CHECK_INT(error, 0);
	CHECK_INT(process_pid(process), child.pid);
	CHECK_STRING(process_comm(process), "sh");
	CHECK_STRING(process_executable_label(process), path);
	CHECK_INT(fstat(process_executable(process), &executable), 0);
	CHECK_INT(stat(path, &shell), 0);
	CHECK(shell.st_ino == executable.st_ino && shell.st_dev == executable.st_dev);
	CHECK(rss > 64 << 10 && rss < 64 << 20);
	CHECK_INT(tracer, 0);
	free(path);
}

TEST("the end of a process is seen before and after it is reaped")
{
	AUTO_PROGRAM struct program child = shell(WAITING, (struct program_options){ 0 });
	CLEANUP(cleanup_process) struct process *process = NULL;
	bool ready = strcmp(program_read(&child), "ready") == 0;
	int error = process_open(child.pid, &process);
	bool alive = !error && process_state(process) == PROCESS_RUNNING &&
		     !is_readable(process_pidfd(process), 0);
	bool told = false, zombie = false;

	program_ask(&child, "end");
	if (!error) {
		told = is_readable(process_pidfd(process), 10000);
		zombie = process_state(process) == PROCESS_GONE;
	}
	program_end(&child);
	CHECK(ready && alive);
	CHECK(told && zombie);
	CHECK_INT(process_state(process), PROCESS_GONE);
	CHECK_INT(process_rss_bytes(process), -1);
}

/* Without address randomisation the second image looks exactly like the first. */
TEST("an exec of the same file at the same addresses is seen")
{
	AUTO_PROGRAM struct program child =
		shell("echo one; read line; exec /bin/sh -c 'echo two; read line'",
		      (struct program_options){ .persona = ADDR_NO_RANDOMIZE });
	CLEANUP(cleanup_process) struct process *process = NULL, *again = NULL;
	bool one = strcmp(program_read(&child), "one") == 0, two;
	int error = process_open(child.pid, &process), error_again;
	bool before = !error && process_state(process) == PROCESS_RUNNING, after, end;

	two = strcmp(program_ask(&child, "go on"), "two") == 0;
	after = !error && process_state(process) == PROCESS_REPLACED;
	end = !error && is_readable(process_pidfd(process), 0);
	error_again = process_open(child.pid, &again);
	before &= !error_again && process_state(again) == PROCESS_RUNNING;
	program_end(&child);
	CHECK(one && two);
	CHECK_INT(error, 0);
	CHECK_INT(error_again, 0);
	CHECK(before);
	CHECK(after);
	CHECK(!end);
	CHECK_INT(process_state(process), PROCESS_GONE);
}

static int own_object(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(struct dl_phdr_info *)data = *info;
	return 1; /* the first is the program */
}

static const ElfW(Phdr) * first_load(const struct dl_phdr_info *program)
{
	for (int i = 0; i < program->dlpi_phnum; i++) {
		if (program->dlpi_phdr[i].p_type == PT_LOAD)
			return &program->dlpi_phdr[i];
	}
	return NULL;
}

TEST("the load bias is the one that the dynamic linker knows")
{
	CLEANUP(cleanup_process) struct process *process = NULL;
	struct dl_phdr_info program = { 0 };
	const ElfW(Phdr) * load;
	uint64_t bias = 1;

	dl_iterate_phdr(own_object, &program);
	load = first_load(&program);
	CHECK_INT(process_open(getpid(), &process), 0);
	CHECK_INT(process_load_bias(process, load->p_vaddr, load->p_offset, &bias), 0);
	CHECK(bias == program.dlpi_addr);
}

/* Leaves this (forked) process CAP_SYS_PTRACE and nothing else. */
static int keep_ptrace_only(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	data[0].effective = data[0].permitted = 1U << CAP_SYS_PTRACE;
	return (int)syscall(SYS_capset, &header, data);
}

static uint64_t lowest_mapping(pid_t pid)
{
	unsigned long long start = 0;
	char path[64];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	if (!maps || fscanf(maps, "%llx-", &start) != 1)
		start = 0;
	if (maps)
		fclose(maps);
	return start;
}

/* 0 when the bias is that of the lowest mapping, in a process with few rights. */
static int bias_without_auxv(pid_t pid, uint64_t expected)
{
	struct process *process;
	uint64_t bias;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	if (keep_ptrace_only() < 0 || open(path, O_RDONLY) >= 0)
		return 77; /* could not make the situation */
	if (process_open(pid, &process) < 0)
		return 2;
	if (process_load_bias(process, 0, 0, &bias) < 0)
		return 3;
	return bias != expected;
}

TEST("with CAP_SYS_PTRACE alone the load bias comes from the memory map")
{
	struct program child;
	pid_t helper;
	uint64_t expected;
	int status = -1;

	if (geteuid() != 0)
		test_skip("only root can start a process of another user");
	child = shell(WAITING, (struct program_options){ .uid = NOBODY });
	program_read(&child);
	expected = lowest_mapping(child.pid); /* Debian's shell is PIE: that is its first byte */
	helper = fork();
	if (helper == 0)
		_exit(bias_without_auxv(child.pid, expected));
	waitpid(helper, &status, 0);
	program_end(&child);
	if (WEXITSTATUS(status) == 77)
		test_skip("capabilities cannot be dropped here");
	CHECK(expected != 0);
	CHECK_INT(WEXITSTATUS(status), 0);
}

TEST("a missing right is named")
{
	int status = -1;
	pid_t pid;

	if (geteuid() != 0)
		test_skip("only root can become another user");
	pid = fork();
	if (pid == 0) {
		struct process *process;

		if (setuid(NOBODY) < 0 || open_quietly(getppid(), &process) != -EACCES)
			_exit(2);
		_exit(strstr(said, "CAP_SYS_PTRACE is missing") ? 0 : 3);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(WEXITSTATUS(status), 0);
}

struct thread {
	sem_t ready, end;
	pid_t tid;
};

static void *thread_run(void *argument)
{
	struct thread *thread = argument;

	thread->tid = (pid_t)syscall(SYS_gettid);
	sem_post(&thread->ready);
	sem_wait(&thread->end);
	return NULL;
}

TEST("what is no process is refused in words")
{
	struct process *process;
	struct thread thread = { 0 };
	pthread_t handle;
	pid_t ended = fork();
	int error;

	if (ended == 0)
		_exit(0);
	waitpid(ended, NULL, 0);
	CHECK_INT(open_quietly(ended, &process), -ESRCH);
	CHECK(strstr(said, "No such process"));
	CHECK_INT(open_quietly(0, &process), -ESRCH);
	CHECK_INT(open_quietly(-5, &process), -ESRCH);

	sem_init(&thread.ready, 0, 0);
	sem_init(&thread.end, 0, 0);
	pthread_create(&handle, NULL, thread_run, &thread);
	sem_wait(&thread.ready);
	error = open_quietly(thread.tid, &process);
	sem_post(&thread.end);
	pthread_join(handle, NULL);
	CHECK_INT(error, -EINVAL);
	CHECK(strstr(said, "id of a thread"));
}

TEST("a kernel thread is refused in words")
{
	struct process *process;
	char comm[64] = "";
	FILE *file = fopen("/proc/2/comm", "r");

	if (file) {
		if (!fgets(comm, sizeof(comm), file))
			comm[0] = '\0';
		fclose(file);
	}
	if (strcmp(comm, "kthreadd\n") != 0)
		test_skip("process 2 is no kernel thread here");
	CHECK_INT(open_quietly(2, &process), -EINVAL);
	CHECK(strstr(said, "kernel thread"));
}

TEST("a tracer is seen")
{
	AUTO_PROGRAM struct program child = shell(WAITING, (struct program_options){ 0 });
	CLEANUP(cleanup_process) struct process *process = NULL;
	bool ready = strcmp(program_read(&child), "ready") == 0;
	int error = process_open(child.pid, &process);
	long seized = ptrace(PTRACE_SEIZE, child.pid, NULL, NULL);
	pid_t tracer = error ? -1 : process_tracer(process);

	program_end(&child);
	CHECK(ready);
	CHECK_INT(error, 0);
	if (seized < 0)
		test_skip("ptrace is not allowed here");
	CHECK_INT(tracer, getpid());
}
