/*
 * The interval's counts divided over sites. Objects first, class by class; bytes follow from them,
 * since all objects of a class are of one size - but for large ones, whose bytes are counted, and
 * tiny ones, whose bytes are those of their blocks.
 */
#define HASH_NONFATAL_OOM 1
#include <errno.h>

#include "model/profile_state.h"

const char windows_not_seen[] = "(not seen in any window)";

static const struct stack no_stack;

/* Of the hits of windows, older ones counting less: with fewer, a site is not expected any more. */
#define HITS_FORGOTTEN 0.5

static struct known_site *find(struct profile *profile, uint64_t id)
{
	struct known_site *known;

	HASH_FIND(hh, profile->sites, &id, sizeof(id), known);
	return known;
}

/* Sites beyond the limit are not known; nobody has their objects. */
static void add_objects(struct profile *profile, const struct calibration *calibration,
			const struct exact_site *seen)
{
	struct known_site *known = find(profile, seen->id);

	if (!known)
		return;
	known->interval.samples += seen->hits;
	known->interval.objects +=
		(double)seen->hits * calibration_weight(calibration, seen->slot, seen->size_class);
}

/* p(1-p) of a share p, but never less than what a site of one hit has that was just missed: where
 * all hits are of one site, the others are few, not none. */
static double share_variance(double share, double independent_hits)
{
	double rest = 1 - share, least = 1 / (1 + independent_hits);

	return share * (rest > least ? rest : least);
}

static double square(double x)
{
	return x * x;
}

/* A site that was not hit although it was lately may have been missed: as much as comes with one
 * hit is nothing that one could exclude. */
static void add_variance(struct known_site *known, const struct calibration *calibration,
			 const struct class_history *history)
{
	const struct class_scale *scale =
		&calibration->classes[class_counted(known->site.size_class)];
	double factor = dispersion_factor(&known->dispersion, history);

	if (known->interval.objects > 0)
		known->interval.objects_variance =
			factor * scale->variance *
			share_variance(known->interval.objects / scale->objects,
				       scale->effective_hits / factor);
	else if (scale->hits > 0 && scale->variance > 0 && known->dispersion.hits > HITS_FORGOTTEN)
		known->interval.objects_variance = square(factor * scale->objects / scale->hits);
}

/* Sites whose objects have different sizes: their bytes by their objects alone, and what makes
 * these add up to what was counted. */
struct size_mix {
	double objects, variance, bytes;
	double factor, factor_variance; /* the latter relative */
};

static struct size_mix sum_mix(struct profile *profile, uint32_t size_class)
{
	struct size_mix sum = { .factor = 1 };

	for (const struct known_site *known = profile->sites; known; known = known->hh.next) {
		if (known->site.size_class != size_class || known->id == SITE_NOT_SEEN)
			continue;
		sum.objects += known->interval.objects;
		sum.variance += known->interval.objects_variance;
		sum.bytes += known->interval.objects *
			     class_object_bytes(size_class, known->site.object_bytes);
	}
	return sum;
}

/* The bytes of their blocks' class are those of its own objects, which are all of one size, and
 * what is left; unless hardly anything is: then all are off by the same. */
#define LEFT_AT_LEAST 0.5

static void share_blocks(double counted, struct size_mix *own, struct size_mix *tiny)
{
	double left = counted - own->bytes, size = size_class_bytes[CLASS_OF_BLOCKS];

	if (tiny->bytes > 0 && left > LEFT_AT_LEAST * tiny->bytes) {
		tiny->factor = left / tiny->bytes;
		tiny->factor_variance = own->variance * square(size / left);
	} else if (own->bytes + tiny->bytes > 0) {
		own->factor = tiny->factor = counted / (own->bytes + tiny->bytes);
	}
}

/* What one object too many makes in bytes: it is one too few of the others, and the sum stays. */
static double marginal_bytes(const struct known_site *known, double bytes,
			     const struct size_mix *mix)
{
	double objects = mix->objects - known->interval.objects;
	double own = known->interval.objects * bytes;
	double share = mix->bytes > 0 ? own / mix->bytes : 0;

	return objects > 0 ? (1 - share) * bytes + share * (mix->bytes - own) / objects : bytes;
}

