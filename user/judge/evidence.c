/* Snapshots in, numbers over time out. */
#include "judge/evidence.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "model/statistics.h"

#define GAP_INTERVALS 2.5 /* a snapshot that comes so much later than its interval is long */

int evidence_new(struct evidence **ret)
{
	struct evidence *evidence = calloc(1, sizeof(*evidence));

	if (!evidence)
		return -ENOMEM;
	snapshot_init(&evidence->first);
	snapshot_init(&evidence->last);
	evidence->stride = 1;
	evidence->stops_probed = true;
	evidence->probed_from = SIZE_MAX;
	evidence->samples = calloc(EVIDENCE_SAMPLES, sizeof(*evidence->samples));
	evidence->values = calloc(EVIDENCE_SAMPLES * metric_count(), sizeof(*evidence->values));
	evidence->peaks = calloc(metric_count(), sizeof(*evidence->peaks));
	if (!evidence->samples || !evidence->values || !evidence->peaks ||
	    histories_new(&evidence->histories) < 0) {
		evidence_free(evidence);
		return -ENOMEM;
	}
	for (size_t i = 0; i < metric_count(); i++)
		evidence->peaks[i] = NAN;
	for (size_t i = 0; i < EVIDENCE_SAMPLES; i++)
		evidence->samples[i].values = &evidence->values[i * metric_count()];
	*ret = evidence;
	return 0;
}

void evidence_free(struct evidence *evidence)
{
	if (!evidence)
		return;
	snapshot_clear(&evidence->first);
	snapshot_clear(&evidence->last);
	window_free(evidence->window);
	histories_free(evidence->histories);
	free(evidence->samples);
	free(evidence->values);
	free(evidence->peaks);
	free(evidence->stops);
	free(evidence);
}

/* What one number becomes for two neighbouring times. */
static double merge_value(const struct metric *metric, double earlier, double later,
			  double earlier_s, double later_s)
{
	if (isnan(earlier) || isnan(later))
		return isnan(later) ? earlier : later;
	if (metric->kind != METRIC_INTERVAL)
		return later;
	if (!metric->real)
		return earlier + later;
	return earlier_s + later_s > 0
		       ? (earlier * earlier_s + later * later_s) / (earlier_s + later_s)
		       : later;
}

static void merge_into(struct sample *sample, const struct sample *later)
{
	for (size_t i = 0; i < metric_count(); i++)
		sample->values[i] = merge_value(&metrics[i], sample->values[i], later->values[i],
						sample->interval_s, later->interval_s);
	sample->time_unix_ns = later->time_unix_ns;
	sample->interval_s += later->interval_s;
}

static void move(struct sample *to, const struct sample *from)
{
	to->time_unix_ns = from->time_unix_ns;
	to->interval_s = from->interval_s;
	if (to != from)
		memcpy(to->values, from->values, metric_count() * sizeof(*to->values));
}

static void merge_neighbours(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->count / 2; i++) {
		move(&evidence->samples[i], &evidence->samples[2 * i]);
		merge_into(&evidence->samples[i], &evidence->samples[2 * i + 1]);
	}
	evidence->count /= 2;
	evidence->stride *= 2;
}

static int add_sample(struct evidence *evidence, const struct snapshot *snapshot)
{
	AUTO_FREE double *values = calloc(metric_count(), sizeof(*values));
	struct sample now = { snapshot->time_unix_ns, snapshot->interval_s, values };

	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < metric_count(); i++)
		values[i] = metric_value(&metrics[i], snapshot);
	if (evidence->snapshots++ % evidence->stride) {
		merge_into(&evidence->samples[evidence->count - 1], &now);
		return 0;
	}
	if (evidence->count == EVIDENCE_SAMPLES) {
		merge_neighbours(evidence);
		evidence->snapshots = evidence->count * evidence->stride + 1;
	}
	move(&evidence->samples[evidence->count++], &now);
	return 0;
}

static enum mode collector_of(enum mode mode)
{
	return mode == MODE_LIST ? MODE_SAMPLER : mode; /* one knowledge, with and without probes */
}

