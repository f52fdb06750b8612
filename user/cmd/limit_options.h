/* Limits as the user writes them: options, and lines of a file. */
#ifndef CMD_LIMIT_OPTIONS_H
#define CMD_LIMIT_OPTIONS_H

#include "judge/limit.h"

/* struct option_row's parse, of every kind: struct limits. */
int parse_limit(const char *option, const char *text, void *member);

/*
 * --limits FILE: a limit on each line, the option's name without dashes and its value; what follows
 * a `#` at the beginning of a line or after a space is a comment. Also a parser of an option.
 */
int parse_limits_file(const char *option, const char *path, void *member);

#endif
