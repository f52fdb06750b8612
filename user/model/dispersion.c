/* A sequential chi-square: each window against the ones before it. */
#include "model/dispersion.h"

#define MEMORY 0.97 /* of a window when the next comes: about 33 of them */

/* Before windows have shown anything, hits are taken to come in clusters of so many; a class
 * believes that like so many windows, a site its class like so many. */
#define CLUSTER_EXPECTED 4.0
#define CLASS_PRIOR	 2.0
#define SITE_PRIOR	 4.0

/* Two shares of counts, their difference squared over its variance for independent hits. */
static double deviation(double before, double before_of, double now, double now_of)
{
	double share = (before + now) / (before_of + now_of);
	double difference = before / before_of - now / now_of;
	double variance = share * (1 - share) * (1 / before_of + 1 / now_of);

	return variance > 0 ? difference * difference / variance : 0;
}

void dispersion_add(struct dispersion *site, struct class_history *class, double site_hits,
		    double class_hits)
{
	double share = (site->hits + site_hits) / (class->hits + class_hits);

	/* the only one of its class has nothing to differ from */
	if (class->hits > 0 && share > 0 && share < 1) {
		double square = deviation(site->hits, class->hits, site_hits, class_hits);

		site->squares = MEMORY * site->squares + square;
		site->windows = MEMORY * site->windows + 1;
		class->seen_squares += share * square;
		class->seen_share += share;
	}
	site->hits = MEMORY * site->hits + site_hits;
}

void class_history_add(struct class_history *class, double class_hits)
{
	if (class->seen_share > 0) {
		class->squares = MEMORY * class->squares + class->seen_squares / class->seen_share;
		class->windows = MEMORY * class->windows + 1;
	}
	class->seen_squares = class->seen_share = 0;
	class->hits = MEMORY * class->hits + class_hits;
}

double dispersion_factor(const struct dispersion *site, const struct class_history *class)
{
	double expected =
		(CLASS_PRIOR * CLUSTER_EXPECTED + class->squares) / (CLASS_PRIOR + class->windows);
	double freedom = SITE_PRIOR + site->windows;
	double factor = (SITE_PRIOR * expected + site->squares) / freedom;

	return (factor > 1 ? factor : 1) * freedom / (freedom - 2);
}
