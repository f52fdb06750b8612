/* Shares and their Wilson intervals. */
#include "model/share.h"

#include <math.h>

#include "model/statistics.h"

struct interval wilson_interval(double hits, double trials)
{
	double z2 = STATISTICS_Z95 * STATISTICS_Z95, share, centre, half;

	if (!(trials > 0))
		return (struct interval){ 0, 1 };
	share = hits / trials;
	centre = (share + z2 / (2 * trials)) / (1 + z2 / trials);
	half = STATISTICS_Z95 / (1 + z2 / trials) *
	       sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials));
	return (struct interval){ fmax(0, centre - half), fmin(1, centre + half) };
}

static struct share share_of(double part, double whole, double whole_variance)
{
	struct share share = { NAN, { NAN, NAN }, 0 };

	if (!(whole > 0) || isnan(part))
		return share;
	share.value = fmin(1, fmax(0, part / whole));
	if (!(whole_variance > 0)) {
		share.bounds = (struct interval){ share.value, share.value };
		return share;
	}
	share.samples = whole * whole / whole_variance;
	share.bounds = wilson_interval(share.value * share.samples, share.samples);
	return share;
}

struct share share_of_objects(const struct amount *part, const struct amount *whole)
{
	return share_of(part->objects, whole->objects, whole->objects_variance);
}

struct share share_of_bytes(const struct amount *part, const struct amount *whole)
{
	return share_of(part->bytes, whole->bytes, whole->bytes_variance);
}
