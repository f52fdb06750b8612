/* heaptap diff, shared by its files: what was asked for, and how both kinds of input are reported.
 */
#ifndef CMD_DIFF_H
#define CMD_DIFF_H

#include "cmd/settings.h"
#include "exporter.h"
#include "judge/comparison.h"
#include "view/paper.h"

struct diff_settings {
	struct settings sides[SIDES]; /* file, pids, from, to */
	struct moment from, to;	      /* of both */
	const struct grouping *by;    /* NULL: not given */
	int value;
	const char *per; /* function, or NULL */
	double floor_percent;
	size_t top; /* rows of each kind, 0: all */
	bool all, json, markdown;
	const char *output, *format;
	const struct exporter *exporter; /* of output; NULL when there is none */
};

/* Of a recording's rows. */
static inline const struct grouping *diff_grouping(const struct diff_settings *settings)
{
	return settings->by ? settings->by : grouping_find("site");
}

/* Two recordings; two heap profiles. 0 or a negative errno, reported. */
int diff_recordings(const struct diff_settings *settings);
int diff_profiles(const struct diff_settings *settings);

/* Writes the paper to standard output in the form asked for. 0 or a negative errno, reported. */
int diff_print(const struct diff_settings *settings, const struct paper *paper);

/* The differential profile into settings->output, if there is one: `after` against `before` times
 * `scale`; alloc values since the process started (`from_start`) or since the observation began. 0
 * or a negative errno, reported. */
int diff_write(const struct diff_settings *settings, const struct snapshot *before,
	       const struct snapshot *after, double scale, bool from_start, enum value value);

#endif
