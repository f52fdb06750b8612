/* Whether two snapshots say the same, and what does not. */
#include "unit/recording_fixture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/test.h"
#include "model/instantiations.h"
#include "model/metric.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_stack(const struct stack *a, const struct stack *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		const struct frame *x = &a->frames[i], *y = &b->frames[i];

		if (!same_text(x->function, y->function) || !same_text(x->file, y->file) ||
		    x->line != y->line || x->start_line != y->start_line ||
		    x->address != y->address || x->inlined != y->inlined || x->entry != y->entry)
			return false;
	}
	return true;
}

static const struct record *find_record(const struct snapshot *snapshot, const struct record *like)
{
	for (size_t i = 0; i < snapshot->record_count; i++)
		if (snapshot->records[i].id == like->id)
			return &snapshot->records[i];
	return NULL;
}

#define SAME(member) !memcmp(&a->member, &b->member, sizeof(a->member))

static bool same_record(const struct record *a, const struct record *b)
{
	return b && same_stack(a->stack, b->stack) && same_text(a->type, b->type) &&
	       same_text(a->interface, b->interface) && SAME(object_bytes) && SAME(total) &&
	       SAME(begun) && SAME(interval) && SAME(live) && SAME(ages);
}

static bool same_metric(const struct metric *metric, const struct snapshot *a,
			const struct snapshot *b)
{
	double x = metric_value(metric, a), y = metric_value(metric, b);

	return metric->real ? x == y || (isnan(x) && isnan(y))
			    : metric_integer(metric, a) == metric_integer(metric, b);
}

static const char *head_difference(const struct snapshot *a, const struct snapshot *b)
{
	if (!SAME(time_unix_ns) || !SAME(interval_s) || !SAME(elapsed_s))
		return "the time";
	if (a->pid != b->pid || !same_text(a->comm, b->comm) ||
	    !same_text(a->go_version, b->go_version))
		return "the process";
	if (a->mode != b->mode || !same_text(a->note, b->note) || a->has_total != b->has_total ||
	    a->has_live != b->has_live)
		return "the mode";
	for (size_t i = 0; i < metric_count(); i++)
		if (!same_metric(&metrics[i], a, b))
			return metrics[i].name;
	if (a->rss.heap_bytes != b->rss.heap_bytes || a->rss.named != b->rss.named)
		return "rss";
	if (!SAME(losses))
		return "losses";
	return SAME(classes) ? "" : "classes";
}

static const char *events_difference(const struct gc_events *a, const struct gc_events *b)
{
	if (a->probed != b->probed || !same_text(a->note, b->note) ||
	    a->cycles_unseen != b->cycles_unseen || a->cycle_count != b->cycle_count ||
	    a->stop_count != b->stop_count)
		return "gc_events";
	for (size_t i = 0; i < a->cycle_count; i++)
		if (memcmp(&a->cycles[i], &b->cycles[i], offsetof(struct gc_cycle, forced)) ||
		    a->cycles[i].forced != b->cycles[i].forced)
			return "gc_events.cycles";
	for (size_t i = 0; i < a->stop_count; i++)
		if (a->stops[i].begin_unix_ns != b->stops[i].begin_unix_ns ||
		    a->stops[i].duration_ns != b->stops[i].duration_ns ||
		    a->stops[i].reason != b->stops[i].reason)
			return "gc_events.stops";
	return "";
}

static bool same_real(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool same_step(const struct governor_step *a, const struct governor_step *b)
{
	if (!a->from || !b->from)
		return !a->from && !b->from;
	return a->time_unix_ns == b->time_unix_ns && !strcmp(a->from, b->from) &&
	       !strcmp(a->to, b->to) && !strcmp(a->reason, b->reason);
}

static const char *governor_difference(const struct governor_state *a,
				       const struct governor_state *b)
{
	if (!same_real(a->budget_percent, b->budget_percent) ||
	    !same_real(a->spent_percent, b->spent_percent) ||
	    !same_real(a->predicted_percent, b->predicted_percent) ||
	    !same_real(a->since_s, b->since_s))
		return "the budget";
	if (a->steps != b->steps || a->step_count != b->step_count)
		return "the number of steps";
	for (size_t i = 0; i < a->step_count; i++)
		if (!same_step(&a->interval_steps[i], &b->interval_steps[i]))
			return "steps";
	return same_step(&a->last, &b->last) ? "" : "the last step";
}

static bool same_type_row(const struct type_row *a, const struct type_row *b)
{
	return a->id == b->id && a->event == b->event && same_text(a->interface, b->interface) &&
	       same_text(a->type, b->type) && a->failed == b->failed && a->begun == b->begun &&
	       a->interval == b->interval && !a->stack == !b->stack &&
	       (!a->stack || same_stack(a->stack, b->stack));
}

static const char *types_difference(const struct type_group *a, const struct type_group *b)
{
	if (a->probed != b->probed || !same_text(a->note, b->note) || a->count != b->count ||
	    a->itab_count != b->itab_count)
		return "type_group";
	for (size_t i = 0; i < a->count; i++)
		if (!same_type_row(&a->rows[i], &b->rows[i]))
			return "type_group.rows";
	for (size_t i = 0; i < a->itab_count; i++)
		if (!same_text(a->itabs[i].interface, b->itabs[i].interface) ||
		    !same_text(a->itabs[i].type, b->itabs[i].type) ||
		    a->itabs[i].failed != b->itabs[i].failed ||
		    a->itabs[i].fixed != b->itabs[i].fixed)
			return "type_group.itabs";
	return "";
}

static bool same_function(const struct generic_function *a, const struct generic_function *b)
{
	if (!same_text(a->name, b->name) || a->shapes != b->shapes || a->types != b->types)
		return false;
	for (size_t i = 0; i < a->types; i++)
		if (!same_text(a->type_names[i], b->type_names[i]))
			return false;
	return true;
}

static bool same_generics(const struct generics *a, const struct generics *b)
{
	if (!a || !b)
		return a == b;
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_function(&a->items[i], &b->items[i]))
			return false;
	return true;
}

const char *snapshot_difference(const struct snapshot *a, const struct snapshot *b)
{
	const char *difference = head_difference(a, b);
	size_t pauses = a->memstats.pause_count * sizeof(int64_t);

	if (!*difference)
		difference = governor_difference(&a->governor, &b->governor);
	if (!*difference)
		difference = events_difference(&a->gc_events, &b->gc_events);
	if (!*difference)
		difference = types_difference(&a->type_group, &b->type_group);
	if (*difference)
		return difference;
	if (!same_generics(a->generics, b->generics))
		return "generics";
	if (!SAME(memstats.pause_count) || !SAME(memstats.gc_cpu_fraction) ||
	    memcmp(a->memstats.pause_ns, b->memstats.pause_ns, pauses) ||
	    memcmp(a->memstats.pause_end_unix_ns, b->memstats.pause_end_unix_ns, pauses))
		return "pauses";
	if (a->record_count != b->record_count)
		return "the number of records";
	for (size_t i = 0; i < a->record_count; i++)
		if (!same_record(&a->records[i], find_record(b, &a->records[i])))
			return "records";
	return "";
}
