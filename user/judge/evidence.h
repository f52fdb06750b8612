/*
 * What was seen over one stretch of observation, live or recorded, kept for a judgement: every
 * metric over time, what stood behind it at the end, how each site's live memory went, and every
 * stop of the world. Rules and limits read nothing else.
 */
#ifndef JUDGE_EVIDENCE_H
#define JUDGE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/histories.h"
#include "judge/window.h"
#include "model/metric.h"
#include "model/snapshot.h"
#include "model/table.h"
#include "model/trend.h"

/* One snapshot, or several neighbours when there were more than EVIDENCE_SAMPLES. */
#define EVIDENCE_SAMPLES 4096
struct sample {
	int64_t time_unix_ns; /* its end */
	double interval_s;
	double *values; /* metric_count() of them, as metrics[]; NAN: not known. Owned by the
			   evidence. */
};

struct evidence {
	size_t count; /* of samples; the first snapshot, which has no interval, is none of them */
	struct sample *samples;
	double *values;
	double *peaks; /* the largest of each metric in any snapshot, the first too */
	size_t stride; /* snapshots per sample */
	size_t snapshots;
	double elapsed_s; /* that was observed */
	uint64_t gaps;	  /* times at which nobody looked between two snapshots */
	/* Copies; strings and stacks are borrowed. What the last one's records have `begun` is
	 * since the first one. */
	struct snapshot first, last;
	struct window *window; /* NULL: nothing to take off */
	struct histories *histories;
	struct gc_stop *stops; /* longest LIMIT_INTERVAL_EVENTS at most, in the order of time */
	size_t stop_count, stop_capacity;
	uint64_t stops_left_out;
	bool stops_probed; /* every one was seen, in every interval */
	/* or from this interval on, counted from 0, whose beginning is probed_unix_ns; SIZE_MAX:
	 * not even that */
	size_t probed_from;
	int64_t probed_unix_ns;
	/* Times that another collector took over: what the rows have allocated begins anew. */
	uint64_t collector_changes;
	double rows_s; /* the time in which the last one's records have allocated their `begun` */
	size_t intervals; /* how many there were, whatever became of their samples */
};

/* 0 or -ENOMEM, silent. */
int evidence_new(struct evidence **ret);
void evidence_free(struct evidence *evidence);

/* Snapshots of one process, in the order of time. The snapshot is copied; its strings and stacks
 * have to outlive the evidence. 0 or -ENOMEM, silent. */
int evidence_add(struct evidence *evidence, const struct snapshot *snapshot);

/* The value of a metric in a sample; NAN when it is not known. */
double evidence_value(const struct evidence *evidence, size_t sample, const char *metric);
/* The median over all samples that know it; NAN when none does. */
double evidence_median(const struct evidence *evidence, const char *metric);
/* The largest value in any snapshot; NAN when not known. */
double evidence_peak(const struct evidence *evidence, const char *metric);
/* How much a counter grew from the first snapshot to the last; NAN when not known. */
double evidence_growth(const struct evidence *evidence, const char *metric);

enum trend_by {
	/* What is left after collections: the least value in each GC cycle, or in each sample when
	 * cycles are not counted. A sawtooth between two collections is no growth. */
	TREND_BY_CYCLE,
	TREND_BY_SAMPLE, /* what no collection makes less */
};
/* The trend of a metric per hour. 0 or -ENOMEM. */
int evidence_trend(const struct evidence *evidence, const char *metric, enum trend_by by,
		   struct trend *ret);

/* The live bytes that collections left of a row's records, over the hours since the first. */
struct row_history {
	size_t count;
	double hours[HISTORY_POINTS], bytes[HISTORY_POINTS];
};
/* Of a row of evidence->last (model/table.h). */
void evidence_row_history(const struct evidence *evidence, const struct row *row,
			  struct row_history *ret);

/* Stops of the world were seen one by one but in a few intervals at the beginning. */
bool evidence_probed_mostly(const struct evidence *evidence);
/* The longest in ns of what the runtime itself says of the cycles before the probes were there,
 * each with both its stops; NAN when it is not known, or has overwritten some of them. */
double evidence_pause_unprobed(const struct evidence *evidence);

uint64_t evidence_losses(const struct evidence *evidence);

#endif
