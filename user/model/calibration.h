/*
 * What a hit stands for: the runtime's exact counts divided by the hits of windows, class by class
 * and slot by slot.
 *
 * A window ends after some hits, so that one in a busy phase has no more of them than one in a calm
 * phase: each window stands for the objects of its own slot of time, not for its hits. Slots whose
 * window had no hit of a class are shared out as the others are.
 */
#ifndef MODEL_CALIBRATION_H
#define MODEL_CALIBRATION_H

#include <stddef.h>

#include "model/bucket.h"
#include "model/class_counts.h"

/* Of one class in the interval. */
struct class_scale {
	double objects, bytes; /* the counters' sums over the slots */
	double hits;
	double variance; /* of the objects of a site that all hits are of or not, times p(1-p), were
			    the hits independent */
	double effective_hits; /* as many equally weighted ones would tell as much */
};

struct calibration {
	struct class_scale classes[SIZE_CLASSES];
	size_t slot_count;
	double *hits;	/* of each slot, SIZE_CLASSES each */
	double *weight; /* of a hit, the same */
};

/* `sites` may be of any order; every slot number is below slot_count. 0 or -ENOMEM, silent. */
int calibration_make(const struct exact_site *sites, size_t site_count,
		     const struct class_counts *slots, size_t slot_count, struct calibration *ret);
void calibration_clear(struct calibration *calibration);

/* How many objects one hit of the class in that slot stands for. */
double calibration_weight(const struct calibration *calibration, size_t slot, size_t size_class);
double calibration_hits(const struct calibration *calibration, size_t slot, size_t size_class);

#endif