/* What another one has begun with is not of this one's records. */
static void note_collector(struct evidence *evidence, const struct snapshot *snapshot)
{
	if (collector_of(snapshot->mode) != collector_of(evidence->last.mode)) {
		evidence->collector_changes++;
		evidence->rows_s = 0;
		window_free(TAKE(evidence->window));
	}
	evidence->rows_s += snapshot->interval_s;
}

/* Probes come a little after the first look, and are there until the end unless they cost too much.
 */
static void note_probed(struct evidence *evidence, const struct snapshot *snapshot)
{
	if (!snapshot->gc_events.probed)
		evidence->probed_from = SIZE_MAX;
	else if (evidence->probed_from == SIZE_MAX) {
		evidence->probed_from = evidence->intervals;
		evidence->probed_unix_ns =
			snapshot->time_unix_ns - (int64_t)(snapshot->interval_s * 1e9);
	}
	evidence->stops_probed &= snapshot->gc_events.probed;
	evidence->intervals++;
}

static int add_stops(struct evidence *evidence, const struct gc_events *events)
{
	size_t room = LIMIT_INTERVAL_EVENTS - evidence->stop_count, count = events->stop_count;

	if (count > room) {
		evidence->stops_left_out += count - room;
		count = room;
	}
	if (!count)
		return 0;
	if (vec_reserve((void **)&evidence->stops, &evidence->stop_capacity,
			evidence->stop_count + count, sizeof(*evidence->stops),
			LIMIT_INTERVAL_EVENTS) < 0)
		return -ENOMEM;
	memcpy(evidence->stops + evidence->stop_count, events->stops,
	       count * sizeof(*evidence->stops));
	evidence->stop_count += count;
	return 0;
}

static bool is_gap(const struct evidence *evidence, const struct snapshot *snapshot)
{
	double since_s = (double)(snapshot->time_unix_ns - evidence->last.time_unix_ns) * 1e-9;

	return snapshot->interval_s > 0 && since_s > GAP_INTERVALS * snapshot->interval_s;
}

int evidence_add(struct evidence *evidence, const struct snapshot *snapshot)
{
	bool first = evidence->last.time_unix_ns == UNKNOWN;

	for (size_t i = 0; i < metric_count(); i++)
		evidence->peaks[i] = fmax(evidence->peaks[i], metric_value(&metrics[i], snapshot));
	if (first && (snapshot_copy(snapshot, &evidence->first) < 0 ||
		      window_new(snapshot, &evidence->window) < 0))
		return -ENOMEM;
	if (!first &&
	    (add_sample(evidence, snapshot) < 0 || add_stops(evidence, &snapshot->gc_events) < 0))
		return -ENOMEM;
	if (!first) {
		note_collector(evidence, snapshot);
		note_probed(evidence, snapshot);
		evidence->elapsed_s += snapshot->interval_s;
		evidence->gaps += is_gap(evidence, snapshot);
	}
	if (histories_add(evidence->histories, snapshot) < 0 ||
	    snapshot_copy(snapshot, &evidence->last) < 0)
		return -ENOMEM;
	window_apply(evidence->window, &evidence->last);
	return 0;
}

static size_t index_of(const char *name)
{
	const struct metric *metric = metric_find(name);

	return metric ? (size_t)(metric - metrics) : SIZE_MAX;
}

double evidence_value(const struct evidence *evidence, size_t sample, const char *metric)
{
	size_t index = index_of(metric);

	return index == SIZE_MAX ? NAN : evidence->samples[sample].values[index];
}

double evidence_peak(const struct evidence *evidence, const char *metric)
{
	size_t index = index_of(metric);

	return index == SIZE_MAX ? NAN : evidence->peaks[index];
}

double evidence_median(const struct evidence *evidence, const char *metric)
{
	AUTO_FREE double *values = calloc(evidence->count + 1, sizeof(*values));
	size_t index = index_of(metric), known = 0;

	for (size_t i = 0; values && index != SIZE_MAX && i < evidence->count; i++)
		if (!isnan(evidence->samples[i].values[index]))
			values[known++] = evidence->samples[i].values[index];
	if (!known)
		return NAN;
	statistics_sort(values, known);
	return statistics_median(values, known);
}

