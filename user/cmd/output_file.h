/* Output files: complete or absent. */
#ifndef CMD_OUTPUT_FILE_H
#define CMD_OUTPUT_FILE_H

#include <stdio.h>

struct output_file {
	FILE *file;
	const char *path; /* borrowed */
	char *partial;	  /* what is written meanwhile; NULL: in place */
};

/*
 * Finds out before any work is done whether `path` can be written; leaves nothing behind. 0 or a
 * negative errno, reported.
 */
int output_check(const char *path);

/* Begins a file beside `path`, which is replaced when it is complete; "-" is standard output, and
 * devices and pipes are written in place. 0 or a negative errno, reported. */
int output_open(const char *path, struct output_file *ret);
/* Ends the writing, which went well or not (`error`, negative: silent so far): the file is in its
 * place, or the failure is reported and nothing is left. Returns the error. */
int output_close(struct output_file *output, int error);

/* Of the terminal that standard output is; 0 when it is none. */
unsigned int output_columns(void);

#endif
