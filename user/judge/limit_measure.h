/* The measure functions of all limits, and what they share. */
#ifndef JUDGE_LIMIT_MEASURE_H
#define JUDGE_LIMIT_MEASURE_H

#include "judge/limit.h"

#define MEASURE_DECLARE(symbol, name, argument, unit, glob, help)                                  \
	int measure_##symbol(const struct limit_question *question, struct judged *ret);
LIMIT_KINDS(MEASURE_DECLARE)
#undef MEASURE_DECLARE

#define LOSS_BIT(symbol) (1U << LOSS_##symbol)

/* Writes why the limit cannot be judged: -EAGAIN. */
int limit_refuse(struct judged *judged, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Something to say of a number that was measured. */
void limit_remark(struct judged *judged, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* -EAGAIN when one of the losses happened, or with fewer intervals than that. */
int limit_check(const struct limit_question *question, uint32_t losses, size_t intervals,
		struct judged *judged);

/* An exact number, -EAGAIN when it is NAN. */
int limit_exact(struct judged *judged, double value);

/* The rows by site with the most allocated or in use, as places. 0 or -ENOMEM. */
int limit_places(const struct limit_question *question, enum value value, struct judged *judged);

/* What the records that the limit's glob is about (all without one) have of `value`, in its unit
 * and divided by `seconds`, as number and places. 0, -EAGAIN or -ENOMEM. */
int limit_rows(const struct limit_question *question, enum value value, double seconds,
	       struct judged *judged);

#endif
