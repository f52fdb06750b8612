/* Mode exact on real Go programs, where its map is full: what it says against what they count
 * themselves. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/collector.h"
#include "harness/announce.h"
#include "probe/exact_sizes.h"
#include "probe/features.h"
#include "probe/trap_cost.h"

struct observed {
	struct program program;
	struct target *target;
	struct collect_context context;
	void *state;
	struct snapshot snapshot;
};

static void observed_end(struct observed *observed)
{
	collector_exact.close(observed->state);
	target_free(observed->target);
	program_end(&observed->program);
	snapshot_clear(&observed->snapshot);
	exact_sites_force(0);
}

static void observed_begin(struct observed *observed, size_t sites, bool stacks)
{
	char ready[256];

	*observed = (struct observed){ .program = announce_start(NULL, ready) };
	snapshot_init(&observed->snapshot);
	CHECK_INT(target_open(observed->program.pid, &observed->target), 0);
	observed->context = (struct collect_context){
		.pid = observed->program.pid,
		.target = observed->target,
		.force = true,
		.stacks = stacks,
		.trap_ns = NAN,
	};
	exact_sites_force(sites);
	CHECK_INT(collector_exact.open(&observed->context, &observed->state), 0);
}

static uint64_t mallocs(struct observed *observed)
{
	return announce_number(program_ask(&observed->program, "memstats"), "Mallocs");
}

static double all_objects(const struct snapshot *snapshot)
{
	double sum = 0;

	for (size_t i = 0; i < snapshot->record_count; i++)
		sum += snapshot->records[i].begun.objects;
	return sum;
}

/* Both counts at a moment at which the runtime allocated nothing for itself. */
#define ATTEMPTS 100
static double difference(struct observed *observed)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		uint64_t before = mallocs(observed), hits;

		snapshot_clear(&observed->snapshot);
		CHECK_INT(collector_exact.collect(observed->state, &observed->context,
						  &observed->snapshot, &hits),
			  0);
		if (mallocs(observed) == before)
			return (double)before - all_objects(&observed->snapshot);
	}
	EXPECT(false, "it would not be quiet");
	return NAN;
}

static const struct record *beyond(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->record_count; i++)
		if (snapshot->records[i].type &&
		    !strcmp(snapshot->records[i].type, "(beyond the map)"))
			return &snapshot->records[i];
	return NULL;
}

static void check_full_map(bool stacks)
{
	struct observed observed __attribute__((cleanup(observed_end)));
	const struct record *record;
	double before;

	observed_begin(&observed, 3, stacks);
	before = difference(&observed);
	program_ask(&observed.program, "alloc node 500 0");
	program_ask(&observed.program, "alloc page1k 400 0");
	program_ask(&observed.program, "alloc bytes 300 0");
	program_ask(&observed.program, "alloc large100k 200 0");
	program_ask(&observed.program, "alloc text 100 0");
	CHECK_NEAR(difference(&observed), before, 0);
	record = beyond(&observed.snapshot);
	CHECK(record);
	CHECK_INT(record->begun.objects, observed.snapshot.losses[LOSS_SITE_MAP_FULL]);
	CHECK(record->begun.bytes > 100 * 48 && record->begun.bytes_variance == 0);
}

static void check_sites(void)
{
	check_full_map(false);
}

static void check_stacks(void)
{
	check_full_map(true);
}

TEST("where the site map is full the sum of the rows is still what a Go program counts")
{
	attach_way_force(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
	announce_each("stripped", check_sites);
	announce_each("pie", check_stacks);
}
