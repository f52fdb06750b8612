/* The extension contract of cmd/: a subcommand. One file and one line in cmd/commands.c. */
#ifndef HEAPTAP_COMMAND_H
#define HEAPTAP_COMMAND_H

/* Exit status of the program, in the words of the manual. */
enum status {
	STATUS_DONE = 0,
	STATUS_LIMIT_BROKEN = 1,
	STATUS_USAGE = 2,
	STATUS_UNOBSERVABLE = 3, /* gone, not Go, no permission, output not writable */
	STATUS_INTERNAL = 4,
	STATUS_REFUSED = STATUS_INTERNAL, /* check: a limit could not be judged */
};

struct command {
	const char *name;
	const char *synopsis; /* "[TARGET] -o FILE" */
	const char *summary;  /* one line */
	/* argv[0] is the command's name. Everything that went wrong has been reported when it
	 * returns. */
	enum status (*run)(int argc, char **argv);
	void (*help)(void); /* options, on standard output */
};

extern const struct command *const commands[]; /* ends with NULL */

#endif
