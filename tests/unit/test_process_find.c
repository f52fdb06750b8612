/* Finding processes by name, on copies of a shell. */
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "harness/program.h"
#include "harness/test.h"
#include "target/process.h"

static char said[1024];

static void remember(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(said, sizeof(said), "%s", text);
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

/* Two copies of a shell under a name that is too long for comm, one of which renames itself; then
 * the file is deleted. */
TEST("processes are found by the name of their file, also when it was deleted, and by comm")
{
	char folder[] = "/tmp/heaptap-find-XXXXXX", path[128], name[64], command[256];
	const char *const plain[] = { path, "-c", "echo ready; read line", NULL };
	const char *const renamed[] = { path, "-c",
					"printf found-$$ >/proc/$$/comm; echo ready; read line",
					NULL };
	pid_t pids[4] = { 0 }, by_comm_pids[4] = { 0 }, one_pid[1] = { 0 };
	int both, one, by_comm, none;
	bool capped;

	CHECK(mkdtemp(folder));
	snprintf(name, sizeof(name), "a-name-longer-than-comm-%d", getpid());
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(command, sizeof(command), "cp /bin/sh %s", path);
	CHECK_INT(system(command), 0);
	AUTO_PROGRAM struct program first = program_start(plain, (struct program_options){ 0 });
	AUTO_PROGRAM struct program second = program_start(renamed, (struct program_options){ 0 });
	CHECK_STRING(program_read(&first), "ready");
	CHECK_STRING(program_read(&second), "ready");

	one = find_quietly(name, one_pid, 1);
	capped = strstr(said, "others are left out") != NULL;
	unlink(path);
	rmdir(folder);
	both = find_quietly(name, pids, 4);
	snprintf(name, sizeof(name), "found-%d", second.pid);
	by_comm = find_quietly(name, by_comm_pids, 4);
	none = find_quietly("a-name-that-nothing-has", pids + 2, 1);

	CHECK_INT(one, 1);
	CHECK(capped);
	CHECK_INT(both, 2);
	CHECK((pids[0] == first.pid && pids[1] == second.pid) ||
	      (pids[1] == first.pid && pids[0] == second.pid));
	CHECK_INT(by_comm, 1);
	CHECK_INT(by_comm_pids[0], second.pid);
	CHECK_INT(none, 0);
}
