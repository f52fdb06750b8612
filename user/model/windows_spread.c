/*
 * The interval's counts divided over sites. Objects first, class by class; bytes follow from them,
 * since all objects of a class are of one size - but for large ones, whose bytes are counted, and
 * tiny ones, whose bytes are those of their blocks.
 */
#define HASH_NONFATAL_OOM 1
#include <errno.h>

#include "model/profile_state.h"

const char windows_not_seen[] = "(not seen in any window)";
const char windows_tiny_blocks[] = "(blocks of tiny objects)";

static const struct stack no_stack;

/* A record of no site; its type says what it is. */
static struct known_site *pseudo_site(struct profile *profile, uint64_t id, const char *type)
{
	struct known_site *known = profile_site(profile, id);

	if (known)
		known->site = (struct exact_site){ .id = id,
						   .stack = &no_stack,
						   .type = type,
						   .size_class = CLASS_OF_BLOCKS };
	return known;
}

static struct known_site *find(struct profile *profile, uint64_t id)
{
	struct known_site *known;

	HASH_FIND(hh, profile->sites, &id, sizeof(id), known);
	return known;
}

/* `known` NULL: beyond the limit, whose objects nobody has then. */
static void add_objects(const struct calibration *calibration, const struct exact_site *seen,
			struct known_site *known, struct known_site *blocks)
{
	double hits = (double)seen->hits;

	if (known) {
		known->interval.samples += seen->hits;
		known->interval.objects +=
			hits * calibration_weight(calibration, seen->slot, seen->size_class);
	}
	if (seen->size_class == CLASS_TINY)
		blocks->interval.objects +=
			hits * class_block_part(seen->object_bytes) *
			calibration_weight(calibration, seen->slot, CLASS_OF_BLOCKS);
}

static bool has_tiny(const struct exact_site *sites, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sites[i].size_class == CLASS_TINY)
			return true;
	return false;
}

static int add_all_objects(struct profile *profile, const struct exact_site *sites, size_t count,
			   const struct calibration *calibration)
{
	struct known_site *blocks = NULL;

	if (has_tiny(sites, count)) {
		blocks = pseudo_site(profile, SITE_TINY_BLOCKS, windows_tiny_blocks);
		if (!blocks)
			return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		add_objects(calibration, &sites[i], find(profile, sites[i].id), blocks);
	return 0;
}

/* p(1-p) of a share p, but never less than what a site of one hit has that was just missed: where
 * all hits are of one site, the others are few, not none. */
static double share_variance(double share, double independent_hits)
{
	double rest = 1 - share, least = 1 / (1 + independent_hits);

	return share * (rest > least ? rest : least);
}

static void add_variance(struct known_site *known, const struct calibration *calibration,
			 const struct class_history *history)
{
	const struct class_scale *scale = &calibration->classes[known->site.size_class];
	double factor = dispersion_factor(&known->dispersion, history);

	if (scale->objects > 0)
		known->interval.objects_variance =
			factor * scale->variance *
			share_variance(known->interval.objects / scale->objects,
				       scale->effective_hits / factor);
}

/* What makes the sites' bytes of the class add up to those that were counted. */
static double bytes_factor(struct profile *profile, uint32_t size_class, double counted)
{
	double bytes = 0;

	for (const struct known_site *known = profile->sites; known; known = known->hh.next)
		if (known->site.size_class == size_class)
			bytes += known->interval.objects *
				 class_object_bytes(size_class, known->site.object_bytes);
	return bytes > 0 ? counted / bytes : 0;
}

static void set_bytes(struct known_site *known, double factor)
{
	double bytes = factor * class_object_bytes(known->site.size_class, known->site.object_bytes);
	struct amount *amount = &known->interval;

	amount->bytes = amount->objects * bytes;
	amount->bytes_variance = amount->objects_variance * bytes * bytes;
}

static void set_all_bytes(struct profile *profile, const struct calibration *calibration)
{
	const struct known_site *blocks = find(profile, SITE_TINY_BLOCKS);
	double large = bytes_factor(profile, CLASS_LARGE, calibration->large_bytes), tiny = 0;

	if (blocks)
		tiny = bytes_factor(profile, CLASS_TINY,
				    blocks->interval.objects * size_class_bytes[CLASS_OF_BLOCKS]);
	for (struct known_site *known = profile->sites; known; known = known->hh.next) {
		uint32_t class = known->site.size_class;

		if (known->id < SITE_TINY_BLOCKS)
			set_bytes(known, class == CLASS_LARGE  ? large
					 : class == CLASS_TINY ? tiny
							       : 1);
	}
}

/* Classes of which no window had a hit. */
static int add_not_seen(struct profile *profile, const struct calibration *calibration)
{
	struct amount rest = { 0 };
	struct known_site *known;

	for (uint32_t class = 0; class < CALIBRATED_CLASSES; class ++) {
		const struct class_scale *scale = &calibration->classes[class];

		if (scale->hits > 0)
			continue;
		rest.objects += scale->objects;
		if (class == CLASS_LARGE)
			rest.bytes += calibration->large_bytes;
		else if (class != CLASS_TINY)
			rest.bytes += scale->objects * size_class_bytes[class];
	}
	if (!(rest.objects > 0))
		return 0;
	known = pseudo_site(profile, SITE_NOT_SEEN, windows_not_seen);
	if (!known)
		return -ENOMEM;
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
		if (seen->size_class == CLASS_TINY)
			find(profile, SITE_TINY_BLOCKS)->of_window +=
				(double)seen->hits * class_block_part(seen->object_bytes);
	}
}

/* Every window against those before, class by class. */
static void learn(struct profile *profile, const struct exact_site *sites, size_t count,
		  const struct calibration *calibration)
{
	for (uint32_t slot = 0; slot < calibration->slot_count; slot++) {
		set_window(profile, sites, count, slot);
		for (struct known_site *known = profile->sites; known; known = known->hh.next) {
			uint32_t class = known->site.size_class;
			double hits = calibration_hits(calibration, slot, class);

			if (hits > 0 && known->id != SITE_NOT_SEEN)
				dispersion_add(&known->dispersion, &profile->classes[class],
					       known->of_window, hits);
		}
		for (uint32_t class = 0; class < CALIBRATED_CLASSES; class ++) {
			double hits = calibration_hits(calibration, slot, class);

			if (hits > 0)
				class_history_add(&profile->classes[class], hits);
		}
	}
}

static int spread(struct profile *profile, const struct exact_site *sites, size_t count,
		  const struct calibration *calibration)
{
	int error = add_all_objects(profile, sites, count, calibration);

	if (error < 0)
		return error;
	learn(profile, sites, count, calibration);
	for (struct known_site *known = profile->sites; known; known = known->hh.next)
		if (known->interval.objects > 0)
			add_variance(known, calibration, &profile->classes[known->site.size_class]);
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
