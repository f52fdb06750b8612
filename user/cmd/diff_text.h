/* Numbers of a comparison as people read them. */
#ifndef CMD_DIFF_TEXT_H
#define CMD_DIFF_TEXT_H

#include "judge/comparison.h"
#include "view/paper.h"

struct diff_text {
	char text[96];
};

/* "/s", "/call" or "". */
struct diff_unit {
	enum total_unit unit;
	const char *per;
};

struct diff_text diff_number(double value, const struct diff_unit *unit);
struct diff_text diff_signed(double value, const struct diff_unit *unit);
/* "12.3 MiB/s ± 4%": the wider half of the interval, in percent. */
struct diff_text diff_estimate(double value, struct interval bounds, const struct diff_unit *unit);
/* "+12.3%" behind a mark. */
struct diff_text diff_delta(double before, double after, const char *mark);
/* "" of what is significant, "? " of what is too little to tell, "= " of what is no more than the
 * floor, "~ " of what chance explains. */
const char *diff_mark(const struct measure_test *test, enum change change);
/* "0.003", "<0.001", "-" where nothing can be told. */
struct diff_text diff_p(double p);

#endif
