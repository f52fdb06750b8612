/*
 * What a hit costs, as ratios of neighbouring measurements at one probe site: the sampler's program
 * against one that only sees that a hit is foreign, and the exact ones against a program that does
 * nothing at all. Prints medians and the spread over the rounds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "probe/features.h"
#include "probe/own_code.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"

#define ROUNDS	    15
#define CALLS	    20000
#define FRAMES	    20 /* of a stack, the allocator's caller among them */
#define FRAME_WORDS 12 /* from one to the next: Go's are 40 to 200 bytes */

/*
 * hit_cost_call(frame): an allocation of 48 bytes by a function of the "runtime", whose own frame
 * record is a copy of `frame`, near its end as in runtime.newobject.
 */
void hit_cost_call(const uint64_t *frame);
extern const char hit_cost_site[], hit_cost_return[];

__asm__(".text\n"
	".globl hit_cost_call, hit_cost_site, hit_cost_return\n"
	"hit_cost_call:\n"
	"	push %rbx\n	push %rbp\n"
	"	pushq 8(%rdi)\n	pushq (%rdi)\n"		 /* newobject's own frame record, */
	"	mov %rsp, %rbp\n	sub $24, %rsp\n" /* and its frame */
	"	mov $48, %eax\n	mov $4096, %ebx\n"
	"	call 1f\n"
	"hit_cost_return:\n"
	"	add $40, %rsp\n	pop %rbp\n	pop %rbx\n	ret\n"
	"1:	test %rsp, %rsp\n" /* CF = ZF = 0: the stack check has passed */
	"hit_cost_site:\n"
	"	push %rbp\n	pop %rbp\n	ret\n");

static uint64_t stack_words[FRAMES * FRAME_WORDS];

static void build_stack(void)
{
	for (int i = 0; i < FRAMES - 1; i++) {
		uint64_t *record = &stack_words[i * FRAME_WORDS];

		record[0] = i < FRAMES - 2 ? (uint64_t)(record + FRAME_WORDS) : 0;
		record[1] = 0x400000 + 64 * (uint64_t)i;
	}
}

