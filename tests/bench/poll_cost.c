/*
 * poll-cost PID [POLLS]: what one poll of everything the runtime counts costs heaptap itself, as
 * one line of JSON: CPU microseconds per poll and system calls that read the target, for a poll
 * each 10 ms.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "target/target_internal.h"

#define PAUSE_NS 10000000

DEFINE_CLEANUP(cleanup_target, struct target, target_free)

static struct memory process;
static uint64_t calls;

static int count_read(void *context, const struct memory_piece *pieces, size_t count)
{
	(void)context;
	calls += (count + 1023) / 1024; /* UIO_MAXIOV */
	return process.read(process.context, pieces, count);
}

int main(int argc, char **argv)
{
	struct target *target CLEANUP(cleanup_target) = NULL;
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int polls = argc > 2 ? atoi(argv[2]) : 300;
	int64_t spent_ns = 0;
	uint64_t torn = 0;

	if (argc < 2 || polls < 1 || target_open(atoi(argv[1]), &target) < 0)
		return 1;
	process = target->memory;
	target->memory.read = count_read;
	for (int i = 0; i < polls; i++) {
		struct counters counters;
		int64_t begin_ns;

		nanosleep(&pause, NULL);
		begin_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		if (target_counters(target, &counters) < 0)
			return 1;
		spent_ns += clock_ns(CLOCK_PROCESS_CPUTIME_ID) - begin_ns;
		torn += counters.torn;
	}
	printf("{\"cpu_us\": %.1f, \"calls\": %.2f, \"torn\": %" PRIu64 "}\n",
	       (double)spent_ns / 1e3 / polls, (double)calls / polls, torn);
	return 0;
}
