/* `heaptap check`: what was judged, as text, markdown, JSON, and JUnit's XML. */
#ifndef VIEW_CHECK_H
#define VIEW_CHECK_H

#include <stdio.h>

#include "judge/limit.h"

/* One process, or one test binary. */
struct check_part {
	const char *name;		 /* comm, or the test binary */
	const struct evidence *evidence; /* NULL: it could not be observed */
	const char *refused;		 /* why then; else NULL */
	size_t count;
	struct judged *judged;
};

struct check_result {
	size_t count;
	const struct check_part *parts;
	int command_status; /* of the command that was started; -1: none, or still running */
	bool verbose;	    /* limits that were kept one by one */
};

/* How many have this answer; parts that could not be observed count as refused. */
size_t check_count(const struct check_result *result, enum limit_answer answer);

/* "max-live main.*: 1.20 MiB (95 %: 1.10 MiB to 1.30 MiB, sampled), the limit is 1.00 MiB": one
 * line without its end. */
void check_write_line(FILE *out, const struct judged *judged);

struct check_format {
	const char *name;
	/* 0 or -ENOMEM; errors of writing are the caller's to check. */
	int (*write)(FILE *out, const struct check_result *result);
};
extern const struct check_format check_text, check_markdown, check_json, check_junit;

#endif
