/*
 * How much the share of a site differs from window to window, against what it would if hits were
 * independent of each other. They are not: a window is a run of neighbouring allocations, and one
 * site may have all of them. So one factor for each site is learned over the windows, with those of
 * its class for the beginning.
 */
#ifndef MODEL_DISPERSION_H
#define MODEL_DISPERSION_H

/* Of one site. Sums in which older windows count less and less. */
struct dispersion {
	double hits;	/* of earlier windows */
	double squares; /* of deviations, each 1 on average for independent hits */
	double windows; /* how many there were */
};

/* Of its class. */
struct class_history {
	double hits;
	double squares, windows;	 /* sites weighted by their share */
	double seen_squares, seen_share; /* of the window that is looked at */
};

/* One window in which the class had `class_hits`, > 0, and the site `site_hits` of them. Every site
 * of the class first, then the class. */
void dispersion_add(struct dispersion *site, struct class_history *class, double site_hits,
		    double class_hits);
void class_history_add(struct class_history *class, double class_hits);

/*
 * The factor for the variance, at least 1. What few windows have shown counts for less than what
 * is expected, and it is larger by as much as a factor from few windows may be too small (Student's
 * t against the normal distribution).
 */
double dispersion_factor(const struct dispersion *site, const struct class_history *class);

#endif
