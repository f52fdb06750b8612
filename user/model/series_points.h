/* The arithmetic of points: made from a snapshot, two made one. */
#ifndef MODEL_SERIES_POINTS_H
#define MODEL_SERIES_POINTS_H

#include "model/series.h"

/* The values of the snapshot, each with low = high = mean = last. */
void series_point_read(const struct series *before, const struct snapshot *snapshot,
		       struct series_point *point);

/* `later` is added to `point`, by the time that each stands for. */
void series_point_merge(struct series_point *point, const struct series_point *later);
void series_split_merge(struct series_split *split, double weight, const struct series_split *later,
			double later_weight);

/* The first SERIES_SPLIT by name, the others as the rest. */
void series_split_read(const struct snapshot *snapshot, const struct group_rate *rates,
		       size_t count, struct series_split *split);

#endif
