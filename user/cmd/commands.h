/* The registry of commands and what main asks of it. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include <stdio.h>

#include "command.h"

extern const struct command command_top, command_record, command_flame, command_timeline,
	command_report, command_diff, command_inspect, command_check, command_help;

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

void print_usage(FILE *out);

#endif
