/*
 * Command-line options as const tables: name, help, parser and the member they fill exist once.
 * Several tables make up a command's options, so that what commands share is written once too.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

struct option_row {
	const char *name;     /* long name without dashes; NULL ends a table */
	char letter;	      /* 0: none */
	const char *argument; /* "SECONDS"; NULL: a flag */
	const char *help;     /* the parser's choices are printed after it (parse_choice) */
	size_t offset;	      /* of the member in the values struct */
	/* Sets the member from the text (NULL for a flag). 0, or -EINVAL after reporting why
	 * (option_name is for the message). */
	int (*parse)(const char *option_name, const char *text, void *member);
};

/*
 * Fills `values` (defaults already there) and sets *ret_rest to the index of the first argument
 * that is not an option; a "--" before it is skipped and noted in *ret_separated. `tables` ends
 * with NULL. 0 or -EINVAL, reported.
 */
int options_parse(int argc, char **argv, const struct option_row *const *tables, void *values,
		  int *ret_rest, int *ret_separated);

/* One line per option. */
void options_help(FILE *out, const struct option_row *const *tables);

#endif
