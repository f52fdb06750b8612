/* `heaptap check --baseline`: what is checked against a recording of how it was. */
#ifndef CMD_CHECK_BASELINE_H
#define CMD_CHECK_BASELINE_H

#include "cmd/settings.h"
#include "judge/comparison.h"
#include "view/check.h"

struct baseline_settings {
	const char *file; /* NULL: no baseline */
	double regression_percent;
	const char *per;
	const struct grouping *by; /* NULL: totals only */
};

struct baseline;

/* Reads the recording. *ret NULL without a file. 0 or a negative errno, reported. */
int baseline_open(const struct baseline_settings *settings, struct baseline **ret);
void baseline_close(struct baseline *baseline);

/* A snapshot of what is checked; its strings must live until baseline_close. `baseline` NULL is
 * fine. 0 or a negative errno, reported. */
int baseline_add(struct baseline *baseline, const struct snapshot *snapshot);

/* Compares: the part lives as long as the baseline. 0 or a negative errno, reported. */
int baseline_judge(struct baseline *baseline, struct check_part *ret);

#endif
