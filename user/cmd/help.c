/* heaptap help [COMMAND], and --version. */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "cmd/commands.h"

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

const struct command *command_find(const char *name)
{
	return find(name);
}

void print_usage(FILE *out)
{
	fprintf(out, "heaptap shows who allocates in a running Go process: no restart, no import, "
		     "no port.\n\n");
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  heaptap %-8s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(out,
		"\n'heaptap help COMMAND' lists the options. Exit status: 0 done, 1 a limit is "
		"broken, 2 usage,\n"
		"3 the target cannot be observed or the output not written, 4 internal error.\n");
}

static void print_command(const struct command *command)
{
	printf("heaptap %s %s\n%s\n", command->name, command->synopsis, command->summary);
	if (command->help) {
		printf("\n");
		command->help();
	}
}

static enum status help_run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_usage(stdout);
		return STATUS_DONE;
	}
	command = find(argv[1]);
	if (!command) {
		diag_fail(0, "no command '%s' (see 'heaptap help')", argv[1]);
		return STATUS_USAGE;
	}
	print_command(command);
	return STATUS_DONE;
}

const struct command command_help = {
	.name = "help",
	.synopsis = "[COMMAND]",
	.summary = "this, or the options of a command",
	.run = help_run,
};
