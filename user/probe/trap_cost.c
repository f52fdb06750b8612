/*
 * A trap's price and the way to attach, found out on a function of our own: the very program of
 * sampled births, on the same instruction as in a Go function, called a few thousand times from a
 * thread that is not the main one.
 */
#include "probe/trap_cost.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "probe/features.h"
#include "probe/object.h"
#include "probe/own_code.h"
#include "probe/probe.h"
#include "probe/statistics.h"

#define ROUNDS	7
#define CALLS	1000
#define OBJECTS 512 /* different ones, so that maps are filled as well as looked up */

/*
 * trap_cost_call(object, bucket): puts its arguments where Go has them, sets the flags as a passed
 * stack check leaves them, and meets the instruction that gets the probe.
 */
void trap_cost_call(uint64_t object, uint64_t bucket);
extern const char trap_cost_site[];

#if defined(__x86_64__)
__asm__(".text\n"
	".globl trap_cost_call, trap_cost_site\n"
	".type trap_cost_call, @function\n"
	"trap_cost_call:\n"
	"	push %rbx\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rbx\n"
	"	test %rsp, %rsp\n" /* CF = ZF = 0 */
	"trap_cost_site:\n"
	"	push %rbp\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	ret\n"
	".size trap_cost_call, . - trap_cost_call\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".globl trap_cost_call, trap_cost_site\n"
	".type trap_cost_call, %function\n"
	"trap_cost_call:\n"
	"	cmp sp, #0\n" /* C = 1, Z = 0 */
	"trap_cost_site:\n"
	"	b.ls 1f\n"
	"1:	ret\n"
	".size trap_cost_call, . - trap_cost_call\n");
#else
#error "no probe site for this architecture"
#endif

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/*
 * Median of the rounds, ns per call, in the thread's own CPU time, which is what the target pays
 * in: on a machine with more to run than CPUs the other clocks go on while somebody else runs, and
 * made a trap of 7 us one of 20 to 46 (2026-11), for which the governor takes probes off.
 */
static void *call_often(void *result)
{
	double rounds[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double start = (double)clock_ns(CLOCK_THREAD_CPUTIME_ID);

		for (uint64_t i = 0; i < CALLS; i++)
			trap_cost_call(1 + i % OBJECTS, 1);
		rounds[round] = ((double)clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / CALLS;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), by_value);
	*(double *)result = rounds[ROUNDS / 2];
	return NULL;
}

static int call_in_thread(double *ret_ns)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, call_often, ret_ns);

	if (err)
		return -err;
	return -pthread_join(thread, NULL);
}

static int load(enum attach_way way, pid_t observed, struct heaptap_bpf **ret,
		struct attach_programs *programs)
{
	struct heaptap_bpf *object CLEANUP(object_cleanup) = NULL;
	int err = object_open(&object);

	if (err < 0)
		return err;
	*programs = (struct attach_programs){
		.multi = object->progs.sample_multi,
		.of_role = { [PROBE_SAMPLE_BIRTH] = object->progs.sample_birth },
	};
	object_want_programs(way, programs);
	object_want_map(object->maps.buckets, OBJECTS);
	object_want_map(object->maps.live, OBJECTS);
	err = object_load(object, observed);
	if (err < 0)
		return err;
	*ret = TAKE(object);
	return 0;
}

/* One way tried: what a hit costs and how many were counted as `counter`. Reported on failure. */
static int try_way(enum attach_way way, pid_t observed, enum wire_counter counter,
		   double *ret_trap_ns, uint64_t *ret_hits)
{
	struct heaptap_bpf *object CLEANUP(object_cleanup) = NULL;
	struct attachment *attachment CLEANUP(attachment_cleanup) = NULL;
	struct attach_programs programs;
	struct probe_plan plan = { .count = 1 };
	double untrapped_ns, trapped_ns = 0;
	int err = load(way, observed, &object, &programs);

	if (err < 0)
		return err;
	plan.points[0].role = PROBE_SAMPLE_BIRTH;
	err = own_code_offset((uint64_t)trap_cost_site, &plan.points[0].file_offset);
	if (err < 0)
		return diag_fail(err, "cannot find our own code in /proc/self/maps");
	call_often(&untrapped_ns);
	err = attachment_open(way, &programs, getpid(), &plan, &attachment);
	if (err < 0)
		return attachment_fail(err, way, getpid());
	err = call_in_thread(&trapped_ns);
	if (err == 0)
		err = statistics_counter(object->maps.counters, counter, ret_hits);
	if (err < 0)
		return diag_fail(err, "cannot measure a trap on heaptap itself");
	*ret_trap_ns = trapped_ns - untrapped_ns;
	return 0;
}

static struct {
	bool known;
	enum attach_way way;
	double trap_ns; /* 0: not measured yet */
} own;

/* Every call was seen, from a thread that is not the main one. */
static bool covers_threads(uint64_t hits)
{
	return hits == ROUNDS * CALLS;
}

static int measure(enum attach_way way)
{
	double trap_ns;
	uint64_t hits;
	int err = try_way(way, getpid(), WIRE_HITS, &trap_ns, &hits);

	if (err < 0)
		return err;
	if (way == ATTACH_MULTI && !covers_threads(hits)) {
		diag_note("uprobe_multi sees one thread only on this kernel: perf events instead");
		return measure(ATTACH_PERF);
	}
	if (!covers_threads(hits))
		return diag_fail(-EPROTO, "a probe on heaptap itself saw %llu of %d calls",
				 (unsigned long long)hits, ROUNDS * CALLS);
	own.known = true;
	own.way = way;
	own.trap_ns = trap_ns > 0 ? trap_ns : 1;
	return 0;
}

static int try_once(void)
{
	if (own.trap_ns > 0)
		return 0;
	if (own.known)
		return measure(own.way);
	return measure(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
}

int attach_way_find(enum attach_way *ret)
{
	int err = own.known ? 0 : try_once();

	if (err == 0)
		*ret = own.way;
	return err;
}

void attach_way_force(enum attach_way way)
{
	own.known = true;
	own.way = way;
	own.trap_ns = 0;
}

int probe_measure_trap(double *ret_trap_ns)
{
	int err = try_once();

	if (err == 0)
		*ret_trap_ns = own.trap_ns;
	return err;
}

int trap_cost_of_hit(bool counted, double *ret_ns)
{
	enum attach_way way = ATTACH_MULTI;
	uint64_t hits;
	int err = attach_way_find(&way);

	if (err < 0)
		return err;
	return counted ? try_way(way, getpid(), WIRE_HITS, ret_ns, &hits)
		       : try_way(way, getppid(), WIRE_FOREIGN, ret_ns, &hits);
}
