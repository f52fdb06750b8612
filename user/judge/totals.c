/* What is read out of a snapshot for each of the totals. */
#include "judge/totals.h"

#include <math.h>

#include "model/metadata.h"

static double known(int64_t value)
{
	return value == UNKNOWN ? NAN : (double)value;
}

/* A state lasts as long as its interval. */
static int add_state(struct measure *measure, double value, const struct snapshot *snapshot)
{
	return measure_add(measure, value * snapshot->interval_s, snapshot->interval_s);
}

#define STATE(name, value)                                                                         \
	static int name(struct measure *measure, const struct totals_reader *before,               \
			const struct snapshot *snapshot, double weight)                            \
	{                                                                                          \
		(void)before;                                                                      \
		(void)weight;                                                                      \
		return add_state(measure, value, snapshot);                                        \
	}

STATE(add_rss, known(snapshot->rss.total_bytes))
STATE(add_heap, known(snapshot->heap.inuse_bytes))
STATE(add_goroutines, known(snapshot->goroutines))
#undef STATE

/* Of what the interval allocated: the snapshot's own share is of all since the observation began,
 * which is no window's. */
static int add_metadata(struct measure *measure, const struct totals_reader *before,
			const struct snapshot *snapshot, double weight)
{
	double part = 0, whole = 0;

	(void)before;
	(void)weight;
	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];

		whole += record->interval.bytes;
		if (record->interval.bytes > 0 && metadata_has(record->stack))
			part += record->interval.bytes;
	}
	return snapshot->record_count ? measure_add(measure, part, whole) : 0;
}

static int add_bytes(struct measure *measure, const struct totals_reader *before,
		     const struct snapshot *snapshot, double weight)
{
	(void)before;
	return measure_add(measure, snapshot->heap.alloc_bytes_per_s * snapshot->interval_s,
			   weight);
}

static int add_objects(struct measure *measure, const struct totals_reader *before,
		       const struct snapshot *snapshot, double weight)
{
	(void)before;
	return measure_add(measure, snapshot->heap.allocs_per_s * snapshot->interval_s, weight);
}

static bool is_same(const struct totals_reader *before, const struct snapshot *snapshot)
{
	return before->any && before->pid == snapshot->pid;
}

/* Between the ends of two cycles, which MemStats dates to the nanosecond: however many there were
 * in between, and however seldom anybody looked. */
static int add_period(struct measure *measure, const struct totals_reader *before,
		      const struct snapshot *snapshot, double weight)
{
	int64_t last_ns = snapshot->memstats.last_gc, cycles = snapshot->gc.cycles;

	(void)weight;
	if (!is_same(before, snapshot) || before->last_gc_unix_ns <= 0 || before->cycles < 0 ||
	    last_ns <= before->last_gc_unix_ns || cycles <= before->cycles)
		return 0;
	return measure_add(measure, (double)(last_ns - before->last_gc_unix_ns),
			   (double)(cycles - before->cycles));
}

/* Each cycle's, both its stops together: what MemStats keeps is the same however it was observed.
 */
static int add_pauses(struct measure *measure, const struct totals_reader *before,
		      const struct snapshot *snapshot, double weight)
{
	const struct memstats *memstats = &snapshot->memstats;
	int error = 0;

	(void)weight;
	for (uint32_t i = 0; is_same(before, snapshot) && i < memstats->pause_count; i++)
		if (error == 0 && memstats->pause_end_unix_ns[i] > before->last_pause_unix_ns)
			error = measure_add(measure, (double)memstats->pause_ns[i], 1);
	return error;
}

static int add_longest(struct measure *measure, const struct totals_reader *before,
		       const struct snapshot *snapshot, double weight)
{
	const struct memstats *memstats = &snapshot->memstats;
	double longest = NAN;

	(void)weight;
	for (uint32_t i = 0; is_same(before, snapshot) && i < memstats->pause_count; i++)
		if (memstats->pause_end_unix_ns[i] > before->last_pause_unix_ns)
			longest = fmax(longest, (double)memstats->pause_ns[i]);
	return measure_add(measure, longest, 1);
}

/* The runtime books both at the end of each cycle. */
static int add_gc_cpu(struct measure *measure, const struct totals_reader *before,
		      const struct snapshot *snapshot, double weight)
{
	const struct gc_cpu *cpu = &snapshot->gc_cpu;

	(void)weight;
	if (!is_same(before, snapshot) || before->cpu_ns < 0 || cpu->total_ns <= before->cpu_ns)
		return 0;
	return measure_add(measure, (double)(cpu->gc_total_ns - before->gc_cpu_ns),
			   (double)(cpu->total_ns - before->cpu_ns));
}

/*
 * Floors of what differs by more than the comparison's between two recordings of one program: what
 * is in memory by where in its cycle a collector was met, and what the collector takes by what else
 * the machine does (5 to 7 % of a cycle's period on a busy one, 100 pairs, 2026-11).
 */
#define BY_CYCLE   5.0
#define BY_MACHINE 7.0

const struct total totals[] = {
	{ "rss", "RSS", TOTAL_BYTES, false, true, false, false, BY_CYCLE, add_rss },
	{ "heap_inuse", "heap in use", TOTAL_BYTES, false, true, false, false, BY_CYCLE, add_heap },
	{ "alloc_bytes", "allocated", TOTAL_BYTES, false, false, true, false, 1, add_bytes },
	{ "alloc_objects", "objects", TOTAL_COUNT, false, false, true, false, 1, add_objects },
	{ "gc_period", "GC cycle period", TOTAL_NS, false, false, false, false, BY_MACHINE,
	  add_period },
	{ "gc_pause", "GC pause", TOTAL_NS, false, false, false, false, BY_MACHINE, add_pauses },
	{ "gc_pause_longest", "longest GC pause", TOTAL_NS, false, false, false, true, BY_MACHINE,
	  add_longest },
	{ "gc_cpu", "GC CPU", TOTAL_SHARE, false, false, false, false, BY_MACHINE, add_gc_cpu },
	{ "goroutines", "goroutines", TOTAL_COUNT, false, true, false, false, 1, add_goroutines },
	{ "metadata_share", "type metadata", TOTAL_SHARE, true, false, false, false, 1,
	  add_metadata },
};
const size_t total_count = sizeof(totals) / sizeof(totals[0]);
_Static_assert(sizeof(totals) / sizeof(totals[0]) <= TOTALS_MOST, "raise TOTALS_MOST");

void totals_reader_take(struct totals_reader *reader, const struct snapshot *snapshot)
{
	const struct memstats *memstats = &snapshot->memstats;

	if (!is_same(reader, snapshot))
		*reader = (struct totals_reader){ .pid = snapshot->pid, .any = true };
	reader->cycles = snapshot->gc.cycles;
	reader->last_gc_unix_ns = memstats->last_gc;
	if (memstats->pause_count)
		reader->last_pause_unix_ns = memstats->pause_end_unix_ns[memstats->pause_count - 1];
	reader->gc_cpu_ns = snapshot->gc_cpu.gc_total_ns;
	reader->cpu_ns = snapshot->gc_cpu.total_ns;
}
