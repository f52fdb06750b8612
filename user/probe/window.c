/*
 * Exact hits for a bounded window. The kernel side closes the window itself and wakes us; our part
 * is to take the probes off at once, since every further hit still costs the target a trap.
 *
 * Entries leave the kernel's maps after each window, so their caps hold for one window each.
 */
#include "probe/probe.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/vec.h"
#include "probe/batch.h"
#include "probe/program_set.h"
#include "probe/stacks.h"
#include "probe/statistics.h"
#include "probe/urgency.h"
#include "probe/window_sizes.h"

struct window {
	struct program_set set;
	struct probe_plan plan;
	struct ring_buffer *wake;
	size_t points;
	struct window_pace pace; /* hit_ns 0: none */
	int64_t stall_ns, edges_ns;
	int64_t opening_ns, closing_ns, closing_since_ns;
	struct batch sites;
	struct stacks stacks;
	struct window_site *items; /* what window_run gave last */
	size_t capacity;
};

DEFINE_CLEANUP(window_cleanup, struct window, window_close)

/* The wake-up is the message. */
static int ignore_event(void *context, void *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
	return 0;
}

static int load(struct window *window, const struct window_sizes *sizes)
{
	struct heaptap_bpf *object = window->set.object;

	window->set.programs = (struct attach_programs){
		.multi = object->progs.exact_multi,
		.of_role = { [PROBE_ALLOC] = object->progs.exact_alloc,
			     [PROBE_ALLOC_SIZED] = object->progs.exact_sized },
	};
	object_want_map(object->maps.sites, sizes->sites);
	object_want_map(object->maps.stacks, sizes->stacks);
	object_want_map(object->maps.scratch, sizes->threads);
	object_want_map(object->maps.wake, 0);
	object->rodata->alloc_min_bytes = window->plan.alloc_min_bytes;
	return program_set_load(&window->set);
}

int window_open_sized(pid_t pid, const struct probe_plan *plan, const struct window_sizes *sizes,
		      struct window **ret)
{
	struct window *window CLEANUP(window_cleanup) = calloc(1, sizeof(*window));
	int err;

	if (!window)
		return diag_fail(-ENOMEM, "cannot open the exact probes");
	window->plan = *plan;
	window->stall_ns = window->edges_ns = -1;
	window->sites.key_bytes = sizeof(struct wire_site);
	window->sites.value_bytes = sizeof(struct wire_site_count);
	err = program_set_open(&window->set, pid);
	if (err == 0)
		err = load(window, sizes);
	if (err < 0)
		return err;
	window->wake = ring_buffer__new(bpf_map__fd(window->set.object->maps.wake), ignore_event,
					NULL, NULL);
	if (!window->wake)
		return diag_fail(-errno, "cannot map the ring of the exact probes");
	*ret = TAKE(window);
	return 0;
}

int window_open(pid_t pid, const struct probe_plan *plan, struct window **ret)
{
	/* a stack is 0.6 KiB, and stacks are fewer than sites */
	static const struct window_sizes sizes = {
		.sites = LIMIT_EXACT_SITES,
		.stacks = LIMIT_EXACT_SITES / 4,
		.threads = 4096,
	};

	return window_open_sized(pid, plan, &sizes, ret);
}

