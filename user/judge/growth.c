/* A slope times the time that was observed, against what there is. */
#include "judge/growth.h"

const struct growth_limits growth_limits_process = {
	.p = 0.01,
	.share = 0.1,
	.bytes = 4.0 * 1024 * 1024,
};

double growth_bytes(const struct evidence *evidence, const struct trend *trend)
{
	return trend->slope * evidence->elapsed_s / 3600;
}

bool growth_matters(const struct growth_limits *limits, const struct evidence *evidence,
		    const struct trend *trend, double whole_bytes)
{
	double more = growth_bytes(evidence, trend);

	return trend->p < limits->p && trend->bounds.low > 0 && more >= limits->bytes &&
	       more >= limits->share * whole_bytes;
}

void finding_growth(struct finding *finding, const struct trend *trend)
{
	finding_number(finding, "growth_bytes_per_hour", "bytes/h", trend->slope, trend->bounds,
		       NUMBER_ESTIMATED);
	finding_statistic(finding, "trend_p", "p", trend->p);
}
