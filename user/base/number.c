/* Human numbers. One idea: pick the unit in which the number, rounded to three digits, has at most
 * three (four for binary units, up to 1023) digits before the point. */
#include "base/number.h"

#include <math.h>
#include <stdio.h>

struct scale {
	double base;
	double limit; /* from here on the next unit is used */
	const char *units[6];
};

static const struct scale binary = { 1024, 1023.5, { "B", "KiB", "MiB", "GiB", "TiB", "PiB" } };
static const struct scale decimal = { 1000, 999.5, { "", "k", "M", "G", "T", "P" } };

static const struct number unknown = { "?" };

static int is_known(double value)
{
	return isfinite(value) && value >= 0;
}

/* Digits after the point that make three significant ones; whole numbers below the first unit stay
 * whole. */
static int decimals(double value, size_t unit)
{
	if (unit == 0 && value == floor(value))
		return 0;
	return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

static double scaled(double value, const struct scale *scale, size_t *ret_unit)
{
	size_t unit = 0;

	while (value >= scale->limit && unit + 1 < sizeof(scale->units) / sizeof(*scale->units)) {
		value /= scale->base;
		unit++;
	}
	*ret_unit = unit;
	return value;
}

static struct number print(double value, const struct scale *scale, const char *gap,
			   const char *suffix)
{
	struct number number;
	size_t unit;

	if (!is_known(value))
		return unknown;
	value = scaled(value, scale, &unit);
	snprintf(number.text, sizeof(number.text), "%.*f%s%s%s", decimals(value, unit), value, gap,
		 scale->units[unit], suffix);
	return number;
}

struct number number_bytes(double bytes)
{
	return print(is_known(bytes) ? round(bytes) : bytes, &binary, " ", "");
}

struct number number_count(double count)
{
	return print(is_known(count) ? round(count) : count, &decimal, "", "");
}

struct number number_bytes_rate(double bytes_per_s)
{
	return print(is_known(bytes_per_s) ? round(bytes_per_s) : bytes_per_s, &binary, " ", "/s");
}

struct number number_count_rate(double count_per_s)
{
	return print(count_per_s, &decimal, "", "/s");
}

struct number number_per_second(double rate)
{
	return print(rate, &decimal, "", "");
}

static struct number long_duration(double seconds)
{
	static const struct {
		double from_s, big_s, small_s;
		const char *format;
	} formats[] = {
		{ 86400, 86400, 3600, "%.0fd%02.0fh" },
		{ 3600, 3600, 60, "%.0fh%02.0fm" },
		{ 0, 60, 1, "%.0fm%02.0fs" },
	};
	size_t i = 0;
	struct number number;
	double big;

	while (seconds < formats[i].from_s)
		i++;
	big = floor(seconds / formats[i].big_s);
	snprintf(number.text, sizeof(number.text), formats[i].format, big,
		 floor((seconds - big * formats[i].big_s) / formats[i].small_s));
	return number;
}

struct number number_duration(double duration_ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	struct number number;
	size_t unit = 0;

	if (!is_known(duration_ns))
		return unknown;
	if (duration_ns >= 59.95e9)
		return long_duration(round(duration_ns / 1e9));
	while (duration_ns >= 999.5 && unit < 3) {
		duration_ns /= 1000;
		unit++;
	}
	snprintf(number.text, sizeof(number.text), "%.*f %s", decimals(duration_ns, unit),
		 duration_ns, units[unit]);
	return number;
}

struct number number_clock(double elapsed_s)
{
	struct number number;

	if (!is_known(elapsed_s))
		return unknown;
	elapsed_s = floor(elapsed_s + 1e-6); /* 3 intervals of 0.1 s are no less than 0.3 s */
	if (elapsed_s >= 60)
		return long_duration(elapsed_s);
	snprintf(number.text, sizeof(number.text), "%.0fs", elapsed_s);
	return number;
}

struct number number_percent(double percent)
{
	struct number number;

	if (!is_known(percent))
		return unknown;
	if (percent > 0 && percent < 0.005)
		return (struct number){ "<0.01%" };
	snprintf(number.text, sizeof(number.text), "%.*f%%",
		 percent >= 99.95 || percent == 0 ? 0
		 : percent >= 9.995		  ? 1
						  : 2,
		 percent);
	return number;
}

struct number number_share(double share)
{
	return number_percent(share * 100);
}

/* Both ends in the unit of the upper one, which is then said once. */
struct number number_range(double low, double high, int bytes)
{
	const struct scale *scale = bytes ? &binary : &decimal;
	struct number number;
	size_t unit;

	if (!is_known(low) || !is_known(high))
		return unknown;
	high = scaled(round(high), scale, &unit);
	low = round(low) / pow(scale->base, (double)unit);
	snprintf(number.text, sizeof(number.text), "%.*f-%.*f%s%s", decimals(low, unit), low,
		 decimals(high, unit), high, bytes ? " " : "", scale->units[unit]);
	return number;
}
