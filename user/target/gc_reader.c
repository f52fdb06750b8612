/*
 * runtime.work keeps four times of a cycle - sweep termination, mark, mark termination, end - and
 * writes each as that phase begins. As long as they ascend, all are of the cycle that memstats has
 * counted last; once sweep termination is later than the end, the next cycle is on, and what is
 * earlier than that is still the last one's.
 */
#include "target/gc_reader.h"

#include <string.h>

#include "model/unknown.h"

static int64_t word(struct span span, int32_t offset)
{
	uint64_t value = 0;

	span_u64(span, (uint64_t)offset, &value);
	return (int64_t)value;
}

struct phases {
	int64_t sweep_term_ns, mark_ns, mark_term_ns, end_ns; /* monotonic */
};

static struct phases read_phases(struct span work, const struct layout *layout)
{
	return (struct phases){
		word(work, layout->work_t_sweep_term),
		word(work, layout->work_t_mark),
		word(work, layout->work_t_mark_term),
		word(work, layout->work_t_end),
	};
}

static bool is_forced(struct span work, const struct layout *layout)
{
	uint8_t forced = 0;

	span_u8(work, (uint64_t)layout->work_user_forced, &forced);
	return forced == 1;
}

/* What a cycle that has begun since leaves of the last: what is older than its beginning. */
static void forget_overwritten(const struct phases *phases, struct gc_cycle *cycle)
{
	cycle->sweep_term_unix_ns = cycle->heap_before_bytes = UNKNOWN;
	cycle->forced = false;
	if (phases->mark_ns > phases->sweep_term_ns)
		cycle->mark_unix_ns = UNKNOWN;
	if (phases->mark_term_ns > phases->sweep_term_ns)
		cycle->mark_term_unix_ns = cycle->heap_after_bytes = cycle->heap_live_bytes =
			cycle->goal_bytes = UNKNOWN;
}

/* The end is known by both clocks, which the runtime reads together: so the others are too,
 * whatever clock and time namespace the program has. */
static void fill_phases(const struct runtime_image *image, const struct layout *layout,
			struct gc_cycle *cycle)
{
	struct span work = runtime_image_work(image);
	struct phases phases = read_phases(work, layout);
	int64_t to_unix_ns = cycle->end_unix_ns - phases.end_ns;

	cycle->sweep_term_unix_ns = phases.sweep_term_ns + to_unix_ns;
	cycle->mark_unix_ns = phases.mark_ns + to_unix_ns;
	cycle->mark_term_unix_ns = phases.mark_term_ns + to_unix_ns;
	cycle->heap_before_bytes = word(work, layout->work_heap0);
	cycle->heap_after_bytes = word(work, layout->work_heap1);
	cycle->heap_live_bytes = word(work, layout->work_heap2);
	cycle->goal_bytes = word(runtime_image_controller(image), layout->gc_last_heap_goal);
	cycle->forced = is_forced(work, layout);
	if (phases.sweep_term_ns > phases.end_ns)
		forget_overwritten(&phases, cycle);
}

/* The end of a cycle is noted a moment before the cycle is counted: then all is of the cycle that
 * is about to be. */
static bool is_of_next(const struct runtime_image *image, const struct layout *layout,
		       int64_t counted)
{
	struct span work = runtime_image_work(image);
	struct phases phases = read_phases(work, layout);
	uint32_t begun = 0;

	span_u32(work, (uint64_t)layout->work_cycles, &begun);
	return begun != (uint32_t)counted && phases.sweep_term_ns <= phases.end_ns;
}

void gc_read_cycle(const struct runtime_image *image, const struct memstats *memstats,
		   const struct layout *layout, struct gc_cycle *ret)
{
	uint32_t pauses = memstats->pause_count;

	*ret = (struct gc_cycle){ UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
				  UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, false };
	if (!pauses)
		return;
	ret->number = memstats->num_gc;
	ret->pause_ns = memstats->pause_ns[pauses - 1];
	ret->end_unix_ns = memstats->pause_end_unix_ns[pauses - 1];
	if (image->work_bytes && !is_of_next(image, layout, ret->number))
		fill_phases(image, layout, ret);
}

void gc_read_cpu(const struct runtime_image *image, const struct layout *layout, struct gc_cpu *ret)
{
	/* cpuStats' members in its order; the scavenger's assists and background are in its sum */
	int64_t scavenge_parts[2];
	int64_t *const members[] = {
		&ret->assist_ns,    &ret->dedicated_ns, &ret->idle_ns,	    &ret->pause_ns,
		&ret->gc_total_ns,  &scavenge_parts[0], &scavenge_parts[1], &ret->scavenge_ns,
		&ret->idle_time_ns, &ret->user_ns,	&ret->total_ns,
	};
	bool known = image->work_bytes && layout->work_cpu_stats != LAYOUT_ABSENT;

	for (int i = 0; i < (int)(sizeof(members) / sizeof(members[0])); i++)
		*members[i] =
			known ? word(runtime_image_work(image), layout->work_cpu_stats + 8 * i)
			      : UNKNOWN;
}

bool gc_same_moment(const struct runtime_image *a, const struct runtime_image *b,
		    const struct layout *layout)
{
	struct span works[] = { runtime_image_work(a), runtime_image_work(b) };
	uint64_t numgc = (uint64_t)layout->memstats_numgc;
	/* cycles, the times, the heap sizes and the CPU times stand together to the end */
	uint64_t from = (uint64_t)layout->work_cycles;

	if (memcmp(a->memstats + numgc, b->memstats + numgc, sizeof(uint32_t)) != 0)
		return false;
	return works[0].length == 0 ||
	       (is_forced(works[0], layout) == is_forced(works[1], layout) &&
		memcmp(works[0].data + from, works[1].data + from, works[0].length - from) == 0);
}
