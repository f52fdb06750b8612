/* Limits on what some sites or types do: the records whose site's function or type matches. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "judge/limit_measure.h"
#include "model/glob.h"
#include "model/statistics.h"

int limit_refuse(struct judged *judged, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(judged->why, sizeof(judged->why), format, arguments);
	va_end(arguments);
	return -EAGAIN;
}

void limit_remark(struct judged *judged, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(judged->why, sizeof(judged->why), format, arguments);
	va_end(arguments);
}

int limit_check(const struct limit_question *question, uint32_t losses, size_t intervals,
		struct judged *judged)
{
	const struct evidence *evidence = question->evidence;

	for (int i = 0; i < LOSS_COUNT; i++)
		if (losses >> i & 1 && evidence->last.losses[i])
			return limit_refuse(judged, "lost %s %llu: %s", loss_key((enum loss)i),
					    (unsigned long long)evidence->last.losses[i],
					    loss_meaning((enum loss)i));
	if (evidence->count < intervals)
		return limit_refuse(judged,
				    "%zu intervals were seen, %zu are needed: observe for longer, "
				    "or with a shorter --interval",
				    evidence->count, intervals);
	return 0;
}

static bool matches(const struct record *record, const char *glob)
{
	uint32_t site;

	if (!glob || (record->type && glob_matches(glob, record->type)))
		return true;
	if (!record->stack)
		return false;
	site = stack_runtime_prefix(record->stack);
	return site < record->stack->count &&
	       glob_matches_function(glob, record->stack->frames[site].function);
}

static bool row_matches(void *glob, const char *name, const char *type)
{
	return !glob || glob_matches_function(glob, name) || (type && glob_matches(glob, type));
}

static bool since_start(const struct limit_question *question)
{
	return question->whole_life && question->evidence->last.has_total;
}

static void add_places(struct judged *judged, const char *unit, double divisor)
{
	const struct table *table = &judged->table;

	for (size_t i = 0; i < table->count && i < FINDING_PLACES; i++) {
		const struct row *row = &table->rows[i];

		if (!(row->value > 0))
			return;
		judged->places[judged->place_count++] = (struct finding_place){
			row->name, row->file ? row->file : "", row->line,  row->type,
			unit,	   row->value / divisor,       row->share,
		};
	}
}

static int build_places(const struct limit_question *question, enum value value, const char *unit,
			double divisor, struct judged *judged)
{
	bool from_start = since_start(question);
	int error = table_build(&question->evidence->last, grouping_find("site"), value, from_start,
				question->limit->glob ? row_matches : NULL, question->limit->glob,
				&judged->table);

	if (error == 0)
		add_places(judged, unit, divisor);
	return error;
}

int limit_places(const struct limit_question *question, enum value value, struct judged *judged)
{
	return build_places(question, value, value_is_bytes(value) ? "bytes" : "count", 1, judged);
}

struct matched {
	double value, variance;		/* of the records that match */
	double all_value, all_variance; /* of all of them */
	uint64_t samples;
	size_t records;
};

static void add_record(struct matched *sum, const struct amount *amount, bool bytes, bool matching)
{
	double value = bytes ? amount->bytes : amount->objects;
	double variance = bytes ? amount->bytes_variance : amount->objects_variance;

	sum->all_value += value;
	sum->all_variance += variance;
	if (!matching)
		return;
	sum->value += value;
	sum->variance += variance;
	sum->samples += amount->samples;
	sum->records++;
}

static struct matched sum_matches(const struct limit_question *question, enum value value)
{
	const struct snapshot *last = &question->evidence->last;
	bool from_start = since_start(question);
	struct matched sum = { 0 };

	for (size_t i = 0; i < last->record_count; i++) {
		const struct record *record = &last->records[i];

		add_record(&sum, record_amount(record, value, from_start), value_is_bytes(value),
			   matches(record, question->limit->glob));
	}
	return sum;
}

static struct interval bounds_of(const struct matched *sum)
{
	if (sum->value > 0 || !(sum->all_variance > 0))
		return amount_interval(sum->value, sum->variance);
	return (struct interval){ 0, STATISTICS_POISSON_NONE_HIGH * sum->all_variance /
					     sum->all_value };
}

/* Exact rows need no samples; of the others so many that a limit which is kept is kept for sure. */
static int check_samples(const struct limit_question *question, const struct matched *sum,
			 const struct finding_number *number, struct judged *judged)
{
	const struct snapshot *last = &question->evidence->last;

	if (number_kind_of_mode(last->mode) == NUMBER_EXACT || sum->samples >= LIMIT_SAMPLES_FEWEST)
		return 0;
	if (sum->all_variance > 0 && number->bounds.high <= question->limit->most)
		return 0;
	if (number->bounds.low > question->limit->most)
		return 0;
	return limit_refuse(judged,
			    "%llu samples were seen, %d are needed for a limit so small: observe "
			    "for longer, or with --mode exact",
			    (unsigned long long)sum->samples, LIMIT_SAMPLES_FEWEST);
}

static uint32_t spoiling_losses(enum mode mode)
{
	uint32_t losses = LOSS_BIT(BUCKET_INVALID) | LOSS_BIT(BUCKET_MAP_FULL);

	if (mode_has_hits(mode))
		losses |= LOSS_BIT(SITE_MAP_FULL) | LOSS_BIT(STACK_MAP_FULL) |
			  LOSS_BIT(STACK_UNREADABLE);
	return losses;
}

static int check_rows(const struct limit_question *question, enum value value,
		      struct judged *judged)
{
	const struct snapshot *last = &question->evidence->last;

	if (last->mode == MODE_COUNTERS)
		return limit_refuse(judged, "mode counters knows no sites and no types");
	if (value_is_inuse(value) && !last->has_live)
		return limit_refuse(judged, "what is in use by site is not known in mode %s",
				    mode_name(last->mode));
	if (!value_is_inuse(value) && !since_start(question) &&
	    question->evidence->collector_changes)
		return limit_refuse(
			judged, "the mode changed while it was observed, and rows are those since "
				"then: choose one with --mode");
	return limit_check(question, spoiling_losses(last->mode), 1, judged);
}

int limit_rows(const struct limit_question *question, enum value value, double seconds,
	       struct judged *judged)
{
	int error = check_rows(question, value, judged);
	struct matched sum;

	if (error < 0)
		return error;
	sum = sum_matches(question, value);
	judged->number.value = sum.value / seconds;
	judged->number.bounds = bounds_of(&sum);
	judged->number.bounds.low /= seconds;
	judged->number.bounds.high /= seconds;
	judged->number.kind = number_kind_of_mode(question->evidence->last.mode);
	error = check_samples(question, &sum, &judged->number, judged);
	if (error < 0)
		return error;
	if (question->whole_life && !value_is_inuse(value) && !since_start(question))
		limit_remark(judged, "without the %.0f objects of all kinds before the first look",
			     metric_value(metric_find("heap_mallocs"), &question->evidence->first));
	if (!sum.records)
		limit_remark(judged, "nothing that was seen matches '%s'", question->limit->glob);
	return build_places(question, value, limit_unit_name(judged->unit), seconds, judged);
}
