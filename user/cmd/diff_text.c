/* The words and units of a comparison. */
#include "cmd/diff_text.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"

/* Beyond this it is no news how many percent. */
#define PERCENT_MOST 9999.5

struct diff_text diff_number(double value, const struct diff_unit *unit)
{
	struct number number = unit->unit == TOTAL_BYTES   ? number_bytes(value)
			       : unit->unit == TOTAL_NS	   ? number_duration(value)
			       : unit->unit == TOTAL_SHARE ? number_share(value)
							   : number_per_second(value);
	struct diff_text ret;

	snprintf(ret.text, sizeof(ret.text), "%s%s", number.text,
		 isfinite(value) && value >= 0 ? unit->per : "");
	return ret;
}

struct diff_text diff_signed(double value, const struct diff_unit *unit)
{
	struct diff_text number = diff_number(fabs(value), unit), ret;

	snprintf(ret.text, sizeof(ret.text), "%s%.90s",
		 value < 0   ? "-"
		 : value > 0 ? "+"
			     : "",
		 number.text);
	return ret;
}

struct diff_text diff_estimate(double value, struct interval bounds, const struct diff_unit *unit)
{
	struct diff_text ret = diff_number(value, unit);
	double half = fmax(bounds.high - value, value - bounds.low);
	struct diff_text number = ret;

	if (isnan(value) || isnan(half) || value <= 0)
		return ret;
	snprintf(ret.text, sizeof(ret.text), "%.60s \u00b1%3.0f%%", number.text,
		 fmin(half / value * 100, 999));
	return ret;
}

const char *diff_mark(const struct measure_test *test, enum change change)
{
	if (change != CHANGE_SAME)
		return "";
	if (isnan(test->p))
		return "? ";
	return test->within_floor ? "= " : "~ ";
}

struct diff_text diff_delta(double before, double after, const char *mark)
{
	struct diff_text ret = { "" };
	double percent = (after / before - 1) * 100;

	if (isnan(before) || isnan(after))
		snprintf(ret.text, sizeof(ret.text), "-");
	else if (before == after)
		snprintf(ret.text, sizeof(ret.text), "%s0%%", mark);
	else if (before == 0)
		snprintf(ret.text, sizeof(ret.text), "%snew", mark);
	else if (fabs(percent) > PERCENT_MOST)
		snprintf(ret.text, sizeof(ret.text), "%sx %.0f", mark, after / before);
	else
		snprintf(ret.text, sizeof(ret.text), "%s%+.1f%%", mark, percent);
	return ret;
}

struct diff_text diff_p(double p)
{
	struct diff_text ret = { "-" };

	if (p < 0.001)
		snprintf(ret.text, sizeof(ret.text), "<0.001");
	else if (!isnan(p))
		snprintf(ret.text, sizeof(ret.text), "%.3f", p);
	return ret;
}
