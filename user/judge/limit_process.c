/* Limits on the process as a whole: from the runtime's and the kernel's own books. */
#include <errno.h>
#include <math.h>

#include "judge/limit_measure.h"

#define GROWTH_INTERVALS_FEWEST	  8
#define GROWTH_COLLECTIONS_FEWEST 2

int limit_exact(struct judged *judged, double value)
{
	if (isnan(value))
		return limit_refuse(judged, "it is not known of this process");
	judged->number.value = value;
	judged->number.bounds = (struct interval){ value, value };
	judged->number.kind = NUMBER_EXACT;
	return 0;
}

/* Since the first look, or since the process started. */
static double counted(const struct limit_question *question, const char *metric)
{
	const struct evidence *evidence = question->evidence;

	return question->whole_life ? metric_value(metric_find(metric), &evidence->last)
				    : evidence_growth(evidence, metric);
}

int measure_mallocs(const struct limit_question *question, struct judged *ret)
{
	int error;

	if (question->limit->glob)
		return limit_rows(question, VALUE_ALLOC_OBJECTS, 1, ret);
	error = limit_check(question, LOSS_BIT(COUNTERS_TORN), question->whole_life ? 0 : 1, ret);
	if (error == 0)
		error = limit_exact(ret, counted(question, "heap_mallocs"));
	return error < 0 ? error : limit_places(question, VALUE_ALLOC_OBJECTS, ret);
}

/* Rates are those of the time that was observed: when the process started is not known so well. */
int measure_alloc_rate(const struct limit_question *question, struct judged *ret)
{
	struct limit_question observed = *question;
	double seconds = question->evidence->elapsed_s;
	int error = limit_check(question, LOSS_BIT(COUNTERS_TORN), 1, ret);

	observed.whole_life = false;
	if (question->limit->glob)
		return limit_check(question, 0, 1, ret) < 0
			       ? -EAGAIN
			       : limit_rows(&observed, VALUE_ALLOC_SPACE, seconds, ret);
	if (error == 0)
		error = limit_exact(ret, evidence_growth(question->evidence, "heap_alloc_bytes") /
						 seconds);
	return error < 0 ? error : limit_places(&observed, VALUE_ALLOC_SPACE, ret);
}

/* What collections left: the least in use between each and the next that was seen. */
struct leavings {
	size_t count;	    /* of collections that were seen to end */
	double first, last; /* the least of their first and last quarter */
};

static struct leavings collect(const struct evidence *evidence, size_t expected)
{
	struct leavings ret = { 0, NAN, NAN };
	size_t quarter = expected < 4 ? 1 : expected / 4;
	double cycles = metric_value(metric_find("gc_cycles"), &evidence->first);

	for (size_t i = 0; i < evidence->count; i++) {
		double inuse = evidence_value(evidence, i, "heap_inuse_bytes");

		ret.count += evidence_value(evidence, i, "gc_cycles") > cycles;
		cycles = fmax(cycles, evidence_value(evidence, i, "gc_cycles"));
		if (ret.count && ret.count <= quarter)
			ret.first = fmin(ret.first, inuse);
		if (ret.count + quarter > expected)
			ret.last = fmin(ret.last, inuse);
	}
	return ret;
}

/* A program that was seen from its start with few collections has kept no more than all that it has
 * in use at its end: that can keep the limit, but not break it. */
static int growth_at_most(const struct limit_question *question, size_t ended, struct judged *ret)
{
	double inuse = metric_value(metric_find("heap_inuse_bytes"), &question->evidence->last);

	if (question->whole_life && inuse <= ret->most) {
		limit_remark(ret, "garbage and all: collections that ended meanwhile: %zu", ended);
		return limit_exact(ret, inuse);
	}
	return limit_refuse(ret,
			    "collections that ended while it was observed: %zu, and %d are needed "
			    "to tell growth from garbage: observe for longer",
			    ended, GROWTH_COLLECTIONS_FEWEST);
}

/*
 * From what the first quarter of the collections left to what the last quarter did: a sawtooth is
 * no growth, and what was in use at the first look may have been garbage.
 */
int measure_heap_growth(const struct limit_question *question, struct judged *ret)
{
	int error = limit_check(question, LOSS_BIT(COUNTERS_TORN), GROWTH_INTERVALS_FEWEST, ret);
	size_t ended = collect(question->evidence, 0).count;
	struct leavings left = collect(question->evidence, ended);

	if (error < 0)
		return error;
	error = ended < GROWTH_COLLECTIONS_FEWEST ? growth_at_most(question, ended, ret)
						  : limit_exact(ret, left.last - left.first);
	return error < 0 ? error : limit_places(question, VALUE_INUSE_SPACE, ret);
}

static int measure_peak(const struct limit_question *question, const char *metric,
			struct judged *ret)
{
	int error = limit_check(question, 0, 1, ret);

