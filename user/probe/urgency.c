/* Real-time scheduling for the calling thread and the children it makes meanwhile. */
#include "probe/urgency.h"

#include <sched.h>

void urgency_begin(struct urgency *urgency)
{
	const struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_FIFO) };
	struct sched_param before = { 0 };

	urgency->policy = sched_getscheduler(0);
	if (sched_getparam(0, &before) < 0 ||
	    (urgency->policy != SCHED_OTHER && urgency->policy != SCHED_BATCH) ||
	    sched_setscheduler(0, SCHED_FIFO, &lowest) < 0)
		urgency->policy = -1;
	urgency->priority = before.sched_priority;
}

void urgency_end(const struct urgency *urgency)
{
	const struct sched_param before = { .sched_priority = urgency->priority };

	if (urgency->policy >= 0)
		sched_setscheduler(0, urgency->policy, &before);
}
