/* Starts programs and reads their lines; a failure fails the running test. */
#include "harness/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/test.h"

static void become(int in, int out, const char *const *arguments, struct program_options options)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(in, 0);
	dup2(out, 1);
	personality(options.persona);
	if (options.setting)
		putenv((char *)options.setting);
	if (options.uid && setuid(options.uid) < 0)
		_exit(126);
	execv(arguments[0], (char *const *)arguments);
	_exit(127);
}

struct program program_start(const char *const *arguments, struct program_options options)
{
	struct program program = { 0 };
	int to[2], from[2];

	CHECK(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
	program.pid = fork();
	if (program.pid == 0)
		become(to[0], from[1], arguments, options);
	close(to[0]);
	close(from[1]);
	program.to = fdopen(to[1], "w");
	program.from = fdopen(from[0], "r");
	CHECK(program.pid > 0 && program.to && program.from);
	return program;
}

const char *program_read(struct program *program)
{
	ssize_t length = getline(&program->line, &program->capacity, program->from);

	if (length <= 0)
		return "";
	program->line[strcspn(program->line, "\n")] = '\0';
	return program->line;
}

const char *program_ask(struct program *program, const char *line)
{
	fprintf(program->to, "%s\n", line);
	fflush(program->to);
	return program_read(program);
}

void program_end(struct program *program)
{
	if (!program->to)
		return;
	kill(program->pid, SIGKILL);
	waitpid(program->pid, NULL, 0);
	fclose(program->to);
	fclose(program->from);
	free(program->line);
	*program = (struct program){ .pid = program->pid };
}