double evidence_growth(const struct evidence *evidence, const char *metric)
{
	const struct metric *found = metric_find(metric);

	return found ? metric_value(found, &evidence->last) - metric_value(found, &evidence->first)
		     : NAN;
}

/* A column of points; merged until trend_of takes them all. */
struct points {
	double x[2 * TREND_POINTS_MOST], y[2 * TREND_POINTS_MOST];
	size_t count;
};

static void halve_points(struct points *points)
{
	for (size_t i = 0; i < points->count / 2; i++) {
		points->x[i] = points->x[2 * i + 1];
		points->y[i] = fmin(points->y[2 * i], points->y[2 * i + 1]);
	}
	points->count /= 2;
}

static void add_point(struct points *points, double x, double y)
{
	if (points->count == 2 * TREND_POINTS_MOST)
		halve_points(points);
	points->x[points->count] = x;
	points->y[points->count++] = y;
}

static double hours_of(const struct evidence *evidence, const struct sample *sample)
{
	return (double)(sample->time_unix_ns - evidence->first.time_unix_ns) / 3600e9;
}

static void find_troughs(const struct evidence *evidence, size_t index, struct points *ret)
{
	size_t cycles = index_of("gc_cycles");
	double trough = NAN, begun = NAN, at = 0;

	for (size_t i = 0; i < evidence->count; i++) {
		const struct sample *sample = &evidence->samples[i];

		if (sample->values[cycles] != begun && !isnan(trough)) {
			add_point(ret, at, trough);
			trough = NAN;
		}
		begun = sample->values[cycles];
		at = hours_of(evidence, sample);
		trough = fmin(trough, sample->values[index]); /* NAN gives the other */
	}
	if (evidence_growth(evidence, "gc_cycles") == 0)
		ret->count = 0;
}

static void find_known(const struct evidence *evidence, size_t index, struct points *ret)
{
	for (size_t i = 0; i < evidence->count; i++) {
		const struct sample *sample = &evidence->samples[i];

		if (!isnan(sample->values[index]))
			add_point(ret, hours_of(evidence, sample), sample->values[index]);
	}
}

int evidence_trend(const struct evidence *evidence, const char *metric, enum trend_by by,
		   struct trend *ret)
{
	AUTO_FREE struct points *points = calloc(1, sizeof(*points));
	size_t index = index_of(metric);

	if (!points)
		return -ENOMEM;
	if (index != SIZE_MAX && by == TREND_BY_CYCLE)
		find_troughs(evidence, index, points);
	else if (index != SIZE_MAX)
		find_known(evidence, index, points);
	while (points->count > TREND_POINTS_MOST)
		halve_points(points);
	return trend_of(points->x, points->y, points->count, ret);
}

void evidence_row_history(const struct evidence *evidence, const struct row *row,
			  struct row_history *ret)
{
	*ret = (struct row_history){ 0 };
	ret->count = histories_times(evidence->histories, ret->hours);
	for (size_t i = 0; i < row->record_count; i++) {
		const struct history *history =
			histories_find(evidence->histories, row->records[i]->id);

		for (size_t point = 0; history && point < ret->count; point++)
			ret->bytes[point] += (double)history->live_bytes[point];
	}
}

bool evidence_probed_mostly(const struct evidence *evidence)
{
	return evidence->stops_probed || evidence->probed_from <= evidence->intervals / 2;
}

double evidence_pause_unprobed(const struct evidence *evidence)
{
	const struct memstats *last = &evidence->last.memstats;
	double longest = 0;

	if (!(evidence_growth(evidence, "gc_cycles") <= MEMSTATS_PAUSES))
		return NAN;
	for (uint32_t i = 0; i < last->pause_count; i++)
		if (last->pause_end_unix_ns[i] >= evidence->first.time_unix_ns &&
		    last->pause_end_unix_ns[i] <= evidence->probed_unix_ns)
			longest = fmax(longest, (double)last->pause_ns[i]);
	return longest;
}

uint64_t evidence_losses(const struct evidence *evidence)
{
	return snapshot_losses(&evidence->last);
}