	return error < 0 ? error : limit_exact(ret, evidence_peak(question->evidence, metric));
}

int measure_rss(const struct limit_question *question, struct judged *ret)
{
	int error = measure_peak(question, "rss_total_bytes", ret);

	return error < 0 ? error : limit_places(question, VALUE_INUSE_SPACE, ret);
}

int measure_heap(const struct limit_question *question, struct judged *ret)
{
	int error = measure_peak(question, "heap_inuse_bytes", ret);

	return error < 0 ? error : limit_places(question, VALUE_INUSE_SPACE, ret);
}

int measure_goroutines(const struct limit_question *question, struct judged *ret)
{
	return measure_peak(question, "goroutines", ret);
}

int measure_live(const struct limit_question *question, struct judged *ret)
{
	int error;

	if (question->limit->glob)
		return limit_rows(question, VALUE_INUSE_SPACE, 1, ret);
	error = limit_check(question, LOSS_BIT(COUNTERS_TORN), question->whole_life ? 0 : 1, ret);
	if (error == 0)
		error = limit_exact(ret, metric_value(metric_find("heap_inuse_bytes"),
						      &question->evidence->last));
	return error < 0 ? error : limit_places(question, VALUE_INUSE_SPACE, ret);
}

int measure_metadata_share(const struct limit_question *question, struct judged *ret)
{
	const struct snapshot *last = &question->evidence->last;
	const struct share *share = &last->type_group.metadata_bytes;
	int error = limit_check(question, LOSS_BIT(BUCKET_INVALID), 1, ret);

	if (error < 0)
		return error;
	if (isnan(share->value))
		return limit_refuse(ret, "nothing is known of who allocated");
	ret->number.value = share->value;
	ret->number.bounds = share->bounds;
	ret->number.kind = number_kind_of_mode(last->mode);
	if (ret->number.kind != NUMBER_EXACT && share->samples < LIMIT_SAMPLES_FEWEST &&
	    share->bounds.high > question->limit->most)
		return limit_refuse(ret, "%.0f samples were seen, %d are needed", share->samples,
				    LIMIT_SAMPLES_FEWEST);
	return limit_places(question, VALUE_ALLOC_SPACE, ret);
}

/* The runtime counts at the end of each cycle: without one there is nothing to count. Before Go
 * 1.21 there is only its average since the process started. */
int measure_gc_cpu(const struct limit_question *question, struct judged *ret)
{
	double gc = counted(question, "gc_cpu_gc_total_ns"),
	       all = counted(question, "gc_cpu_total_ns");
	int error = limit_check(question, 0, question->whole_life ? 0 : 1, ret);

	if (error == 0 && isnan(gc)) {
		error = limit_exact(ret, metric_value(metric_find("gc_cpu_fraction"),
						      &question->evidence->last));
		if (error == 0 && !question->whole_life)
			limit_remark(ret, "this Go version has its average since the process "
					  "started only");
	} else if (error == 0 && counted(question, "gc_cycles") == 0)
		error = limit_exact(ret, 0);
	else if (error == 0)
		error = all > 0 ? limit_exact(ret, gc / all)
				: limit_refuse(ret, "the runtime has not counted its CPU yet");
	return error < 0 ? error : limit_places(question, VALUE_ALLOC_SPACE, ret);
}

/* A few intervals at the beginning may be without probes, as long as nothing long was in them. */
static int check_probed(const struct limit_question *question, struct judged *ret)
{
	const struct evidence *evidence = question->evidence;
	const char *note = evidence->last.gc_events.note;

	if (evidence->stops_probed)
		return 0;
	if (!evidence_probed_mostly(evidence))
		return limit_refuse(ret, "stops of the world were not seen one by one%s%s",
				    note ? ": " : "", note ? note : "");
	if (!(evidence_pause_unprobed(evidence) <= question->limit->most))
		return limit_refuse(ret,
				    "in the first %zu intervals, without probes, a collection "
				    "stopped the world for longer in all, or it is not known",
				    evidence->probed_from);
	limit_remark(ret, "in the first %zu of %zu intervals collections only are known",
		     evidence->probed_from, evidence->intervals);
	return 0;
}

int measure_pause(const struct limit_question *question, struct judged *ret)
{
	const struct evidence *evidence = question->evidence;
	double longest = 0;
	int error = limit_check(question, LOSS_BIT(GC_RING_FULL), 1, ret);

	if (error < 0)
		return error;
	error = check_probed(question, ret);
	if (error < 0)
		return error;
	if (evidence->stops_left_out)
		return limit_refuse(ret, "%llu stops of the world are too many to be kept",
				    (unsigned long long)evidence->stops_left_out);
	for (size_t i = 0; i < evidence->stop_count; i++)
		if (evidence->stops[i].duration_ns != UNKNOWN)
			longest = fmax(longest, (double)evidence->stops[i].duration_ns);
	return limit_exact(ret, longest);
}
