/* What is said of two recordings. */
#ifndef CMD_DIFF_REPORT_H
#define CMD_DIFF_REPORT_H

#include "cmd/diff.h"

/* Prints the comparison, which is finished. 0 or a negative errno, reported. */
int diff_report(const struct diff_settings *settings, const struct comparison *comparison,
		enum value value);

#endif
