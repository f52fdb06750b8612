/* heaptap: finds the command and turns its result into the exit status. */
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "cmd/commands.h"

static int asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return 1;
	return 0;
}

static enum status run(const struct command *command, int argc, char **argv)
{
	char *help[] = { argv[0], argv[0], NULL };

	if (asks_for_help(argc, argv))
		return command_help.run(2, help);
	return command->run(argc, argv);
}

/* Each interval gives back the records of the last but one and takes as many: some MB on a server
 * with thousands of sites, which malloc would return to the kernel and fault in again page by page,
 * a third of all the work (2026-11). */
static void keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

int main(int argc, char **argv)
{
	keep_memory();
	const struct command *command;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C"); /* numbers are read by programs as well */
	if (argc < 2) {
		print_usage(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("heaptap %s\n", HEAPTAP_VERSION);
		return STATUS_DONE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_usage(stdout);
		return STATUS_DONE;
	}
	command = command_find(argv[1]);
	if (!command) {
		diag_fail(0, "no command '%s' (see 'heaptap help')", argv[1]);
		return STATUS_USAGE;
	}
	return (int)run(command, argc - 1, argv + 1);
}
