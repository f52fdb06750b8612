/*
 * Commands that `heaptap check` runs: each Go process is one `heaptap record --wrap` around it, so
 * that `go test`, which starts its test binaries itself, is no special case but for its -exec.
 */
#ifndef CMD_CHECK_COMMAND_H
#define CMD_CHECK_COMMAND_H

#include "cmd/check_parts.h"

/* Runs settings->command so often, until it fails, and adds a part for each process that was
 * recorded, or should have been. *ret_status: its exit status. 0 or a negative errno, reported. */
int check_command(const struct settings *settings, size_t runs, const struct limits *limits,
		  struct check_parts *parts, int *ret_status);

#endif
