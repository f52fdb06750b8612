/* Unsampling as the program's own heap profile does it, and the interval of what comes out of it.
 */
#include "model/amount.h"

#include <math.h>
#include <stdbool.h>

#include "model/goexp.h"
#include "model/statistics.h"

/* The conversions to integers and back are Go's: what a profile shows are whole objects and bytes.
 */
struct amount amount_from_samples(uint64_t samples, uint64_t object_bytes, double rate_bytes)
{
	double count = (double)samples, bytes = (double)(samples * object_bytes), scale, size;

	if (samples == 0 || object_bytes == 0)
		return (struct amount){ 0 };
	if (!(rate_bytes > 1))
		return (struct amount){ .samples = samples, .objects = count, .bytes = bytes };
	size = (double)object_bytes;
	scale = 1 / (1 - goexp(-size / rate_bytes));
	return (struct amount){
		.samples = samples,
		.objects = trunc(count * scale),
		.bytes = trunc(bytes * scale),
		.objects_variance = count * scale * scale,
		.bytes_variance = count * scale * size * scale * size,
	};
}

static double hits_variance(double hits, double weight, double scale)
{
	return scale > 1 ? hits * weight * weight : 0;
}

struct amount amount_from_hits(uint64_t hits, uint64_t object_bytes, double objects_scale,
			       double bytes_scale)
{
	double count = (double)hits, bytes_per_hit = (double)object_bytes * bytes_scale;

	return (struct amount){
		.samples = hits,
		.objects = count * objects_scale,
		.bytes = count * bytes_per_hit,
		.objects_variance = hits_variance(count, objects_scale, objects_scale),
		.bytes_variance = hits_variance(count, bytes_per_hit, bytes_scale),
	};
}

void amount_add(struct amount *sum, const struct amount *more)
{
	sum->samples += more->samples;
	sum->objects += more->objects;
	sum->bytes += more->bytes;
	sum->objects_variance += more->objects_variance;
	sum->bytes_variance += more->bytes_variance;
}

void amount_subtract(struct amount *sum, const struct amount *before)
{
	sum->samples -= sum->samples < before->samples ? sum->samples : before->samples;
	sum->objects = fmax(0, sum->objects - before->objects);
	sum->bytes = fmax(0, sum->bytes - before->bytes);
	sum->objects_variance = fmax(0, sum->objects_variance - before->objects_variance);
	sum->bytes_variance = fmax(0, sum->bytes_variance - before->bytes_variance);
}

struct interval amount_interval(double value, double variance)
{
	struct interval samples;
	double per_sample;

	if (!(variance > 0) || !(value >= 0))
		return (struct interval){ value, value };
	per_sample = value > 0 ? variance / value : sqrt(variance);
	samples = statistics_poisson_interval(value / per_sample);
	return (struct interval){ samples.low * per_sample, samples.high * per_sample };
}
