/* Growth over an observation: what the rules about it call growth, and how they say it. */
#ifndef JUDGE_GROWTH_H
#define JUDGE_GROWTH_H

#include "judge/evidence.h"
#include "judge/finding.h"

/* What is growth: a choice, the same for all memory of a process; a site's is another. */
struct growth_limits {
	double p;     /* at most, of the trend's test */
	double share; /* at least, of what there is: over the observation */
	double bytes; /* the same */
};
/* 10 % and 4 MiB: less is no matter in an observation, however sure it is; p 0.01, as several rules
 * ask. */
extern const struct growth_limits growth_limits_process;

/* By so many bytes over the whole observation. */
double growth_bytes(const struct evidence *evidence, const struct trend *trend);

/* Beyond chance, and enough of the `whole_bytes` that there are. */
bool growth_matters(const struct growth_limits *limits, const struct evidence *evidence,
		    const struct trend *trend, double whole_bytes);

/* The slope with its interval, and its p, as numbers of the finding. */
void finding_growth(struct finding *finding, const struct trend *trend);

#endif