static void set_bytes(struct known_site *known, const struct size_mix *mix)
{
	double bytes = class_object_bytes(known->site.size_class, known->site.object_bytes);
	struct amount *amount = &known->interval;

	amount->bytes = amount->objects * bytes * mix->factor;
	amount->bytes_variance =
		amount->objects_variance * square(marginal_bytes(known, bytes, mix) * mix->factor) +
		mix->factor_variance * square(amount->bytes);
}

static void set_all_bytes(struct profile *profile, const struct calibration *calibration)
{
	struct size_mix large = sum_mix(profile, CLASS_LARGE), tiny = sum_mix(profile, CLASS_TINY);
	struct size_mix blocks = sum_mix(profile, CLASS_OF_BLOCKS);
	const struct size_mix none = { .factor = 1 };

	if (large.bytes > 0)
		large.factor = calibration->classes[CLASS_LARGE].bytes / large.bytes;
	share_blocks(calibration->classes[CLASS_OF_BLOCKS].bytes, &blocks, &tiny);
	for (struct known_site *known = profile->sites; known; known = known->hh.next)
		set_bytes(known, known->site.size_class == CLASS_LARGE	     ? &large
				 : known->site.size_class == CLASS_TINY	     ? &tiny
				 : known->site.size_class == CLASS_OF_BLOCKS ? &blocks
									     : &none);
}

/* Classes of which no window had a hit. */
static int add_not_seen(struct profile *profile, const struct calibration *calibration)
{
	struct amount rest = { 0 };
	struct known_site *known;

	for (uint32_t class = 0; class < SIZE_CLASSES; class ++) {
		const struct class_scale *scale = &calibration->classes[class];

		if (scale->hits > 0)
			continue;
		rest.objects += scale->objects;
		rest.bytes += scale->bytes;
	}
	if (!(rest.objects > 0))
		return 0;
	known = profile_site(profile, SITE_NOT_SEEN);
	if (!known)
		return -ENOMEM;
	known->site = (struct exact_site){ .id = SITE_NOT_SEEN,
					   .stack = &no_stack,
					   .type = windows_not_seen };
	known->interval = rest;
	return 0;
}

static void set_window(struct profile *profile, const struct exact_site *sites, size_t count,
		       uint32_t slot)
{
	for (struct known_site *known = profile->sites; known; known = known->hh.next)
		known->of_window = 0;
	for (size_t i = 0; i < count; i++) {
		const struct exact_site *seen = &sites[i];
		struct known_site *known;

		if (seen->slot != slot)
			continue;
		known = find(profile, seen->id);
		if (known)
			known->of_window += (double)seen->hits;
	}
}

/* Every window against those before, class by class. */
static void learn(struct profile *profile, const struct exact_site *sites, size_t count,
		  const struct calibration *calibration)
{
	for (uint32_t slot = 0; slot < calibration->slot_count; slot++) {
		set_window(profile, sites, count, slot);
		for (struct known_site *known = profile->sites; known; known = known->hh.next) {
			uint32_t class = class_counted(known->site.size_class);
			double hits = calibration_hits(calibration, slot, class);

			if (hits > 0 && known->id != SITE_NOT_SEEN)
				dispersion_add(&known->dispersion, &profile->classes[class],
					       known->of_window, hits);
		}
		for (uint32_t class = 0; class < SIZE_CLASSES; class ++) {
			double hits = calibration_hits(calibration, slot, class);

			if (hits > 0)
				class_history_add(&profile->classes[class], hits);
		}
	}
}

static int spread(struct profile *profile, const struct exact_site *sites, size_t count,
		  const struct calibration *calibration)
{
	for (size_t i = 0; i < count; i++)
		add_objects(profile, calibration, &sites[i]);
	learn(profile, sites, count, calibration);
	for (struct known_site *known = profile->sites; known; known = known->hh.next)
		if (known->id != SITE_NOT_SEEN)
			add_variance(known, calibration,
				     &profile->classes[class_counted(known->site.size_class)]);
	set_all_bytes(profile, calibration);
	return add_not_seen(profile, calibration);
}

int profile_spread(struct profile *profile, const struct exact_site *sites, size_t site_count,
		   const struct window_interval *interval)
{
	struct calibration calibration;
	int error = calibration_make(sites, site_count, interval->slots, interval->slot_count,
				     &calibration);

	if (error < 0)
		return error;
	error = spread(profile, sites, site_count, &calibration);
	calibration_clear(&calibration);
	return error;
}
