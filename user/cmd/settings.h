/* What the user asked for: the options that commands share, with their tables. */
#ifndef CMD_SETTINGS_H
#define CMD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/collector.h"
#include "cmd/moment.h"
#include "cmd/options.h"
#include "cmd/parse.h"
#include "model/table.h"

#define VALUE_BY_DATA (-1) /* in use where it is known, else allocated */

struct settings {
	/* the target */
	struct pid_list pids;
	const char *name;
	char **command; /* after "--", NULL-terminated; NULL when none */
	/* observing */
	const struct collector *collector; /* NULL: auto */
	double budget_percent, interval_s, for_s, max_stall_s;
	bool stacks;
	bool force; /* beyond the budget, and over a file that exists */
	bool set_rate;
	uint64_t rate_bytes;
	bool verbose;
	struct text_list globs; /* of --cache */
	/* showing */
	struct rows_wanted rows;
	int value; /* enum value or VALUE_BY_DATA */
	size_t top;
	const char *filter;
	bool json, once, no_colour;
	/* writing */
	const char *output, *format;
	bool follow;
	bool keep; /* a command that is started is seen to its exit (cmd/keeper.h) */
	bool wrap; /* and let to end, with its exit status and no words of ours */
	/* a recording in the target's place: only where the command says so */
	bool takes_file;
	const char *file;
	struct moment at, from, to;
};

extern const struct option_row target_options[];  /* -p, -n */
extern const struct option_row observe_options[]; /* --mode, --budget, ... */
extern const struct option_row window_options[];  /* --from, --to: of a recording */
extern const struct option_row replay_options[];  /* the same and --at */
extern const struct option_row show_options[];	  /* --by, --value, ... */

/* Defaults. */
void settings_init(struct settings *settings);

/*
 * Parses argv with `tables` and checks that exactly one kind of target was given. 0 or -EINVAL,
 * reported.
 */
int settings_parse(struct settings *settings, int argc, char **argv,
		   const struct option_row *const *tables);

#endif
