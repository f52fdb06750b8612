/* A part of a whole, with how sure it is: "40 % of what is allocated is type metadata". */
#ifndef MODEL_SHARE_H
#define MODEL_SHARE_H

#include "model/amount.h"

struct share {
	double value;		/* 0..1; NAN when not known */
	struct interval bounds; /* 95 % */
	double samples;		/* effective number of observations behind it; 0: none, or exact */
};

/* Wilson's score interval for `hits` of `trials` (Wilson 1927, JASA 22:209), 95 %; neither needs to
 * be whole: effective numbers do. trials 0: [0, 1]. */
struct interval wilson_interval(double hits, double trials);

/*
 * The share of `part` in `whole`, to which it belongs, in bytes or in objects. Weighted samples
 * count as value^2 / variance (Kish's effective number); exact amounts give a share without width.
 * A whole of 0, or a part that is not known, gives NAN.
 */
struct share share_of_objects(const struct amount *part, const struct amount *whole);
struct share share_of_bytes(const struct amount *part, const struct amount *whole);

#endif
