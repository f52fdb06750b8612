/* The registry of single numbers. */
#include "model/metric.h"

#include <math.h>
#include <string.h>

const struct metric metrics[] = {
#define INTEGER(name, member, kind, unit)                                                          \
	{ #name, unit, METRIC_##kind, false, offsetof(struct snapshot, member) },
	METRIC_INTEGERS(INTEGER)
#undef INTEGER
#define REAL(name, member, kind, unit)                                                             \
	{ #name, unit, METRIC_##kind, true, offsetof(struct snapshot, member) },
		METRIC_REALS(REAL)
#undef REAL
#define PART(symbol, key, group, meaning)                                                          \
	{ "rss_" key "_bytes", "bytes", METRIC_GAUGE, false,                                       \
	  offsetof(struct snapshot, rss.parts) + RSS_##symbol * sizeof(int64_t) },
			RSS_PARTS(PART)
#undef PART
/* counters among them are told apart nowhere: MemStats' own documentation does */
#define FIELD(member, go_name)                                                                     \
	{ "memstats_" #member, "", METRIC_GAUGE, false,                                            \
	  offsetof(struct snapshot, memstats.member) },
				MEMSTATS_FIELDS(FIELD)
#undef FIELD
					{ 0 },
};

size_t metric_count(void)
{
	return sizeof(metrics) / sizeof(metrics[0]) - 1;
}

const struct metric *metric_find(const char *name)
{
	for (size_t i = 0; i < metric_count(); i++)
		if (!strcmp(metrics[i].name, name))
			return &metrics[i];
	return NULL;
}

int64_t metric_integer(const struct metric *metric, const struct snapshot *snapshot)
{
	int64_t value;

	memcpy(&value, (const char *)snapshot + metric->offset, sizeof(value));
	return value;
}

double metric_value(const struct metric *metric, const struct snapshot *snapshot)
{
	double real;
	int64_t integer;

	if (metric->real) {
		memcpy(&real, (const char *)snapshot + metric->offset, sizeof(real));
		return real;
	}
	integer = metric_integer(metric, snapshot);
	return integer == UNKNOWN ? NAN : (double)integer;
}

void metric_set_integer(const struct metric *metric, struct snapshot *snapshot, int64_t value)
{
	memcpy((char *)snapshot + metric->offset, &value, sizeof(value));
}

void metric_set_real(const struct metric *metric, struct snapshot *snapshot, double value)
{
	memcpy((char *)snapshot + metric->offset, &value, sizeof(value));
}