static void reset(const struct window *window, uint64_t max_hits, uint64_t max_ns)
{
	struct heaptap_bpf__bss *state = window->set.object->bss;
	const struct window_pace *pace = &window->pace;

	memset(state, 0, sizeof(*state));
	state->window_max_hits = max_hits;
	state->window_max_ns = max_ns;
	if (!pace->hit_ns)
		return;
	state->window_step_ns = (uint64_t)((double)pace->hit_ns / pace->share);
	state->window_credit_ns = (uint64_t)((double)pace->most_ns / pace->share);
	state->window_work_ns = pace->work_ns;
	state->window_payoff = (uint64_t)(1 / pace->share);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* On a busy machine the target may not have had its turn yet, so `until_ns` leaves it a moment. */
#define SHORTEST_NS 1000000

static uint64_t end_of(const struct window *window, uint64_t first_ns, uint64_t attached_ns)
{
	uint64_t max_ns = window->set.object->bss->window_max_ns;
	uint64_t until_ns = (uint64_t)window->pace.until_ns;

	if (!first_ns)
		return attached_ns + max_ns;
	if (!until_ns)
		return first_ns + max_ns;
	if (until_ns < first_ns + SHORTEST_NS)
		until_ns = first_ns + SHORTEST_NS;
	return smaller(until_ns, first_ns + max_ns);
}

/*
 * Until the kernel side has closed the window, or its time is over - which is ours to notice when
 * the target stands still -, or a signal comes. Without any hit time counts from the attaching.
 */
static void wait_while_open(struct window *window, uint64_t attached_ns)
{
	volatile struct heaptap_bpf__bss *state = window->set.object->bss;
	struct pollfd ring = { .fd = ring_buffer__epoll_fd(window->wake), .events = POLLIN };

	while (!state->window_closed) {
		uint64_t first_ns = state->window_first_ns,
			 now = (uint64_t)clock_ns(CLOCK_MONOTONIC);
		uint64_t end = end_of(window, first_ns, attached_ns);
		struct timespec left = { (time_t)((end - now) / 1000000000),
					 (long)((end - now) % 1000000000) };

		if (now >= end || ppoll(&ring, 1, &left, NULL) < 0)
			return;
		ring_buffer__consume(window->wake);
	}
}

/* Hits between the end of the time and the taking off of the probes are not the window's. */
static void wait_for_end(struct window *window, uint64_t attached_ns)
{
	volatile struct heaptap_bpf__bss *state = window->set.object->bss;

	wait_while_open(window, attached_ns);
	if (!state->window_closed)
		state->window_closed = WIRE_CLOSED_BY_LOADER;
}

/* How long hits were recorded; the last one stands for the end where it closed the window. */
static uint64_t open_time(const struct heaptap_bpf__bss *state, uint64_t detached_ns)
{
	uint64_t open_ns;

	if (!state->window_first_ns)
		return 0;
	if (state->window_closed == WIRE_CLOSED_BY_HITS ||
	    state->window_closed == WIRE_CLOSED_BY_PACE)
		return state->window_last_ns - state->window_first_ns;
	open_ns = detached_ns - state->window_first_ns;
	return open_ns < state->window_max_ns ? open_ns : state->window_max_ns;
}

/*
 * All hits that were owed at once, taken by one thread, and those after the end; but a thread is
 * not held up for longer than from the first hit to the last. And what is patched holds up its page
 * faults.
 */
static void measure_stall(struct window *window, uint64_t late_hits, int64_t patching_ns)
{
	const struct heaptap_bpf__bss *state = window->set.object->bss;
	const struct window_pace *pace = &window->pace;
	uint64_t late_ns = late_hits * pace->trap_ns, owed_ns, span_ns;

	if (!pace->hit_ns)
		return;
	owed_ns = (uint64_t)((double)state->window_debt_ns * pace->share);
	span_ns = state->window_trap_ns - state->window_first_ns + pace->hit_ns;
	late_ns = smaller(late_ns, span_ns);
	owed_ns = smaller(owed_ns, span_ns - late_ns);
	window->edges_ns = (int64_t)late_ns + patching_ns;
	window->stall_ns = (int64_t)owed_ns + window->edges_ns;
}

/* From the opening to the closing. A target that has ended makes an empty window. */
static int attach_and_wait(struct window *window, uint64_t *ret_open_ns)
{
	struct attachment *attachment CLEANUP(attachment_cleanup) = NULL;
	int64_t begin_ns = clock_ns(CLOCK_MONOTONIC);
	int err = attachment_open(window->set.way, &window->set.programs, window->set.pid,
				  &window->plan, &attachment);

	*ret_open_ns = 0;
	if (err == -ESRCH)
		return 0;
	if (err < 0)
		return attachment_fail(err, window->set.way, window->set.pid);
	window->points = attachment_points(attachment);
	window->opening_ns = clock_ns(CLOCK_MONOTONIC) - begin_ns;
	wait_for_end(window, (uint64_t)clock_ns(CLOCK_MONOTONIC));
	window->closing_since_ns = clock_ns(CLOCK_MONOTONIC);
	*ret_open_ns = open_time(window->set.object->bss, (uint64_t)window->closing_since_ns);
	return 0;
}

static int observe(struct window *window, uint64_t *ret_open_ns)
{
	struct bpf_map *counters = window->set.object->maps.counters;
	int64_t patched_ns = attach_patching_ns();
	uint64_t late_before = 0, late = 0;
	struct urgency urgency;
	int err = statistics_counter(counters, LOSS_HIT_BUDGET, &late_before);

	urgency_begin(&urgency);
	if (err == 0)
		err = attach_and_wait(window, ret_open_ns);
	urgency_end(&urgency);
	window->closing_ns = clock_ns(CLOCK_MONOTONIC) - window->closing_since_ns;
	if (err == 0)
		err = statistics_counter(counters, LOSS_HIT_BUDGET, &late);
	if (err == 0)
		measure_stall(window, late - late_before, attach_patching_ns() - patched_ns);
	return err;
}

/* Moves what the window recorded out of the kernel and joins sites with their stacks. */
static int collect(struct window *window)
{
	struct heaptap_bpf *object = window->set.object;
	int err = batch_read(&window->sites, bpf_map__fd(object->maps.sites), true);

	if (err == 0)
		err = stacks_read(&window->stacks, bpf_map__fd(object->maps.stacks), true);
	if (err == 0)
		err = VEC_RESERVE(window, window->sites.count, LIMIT_EXACT_SITES);
	for (size_t i = 0; err == 0 && i < window->sites.count; i++) {
		const struct wire_site *site = &((struct wire_site *)window->sites.keys)[i];
		const struct wire_stack *stack = stacks_find(&window->stacks, &site->stack);

		window->items[i] = (struct window_site){
			.type = site->type,
			.size_bytes = site->size_bytes,
			.stack_id = stack_id_of(&site->stack),
			.hits = ((struct wire_site_count *)window->sites.values)[i].hits,
			.pcs = stack ? (const uint64_t *)stack->pcs : NULL,
			.pc_count = stack ? stack->count : 0,
		};
	}
	return err;
}

int window_run(struct window *window, uint64_t max_hits, uint64_t max_ns,
	       const struct window_site **ret, size_t *ret_count, uint64_t *ret_open_ns,
	       struct probe_statistics *statistics)
{
	int err;

	reset(window, max_hits, max_ns);
	err = observe(window, ret_open_ns);
	if (err < 0)
		return err;
	err = collect(window);
	if (err == 0)
		err = program_set_statistics(&window->set, statistics);
	if (err < 0)
		return diag_fail(err, "cannot read the exact probes' maps");
	statistics->points = window->points;
	*ret = window->items;
	*ret_count = window->sites.count;
	return 0;
}

void window_set_pace(struct window *window, const struct window_pace *pace)
{
	window->pace = *pace;
}

int64_t window_stall_ns(const struct window *window)
{
	return window->stall_ns;
}

int64_t window_edges_ns(const struct window *window)
{
	return window->edges_ns;
}

int64_t window_opening_ns(const struct window *window)
{
	return window->opening_ns;
}

int64_t window_closing_ns(const struct window *window)
{
	return window->closing_ns;
}

bool window_is_one_link(const struct window *window)
{
	return window->set.way == ATTACH_MULTI;
}

void window_close(struct window *window)
{
	if (!window)
		return;
	ring_buffer__free(window->wake);
	program_set_close(&window->set);
	batch_clear(&window->sites);
	stacks_clear(&window->stacks);
	free(window->items);
	free(window);
}
