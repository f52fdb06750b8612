/* Children by fork, so that they have the test's own functions at known places. */
#include "child.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/test.h"

static void serve(int commands, int answers, struct child_shared *shared,
		  void (*work)(struct child_shared *shared))
{
	char byte;

	while (read(commands, &byte, 1) == 1) {
		work(shared);
		if (write(answers, &byte, 1) != 1)
			break;
	}
}

struct child child_start(void (*work)(struct child_shared *shared))
{
	struct child child;
	int commands[2], answers[2];

	child.shared = mmap(NULL, sizeof(*child.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(child.shared != MAP_FAILED && pipe(commands) == 0 && pipe(answers) == 0);
	child.pid = fork();
	CHECK(child.pid >= 0);
	if (child.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(commands[1]);
		close(answers[0]);
		serve(commands[0], answers[1], child.shared, work);
		_exit(0);
	}
	close(commands[0]);
	close(answers[1]);
	child.commands = commands[1];
	child.answers = answers[0];
	return child;
}

void child_begin(struct child *child)
{
	CHECK(write(child->commands, "", 1) == 1);
}

void child_wait(struct child *child)
{
	char byte;

	CHECK(read(child->answers, &byte, 1) == 1);
}

void child_do(struct child *child)
{
	child_begin(child);
	child_wait(child);
}

void child_end(struct child *child)
{
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	close(child->commands);
	close(child->answers);
	munmap(child->shared, sizeof(*child->shared));
}
