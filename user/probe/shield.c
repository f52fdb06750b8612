/* A child to do what a SIGKILL must not interrupt: like a thread, but in a thread group of its own.
 */
#include "probe/shield.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* libbpf formats paths and messages on the stack */
#define STACK_BYTES (256U << 10)

struct call {
	void (*function)(void *argument);
	void *argument;
};

static int run(void *opaque)
{
	struct call *call = opaque;

	call->function(call->argument);
	return 0;
}

/* The child uses our thread-local memory (errno, malloc's caches), which is ours alone while we
 * wait for it. */
static int run_in_child(struct call *call, char *stack)
{
	int child = clone(run, stack + STACK_BYTES, CLONE_VM | CLONE_FILES | CLONE_FS, call),
	    status;

	if (child < 0)
		return -errno;
	while (waitpid(child, &status, __WALL) < 0 && errno == EINTR)
		;
	return 0;
}

int shield_call(void (*function)(void *argument), void *argument)
{
	struct call call = { function, argument };
	sigset_t all, before;
	void *stack;
	int err;

	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all,
			&before); /* inherited: a ^C is for us, not for the child */
	err = run_in_child(&call, stack);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	munmap(stack, STACK_BYTES);
	return err;
}
