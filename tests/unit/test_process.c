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
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "target/process.h"

DEFINE_CLEANUP(cleanup_process, struct process, process_free)
#define NOBODY 65534

/* ---- children: a shell that is talked to by lines ---- */

struct child {
	pid_t pid;
	FILE *to, *from;
};

struct child_options {
	const char *path; /* NULL: /bin/sh */
	unsigned long persona;
	uid_t uid;
};

static void become_child(int in, int out, const char *script, const struct child_options *options)
{
	const char *path = options->path ? options->path : "/bin/sh";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(in, 0);
	dup2(out, 1);
	personality(options->persona);
	if (options->uid && setuid(options->uid) < 0)
		_exit(126);
	execl(path, path, "-c", script, (char *)NULL);
	_exit(127);
}

static struct child child_start(const char *script, struct child_options options)
{
	int to[2], from[2];
	struct child child = { 0 };

	CHECK(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
	child.pid = fork();
	if (child.pid == 0)
		become_child(to[0], from[1], script, &options);
	close(to[0]);
	close(from[1]);
	child.to = fdopen(to[1], "w");
	child.from = fdopen(from[0], "r");
	return child;
}

/* The next line that it prints is `expected`. */
static bool child_says(struct child *child, const char *expected)
{
	char line[256];

	if (!fgets(line, sizeof(line), child->from))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, expected) == 0;
}

static void child_next(struct child *child)
{
	fputs("\n", child->to);
	fflush(child->to);
}

/* Also the cleanup: a failing check must leave nothing behind, so tests collect first and check
 * last. */
static void child_end(struct child *child)
{
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	fclose(child->to);
	fclose(child->from);
}

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
	struct child child = child_start("echo ready; read line", (struct child_options){ 0 });
	CLEANUP(cleanup_process) struct process *process = NULL;
	struct stat shell, executable;
	char *path = realpath("/bin/sh", NULL);
	bool ready = child_says(&child, "ready");
	int error = process_open(child.pid, &process);
	int64_t rss = error ? 0 : process_rss_bytes(process);
	pid_t tracer = error ? -1 : process_tracer(process);

	child_end(&child);
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
	struct child child = child_start("echo ready; read line", (struct child_options){ 0 });
	CLEANUP(cleanup_process) struct process *process = NULL;
	bool ready = child_says(&child, "ready");
	int error = process_open(child.pid, &process);
	bool alive = !error && process_state(process) == PROCESS_RUNNING &&
		     !is_readable(process_pidfd(process), 0);
	bool told = false, zombie = false;

	child_next(&child);
	if (!error) {
		told = is_readable(process_pidfd(process), 10000);
		zombie = process_state(process) == PROCESS_GONE;
	}
	child_end(&child);
	CHECK(ready && alive);
	CHECK(told && zombie);
	CHECK_INT(process_state(process), PROCESS_GONE);
	CHECK_INT(process_rss_bytes(process), -1);
}

/* Without address randomisation the second image looks exactly like the first. */
TEST("an exec of the same file at the same addresses is seen")
{
	struct child child =
		child_start("echo one; read line; exec /bin/sh -c 'echo two; read line'",
			    (struct child_options){ .persona = ADDR_NO_RANDOMIZE });
	CLEANUP(cleanup_process) struct process *process = NULL, *again = NULL;
	bool one = child_says(&child, "one"), two;
	int error = process_open(child.pid, &process), error_again;
	bool before = !error && process_state(process) == PROCESS_RUNNING, after, end;

	child_next(&child);
	two = child_says(&child, "two");
	after = !error && process_state(process) == PROCESS_REPLACED;
	end = !error && is_readable(process_pidfd(process), 0);
	error_again = process_open(child.pid, &again);
	before &= !error_again && process_state(again) == PROCESS_RUNNING;
	child_end(&child);
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
	struct child child, helper = { 0 };
	uint64_t expected;
	int status = -1;

	if (geteuid() != 0)
		test_skip("only root can start a process of another user");
	child = child_start("echo ready; read line", (struct child_options){ .uid = NOBODY });
	child_says(&child, "ready");
	expected = lowest_mapping(child.pid); /* Debian's shell is PIE: that is its first byte */
	helper.pid = fork();
	if (helper.pid == 0)
		_exit(bias_without_auxv(child.pid, expected));
	waitpid(helper.pid, &status, 0);
	child_end(&child);
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
	struct child child = child_start("echo ready; read line", (struct child_options){ 0 });
	CLEANUP(cleanup_process) struct process *process = NULL;
	bool ready = child_says(&child, "ready");
	int error = process_open(child.pid, &process);
	long seized = ptrace(PTRACE_SEIZE, child.pid, NULL, NULL);
	pid_t tracer = error ? -1 : process_tracer(process);

	child_end(&child);
	CHECK(ready);
	CHECK_INT(error, 0);
	if (seized < 0)
		test_skip("ptrace is not allowed here");
	CHECK_INT(tracer, getpid());
}

static int find_quietly(const char *name, pid_t *pids, size_t max)
{
	int count;

	said[0] = '\0';
	diag_set_sink(remember, NULL);
	count = process_find_by_name(name, pids, max);
	diag_set_sink(NULL, NULL);
	return count;
}

/* Two copies of a shell under a name that is too long for comm, one of them deleted. */
TEST("processes are found by the name of their file, also when it was deleted, and by comm")
{
	char folder[] = "/tmp/heaptap-find-XXXXXX", path[128], name[64], command[256];
	struct child first, second;
	int both, one, by_comm, none, capped;
	pid_t pids[4] = { 0 }, by_comm_pids[4] = { 0 }, one_pid[1] = { 0 };
	bool ready;

	CHECK(mkdtemp(folder));
	snprintf(name, sizeof(name), "a-name-longer-than-comm-%d", getpid());
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(command, sizeof(command), "cp /bin/sh %s", path);
	CHECK_INT(system(command), 0);
	first = child_start("echo ready; read line", (struct child_options){ .path = path });
	second = child_start("echo ready; printf 'found-%d' $$ >/proc/$$/comm; echo named; "
			     "read line",
			     (struct child_options){ .path = path });
	ready = child_says(&first, "ready") && child_says(&second, "ready") &&
		child_says(&second, "named");
	one = find_quietly(name, one_pid, 1);
	capped = strstr(said, "others are left out") != NULL;
	unlink(path);
	rmdir(folder);
	both = find_quietly(name, pids, 4);
	snprintf(name, sizeof(name), "found-%d", second.pid);
	by_comm = find_quietly(name, by_comm_pids, 4);
	none = find_quietly("a-name-that-nothing-has", pids + 2, 1);
	child_end(&first);
	child_end(&second);
	CHECK(ready);
	CHECK_INT(one, 1);
	CHECK_INT(capped, 1);
	CHECK_INT(both, 2);
	CHECK((pids[0] == first.pid && pids[1] == second.pid) ||
	      (pids[1] == first.pid && pids[0] == second.pid));
	CHECK_INT(by_comm, 1);
	CHECK_INT(by_comm_pids[0], second.pid);
	CHECK_INT(none, 0);
}
