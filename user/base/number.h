/* Numbers as people read them: three significant digits, a unit, never wider than announced. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

/* By value, so that it can be made where it is printed. What is not known (NaN, negative) is "?".
 */
struct number {
	char text[24];
};

struct number number_bytes(double bytes);	     /* "1.23 MiB", at most 8 columns */
struct number number_count(double count);	     /* "20.1M", at most 5 columns up to 999T */
struct number number_bytes_rate(double bytes_per_s); /* "1.23 MiB/s" */
struct number number_per_second(double rate);	     /* the same without "/s" */
struct number number_count_rate(double count_per_s); /* "20.1M/s" */
struct number number_duration(double duration_ns);   /* "620 ns", "12.3 ms", "1h02m" */
struct number number_clock(double elapsed_s);	     /* whole seconds: "9s", "1m23s", "1h02m" */
struct number number_share(double share);     /* of 1: "45.1%", "<0.01%", at most 6 columns */
struct number number_percent(double percent); /* of 100 */
struct number number_range(double low, double high, int bytes); /* "1.10-1.31 MiB", "9.12k-10.4k" */

#endif
