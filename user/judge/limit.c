/* The registry of limits and the one way to decide about a number. */
#include "judge/limit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "judge/limit_measure.h"

const struct limit_kind limit_kinds[] = {
#define KIND(symbol, name, argument, unit, glob, help)                                             \
	{ name, argument, help, LIMIT_##unit, glob, measure_##symbol },
	LIMIT_KINDS(KIND)
#undef KIND
		{ 0 },
};

const char *limit_unit_name(enum limit_unit unit)
{
	static const char *const names[LIMIT_UNITS] = { "bytes", "bytes/s", "count", "ns",
							"share" };

	return names[unit];
}

const char *limit_answer_name(enum limit_answer answer)
{
	static const char *const names[LIMIT_ANSWERS] = { "kept", "undecided", "broken",
							  "refused" };

	return names[answer];
}

const struct limit_kind *limit_kind_find(const char *name)
{
	for (const struct limit_kind *kind = limit_kinds; kind->name; kind++)
		if (!strcmp(kind->name, name))
			return kind;
	return NULL;
}

void limits_clear(struct limits *limits)
{
	for (size_t i = 0; i < limits->count; i++)
		free(limits->items[i].glob);
	free(limits->items);
	*limits = (struct limits){ 0 };
}

int limits_add(struct limits *limits, const struct limit_kind *kind, const char *glob,
	       size_t length, double most)
{
	int error = VEC_RESERVE(limits, limits->count + 1, LIMITS_MOST);
	char *copy = error == 0 && glob ? strndup(glob, length) : NULL;

	if (error < 0)
		return error;
	if (glob && !copy)
		return -ENOMEM;
	limits->items[limits->count++] = (struct limit){ kind, copy, most };
	return 0;
}

void judged_clear(struct judged *judged)
{
	table_clear(&judged->table);
	*judged = (struct judged){ 0 };
}

enum limit_answer limit_answer_of(const struct finding_number *number, double most)
{
	if (number->bounds.low > most)
		return LIMIT_BROKEN;
	return number->value > most ? LIMIT_UNDECIDED : LIMIT_KEPT;
}

int limit_judge(const struct limit_question *question, struct judged *ret)
{
	const struct limit *limit = question->limit;
	int error;

	*ret = (struct judged){
		.name = limit->kind->name,
		.glob = limit->glob,
		.unit = limit->kind->unit,
		.most = limit->most,
		.number = { limit->kind->name,
			    limit_unit_name(limit->kind->unit),
			    NAN,
			    { NAN, NAN },
			    NUMBER_EXACT },
	};
	error = limit->kind->measure(question, ret);
	if (error == -ENOMEM)
		return error;
	ret->answer = error < 0 ? LIMIT_REFUSED : limit_answer_of(&ret->number, limit->most);
	return 0;
}
