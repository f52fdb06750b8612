/* Numbers and places of a verdict in words. */
#ifndef VIEW_VERDICT_TEXT_H
#define VIEW_VERDICT_TEXT_H

#include <stdio.h>

#include "judge/finding.h"

/* Names come from the target: without what would control a terminal. */
void verdict_write_text(FILE *out, const char *text);

/* In its unit (struct finding_number); a change may be negative; "?" when not known. */
void verdict_write_value(FILE *out, double value, const char *unit);

/* The value with its interval, if it has one, and its kind: "1.20 MiB (95 %: 1.10 MiB to 1.30 MiB,
 * sampled)". */
void verdict_write_number(FILE *out, const struct finding_number *number);

/* "main.fill main.go:10 (main.T), 96.8% of all": the share, else the value; `code` stands before
 * and behind the name. Without an end of line. */
void verdict_write_place(FILE *out, const struct finding_place *place, const char *code);

#endif
