/* Parsers of option values; see options.h for the contract of each. The comment names the member's
 * type. */
#ifndef CMD_PARSE_H
#define CMD_PARSE_H

#include <stddef.h>
#include <sys/types.h>

#include "limits.h"
#include "model/table.h"

struct unit {
	const char *name;
	double factor;
};
extern const struct unit units_time[], units_percent[], units_count[], units_bytes[];

/* A number >= 0 and one of the units; `units` ends with a NULL name, an empty name is "no unit". 0
 * or -EINVAL, silent. */
int parse_quantity(const char *text, const struct unit *units, double *ret);

struct pid_list {
	size_t count;
	pid_t pids[LIMIT_TARGETS];
};

/* Texts of an option that may be repeated, borrowed from argv. */
struct text_list {
	size_t count;
	const char *texts[LIMIT_GLOBS];
};

int parse_flag(const char *option, const char *text, void *member); /* bool */
int parse_text(const char *option, const char *text,
	       void *member); /* const char *, borrowed from argv */
int parse_texts(const char *option, const char *text, void *member); /* struct text_list */
int parse_count(const char *option, const char *text, void *member); /* size_t */
int parse_seconds(const char *option, const char *text,
		  void *member); /* double: "200us", "1.5ms", "1s", "2m", "1h", "1.5" */
int parse_percent(const char *option, const char *text, void *member); /* double: "1%", "0.5" */
int parse_bytes(const char *option, const char *text,
		void *member); /* uint64_t: "4096", "64KiB", "1M" */
int parse_pids(const char *option, const char *text, void *member); /* struct pid_list: "12,34" */
int parse_grouping(const char *option, const char *text,
		   void *member); /* const struct grouping * */
/* What makes the rows of a table: a grouping, or the name of a screen that has rows of its own. */
struct rows_wanted {
	const struct grouping *by;
	const char *screen; /* NULL: none */
};
int parse_by(const char *option, const char *text, void *member);    /* struct rows_wanted */
int parse_value(const char *option, const char *text, void *member); /* int: enum value */

/* The names that one of these parsers knows, for help texts: NULL after the last one, and for
 * parsers of anything else. */
const char *parse_choice(int (*parser)(const char *, const char *, void *), size_t index);

#endif
