/* Findings are filled in by rules and read by whoever shows them. */
#include "judge/finding.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define FINDINGS_MOST 256

const char *number_kind_name(enum number_kind kind)
{
	static const char *const names[] = { "exact", "sampled", "estimated" };

	return names[kind];
}

enum number_kind number_kind_of_mode(enum mode mode)
{
	switch (mode) {
	case MODE_SAMPLER:
	case MODE_LIST:
		return NUMBER_SAMPLED;
	case MODE_WINDOWS:
		return NUMBER_ESTIMATED;
	default:
		return NUMBER_EXACT;
	}
}

const char *certainty_name(enum certainty certainty)
{
	static const char *const names[] = { "possible", "likely", "sure" };

	return names[certainty];
}

void findings_clear(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings){ 0 };
}

struct finding *findings_add(struct findings *findings, const struct rule *rule)
{
	struct finding *finding;

	if (VEC_RESERVE(findings, findings->count + 1, FINDINGS_MOST) < 0)
		return NULL;
	finding = &findings->items[findings->count++];
	*finding = (struct finding){ .rule = rule };
	return finding;
}

void finding_number(struct finding *finding, const char *name, const char *unit, double value,
		    struct interval bounds, enum number_kind kind)
{
	if (finding->number_count == FINDING_NUMBERS)
		return;
	finding->numbers[finding->number_count++] =
		(struct finding_number){ name, unit, value, bounds, kind };
}

void finding_exact(struct finding *finding, const char *name, const char *unit, double value)
{
	finding_number(finding, name, unit, value, (struct interval){ value, value }, NUMBER_EXACT);
}

void finding_statistic(struct finding *finding, const char *name, const char *unit, double value)
{
	finding_number(finding, name, unit, value, (struct interval){ NAN, NAN }, NUMBER_ESTIMATED);
}

void finding_place(struct finding *finding, const struct row *row, const char *unit, double value,
		   double share)
{
	if (finding->place_count == FINDING_PLACES)
		return;
	finding->places[finding->place_count++] = (struct finding_place){
		row->name, row->file ? row->file : "", row->line, row->type, unit, value, share
	};
}

void finding_place_frame(struct finding *finding, const struct frame *frame, const char *unit,
			 double value, double share)
{
	const struct row row = { .name = frame->function,
				 .file = frame->file,
				 .line = frame->line };

	finding_place(finding, &row, unit, value, share);
}

void finding_seen(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->seen, sizeof(finding->seen), format, arguments);
	va_end(arguments);
}

void finding_advise(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->advice, sizeof(finding->advice), format, arguments);
	va_end(arguments);
}
