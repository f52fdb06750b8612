/* A separate ratio estimator: slots are strata, the counters their sizes. */
#include "model/calibration.h"

#include <errno.h>
#include <stdlib.h>

static size_t place(size_t slot, size_t size_class)
{
	return slot * SIZE_CLASSES + size_class;
}

static void count_hits(const struct exact_site *sites, size_t count, double *hits)
{
	for (size_t i = 0; i < count; i++)
		hits[place(sites[i].slot, class_counted(sites[i].size_class))] +=
			(double)sites[i].hits;
}

/* Of the class's objects: all, and those of slots that had hits. */
static void sum_up(struct calibration *calibration, const struct class_counts *slots, size_t class,
		   double *ret_covered)
{
	struct class_scale *scale = &calibration->classes[class];

	*ret_covered = 0;
	for (size_t slot = 0; slot < calibration->slot_count; slot++) {
		double hits = calibration->hits[place(slot, class)];

		scale->objects += slots[slot].objects[class];
		scale->bytes += slots[slot].bytes[class];
		scale->hits += hits;
		if (hits > 0)
			*ret_covered += slots[slot].objects[class];
	}
}

/* What the slot's window stands for. Counters may lag behind hits: then by its share of them. */
static double slot_objects(const struct calibration *calibration, const struct class_counts *slots,
			   size_t slot, size_t class, double covered)
{
	const struct class_scale *scale = &calibration->classes[class];

	return covered > 0 ? slots[slot].objects[class] * scale->objects / covered
			   : scale->objects * calibration->hits[place(slot, class)] / scale->hits;
}

static void weigh(struct calibration *calibration, const struct class_counts *slots, size_t class)
{
	struct class_scale *scale = &calibration->classes[class];
	double covered, squares = 0;

	sum_up(calibration, slots, class, &covered);
	for (size_t slot = 0; slot < calibration->slot_count; slot++) {
		double hits = calibration->hits[place(slot, class)], objects;

		if (!(hits > 0))
			continue;
		objects = slot_objects(calibration, slots, slot, class, covered);
		calibration->weight[place(slot, class)] = objects / hits;
		squares += objects * objects / hits;
		/* those that were seen are known */
		if (objects > hits)
			scale->variance += objects * (objects - hits) / hits;
	}
	scale->effective_hits = squares > 0 ? scale->objects * scale->objects / squares : 0;
}

int calibration_make(const struct exact_site *sites, size_t site_count,
		     const struct class_counts *slots, size_t slot_count, struct calibration *ret)
{
	*ret = (struct calibration){
		.slot_count = slot_count,
		.hits = calloc(slot_count * SIZE_CLASSES, sizeof(double)),
		.weight = calloc(slot_count * SIZE_CLASSES, sizeof(double)),
	};
	if (!ret->hits || !ret->weight) {
		calibration_clear(ret);
		return -ENOMEM;
	}
	count_hits(sites, site_count, ret->hits);
	for (size_t class = 0; class < SIZE_CLASSES; class ++)
		weigh(ret, slots, class);
	return 0;
}

void calibration_clear(struct calibration *calibration)
{
	free(calibration->hits);
	free(calibration->weight);
	*calibration = (struct calibration){ 0 };
}

double calibration_weight(const struct calibration *calibration, size_t slot, size_t size_class)
{
	return calibration->weight[place(slot, class_counted(size_class))];
}

double calibration_hits(const struct calibration *calibration, size_t slot, size_t size_class)
{
	return calibration->hits[place(slot, class_counted(size_class))];
}
