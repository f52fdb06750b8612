/*
 * The parts of RSS cost more than all else that is read: 65 ms of CPU per GiB of heap, nearly all
 * in the kernel, which walks the page tables of the process twice: 25 ms for smaps, the rest for
 * pagemap (2 cores, Linux 6.18, 2026-11; a small process: 1 ms). For smaps it holds the mmap_lock
 * for reading while it walks a mapping, so that a thread of the process that maps or unmaps waits
 * for as long. So a reading is followed by a pause of 100 times its CPU time, and of a second at
 * least. Between readings, the total is still that of the moment, and the parts are not known.
 */
#include "cmd/observe_rss.h"

#include <errno.h>

#include "base/clock.h"
#include "base/diag.h"
#include "limits.h"

#define PAUSES	     100       /* per reading: 1 % of a CPU */
#define PAUSE_MIN_NS 900000000 /* so that each interval of a second has the parts */

/* What will not be better the next time. */
static void tell_once(struct rss_schedule *schedule, const struct target *target, int error)
{
	int pid = process_pid(target_process(target));

	if (schedule->told || (error != -E2BIG && error != -EACCES && error != -EPERM))
		return;
	schedule->told = true;
	if (error == -E2BIG)
		diag_warn("process %d has more than %d mappings: what its RSS consists of is not "
			  "told",
			  pid, LIMIT_MAPPINGS);
	else
		diag_warn("what the RSS of process %d consists of is not told: that takes root or "
			  "CAP_DAC_READ_SEARCH beside CAP_SYS_PTRACE",
			  pid);
}

void observe_rss(struct rss_schedule *schedule, struct target *target, struct snapshot *snapshot)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC), pause_ns;
	int64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	struct rss_resident resident;

	if (now_ns >= schedule->next_ns) {
		int error = target_residence(target, &resident);

		if (error == 0)
			rss_split(&resident, &snapshot->memstats, &snapshot->rss);
		else
			tell_once(schedule, target, error);
		pause_ns = (clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns) * PAUSES;
		schedule->next_ns = now_ns + (pause_ns > PAUSE_MIN_NS ? pause_ns : PAUSE_MIN_NS);
	}
	if (snapshot->rss.total_bytes == UNKNOWN)
		snapshot->rss.total_bytes = process_rss_bytes(target_process(target));
}