static double ns_per_call(void)
{
	double start = (double)clock_ns(CLOCK_THREAD_CPUTIME_ID);

	for (int i = 0; i < CALLS; i++)
		hit_cost_call(stack_words);
	return ((double)clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / CALLS;
}

/* One link with a program of two instructions. A descriptor, or a negative errno. */
static int attach_empty(uint64_t offset)
{
	static const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	unsigned long offsets[] = { offset };
	LIBBPF_OPTS(bpf_prog_load_opts, load, .expected_attach_type = FEATURE_UPROBE_MULTI);
	LIBBPF_OPTS(bpf_link_create_opts, link, .uprobe_multi.path = "/proc/self/exe",
		    .uprobe_multi.offsets = offsets, .uprobe_multi.cnt = 1);
	int program AUTO_CLOSE =
		bpf_prog_load(BPF_PROG_TYPE_KPROBE, "empty", "GPL", instructions, 2, &load);

	return program < 0 ? program : bpf_link_create(program, 0, FEATURE_UPROBE_MULTI, &link);
}

static int measure_empty(const struct probe_plan *plan, double *ret_ns)
{
	int link AUTO_CLOSE = attach_empty(plan->points[0].file_offset);

	if (link < 0)
		return diag_fail(link, "cannot attach an empty program");
	*ret_ns = ns_per_call();
	return 0;
}

static int measure_exact(const struct probe_plan *plan, bool stacks, double *ret_ns)
{
	struct exact_options options;
	struct probe_statistics statistics = { 0 };
	const struct exact_count *counts;
	struct exact *exact;
	size_t count = 0;
	int error;

	exact_options_init(stacks, &options);
	error = exact_open(getpid(), plan, &options, &exact);
	if (error < 0)
		return error;
	ns_per_call(); /* what is new has its place from here on */
	*ret_ns = ns_per_call();
	error = exact_read(exact, &counts, &count, &statistics);
	if (error == 0 && (count != 1 || counts[0].hits != 2 * CALLS))
		error = diag_fail(-EPROTO, "not every hit was counted");
	exact_close(exact);
	return error;
}

/* Of a named function (role PROBE_CACHE_CALL), or of a pool (PROBE_POOL_GET). */
static int measure_cache(const struct probe_plan *plan, enum probe_role role, double *ret_ns)
{
	struct probe_statistics statistics = { 0 };
	struct cache_calls_seen seen = { 0 };
	struct probe_plan of_role = *plan;
	struct cache_probe *probe;
	uint64_t calls = 0;
	int error;

	of_role.points[0].role = role;
	error = cache_probe_open(getpid(), &of_role, &probe);
	if (error < 0)
		return error;
	error = cache_probe_attach(probe);
	if (error == 0) {
		cache_probe_count(probe, true);
		ns_per_call(); /* what is new has its place from here on */
		*ret_ns = ns_per_call();
		error = cache_probe_read(probe, &seen, &statistics);
	}
	if (error == 0)
		calls = role == PROBE_CACHE_CALL ? seen.calls[0]
			: seen.object_count == 1 ? seen.objects[0].counts[0]
						 : 0;
	if (error == 0 && calls != 2 * CALLS)
		error = diag_fail(-EPROTO, "not every call was counted");
	cache_probe_close(probe);
	return error;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

struct row {
	double of[ROUNDS], against[ROUNDS], ratios[ROUNDS];
};

static void say(const char *what, const char *against, struct row *row)
{
	for (int i = 0; i < ROUNDS; i++)
		row->ratios[i] = row->of[i] / row->against[i];
	qsort(row->of, ROUNDS, sizeof(double), by_value);
	qsort(row->against, ROUNDS, sizeof(double), by_value);
	qsort(row->ratios, ROUNDS, sizeof(double), by_value);
	printf("one hit %s: %.0f ns, of a program that %s: %.0f ns; ratio %.2f [%.2f-%.2f]\n", what,
	       row->of[ROUNDS / 2], against, row->against[ROUNDS / 2], row->ratios[ROUNDS / 2],
	       row->ratios[1], row->ratios[ROUNDS - 2]);
}

static int run(const struct probe_plan *plan, struct row *sampler, struct row *site,
	       struct row *stack, struct row *function, struct row *pool)
{
	double untrapped = ns_per_call();

	for (int i = 0; i < ROUNDS; i++) {
		if (trap_cost_of_hit(true, &sampler->of[i]) < 0 ||
		    trap_cost_of_hit(false, &sampler->against[i]) < 0 ||
		    measure_exact(plan, false, &site->of[i]) < 0 ||
		    measure_empty(plan, &site->against[i]) < 0 ||
		    measure_exact(plan, true, &stack->of[i]) < 0 ||
		    measure_cache(plan, PROBE_CACHE_CALL, &function->of[i]) < 0 ||
		    measure_cache(plan, PROBE_POOL_GET, &pool->of[i]) < 0)
			return -1;
		site->of[i] -= untrapped;
		stack->of[i] -= untrapped;
		site->against[i] -= untrapped;
		function->of[i] -= untrapped;
		pool->of[i] -= untrapped;
		stack->against[i] = function->against[i] = pool->against[i] = site->against[i];
	}
	return 0;
}

int main(void)
{
	static struct row sampler, site, stack, function, pool;
	struct probe_plan plan = { .count = 1 };
	int error;

	plan.points[0] =
		(struct probe_point){ .role = PROBE_ALLOC, .address = (uint64_t)hit_cost_site };
	error = own_code_offset(plan.points[0].address, &plan.points[0].file_offset);
	if (error < 0)
		return -diag_fail(error, "cannot find our own code in /proc/self/maps");
	plan.runtime_text[0] =
		(struct text_range){ (uint64_t)hit_cost_return, (uint64_t)hit_cost_return + 1 };
	build_stack();
	if (run(&plan, &sampler, &site, &stack, &function, &pool) < 0)
		return 1;
	say("of the sampler", "does nothing at the same site", &sampler);
	say("of mode exact, to the call site", "does nothing", &site);
	say("of mode exact, with a stack of 20 frames", "does nothing", &stack);
	say("of a function of --cache", "does nothing", &function);
	say("of a pool or map", "does nothing", &pool);
	return 0;
}
