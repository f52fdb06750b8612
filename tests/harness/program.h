/* Another program that a test starts and talks to by lines. */
#ifndef TESTS_HARNESS_PROGRAM_H
#define TESTS_HARNESS_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct program {
	pid_t pid;
	FILE *to, *from; /* its standard input and output */
	char *line;	 /* the last one it wrote, without its end; "" after the last */
	size_t capacity;
};

struct program_options {
	unsigned long persona; /* of personality(2) */
	uid_t uid;	       /* 0: ours */
	const char *setting;   /* "NAME=VALUE", added to the environment; or NULL */
};

/* arguments[0] is the file. It is killed when the test program ends. Does not return on failure. */
struct program program_start(const char *const *arguments, struct program_options options);

/* Reads the next line and returns it. */
const char *program_read(struct program *program);
/* Sends a line and returns the answer. */
const char *program_ask(struct program *program, const char *line);

/* Kills and reaps it; again is fine. */
void program_end(struct program *program);

#define AUTO_PROGRAM __attribute__((cleanup(program_end)))

#endif
