/* Made-up processes that behave like real ones: a few sites move in each interval, a few appear. */
#include "unit/recording_fixture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/test.h"
#include "model/instantiations.h"
#include "model/metric.h"

#define MADE_RATE  524288
#define MADE_DEPTH 16
#define GROWTH	   8 /* an interval in so many brings a new site */

static uint64_t next_random(struct made_process *process)
{
	process->seed ^= process->seed << 13;
	process->seed ^= process->seed >> 7;
	process->seed ^= process->seed << 17;
	return process->seed;
}

static const char *made_name(const char *format, uint64_t number)
{
	char *name = NULL;

	CHECK(asprintf(&name, format, number) > 0);
	return name;
}

static const struct stack *make_stack(uint64_t site)
{
	struct stack *stack = calloc(1, sizeof(*stack) + MADE_DEPTH * sizeof(*stack->frames));

	CHECK(stack);
	stack->count = site % 7 ? MADE_DEPTH : 0;
	for (uint64_t i = 0; i < stack->count; i++) {
		/* stacks share their roots, as those of a server do */
		uint64_t which = i < 4 ? site * 4 + i : 1000003 + (site >> (i / 2));

		stack->frames[i] = (struct frame){
			.function = made_name("example.com/service/pkg.(*Handler%" PRIu64 ").Do",
					      which),
			.file = made_name("/src/service/pkg/handler%" PRIu64 ".go", which / 16),
			.line = (uint32_t)(which % 900) + 1,
			.start_line = (uint32_t)(which % 900),
			.address = (1ULL << 63) + which * 64,
			.inlined = which % 5 == 0,
			.entry = which % 3 ? (1ULL << 63) + which : 0,
		};
	}
	return stack;
}

static void free_stack(const struct stack *stack)
{
	for (uint32_t i = 0; i < stack->count; i++) {
		free((char *)stack->frames[i].function);
		free((char *)stack->frames[i].file);
	}
	free((void *)stack);
}

#define MOST_NEW 4096

static void add_site(struct made_process *process)
{
	uint32_t i = process->sites++;

	process->buckets[i] = (struct bucket){
		.address = 0xffffc00000000000 + i * 0x40,
		.object_bytes = 8ULL << (i % 12),
		.stack = make_stack(i),
		.type = i % 3 ? made_name("service.Type%" PRIu64, i) : NULL,
		.interface = i % 4 ? NULL : "service.Interface",
	};
	process->activity[i] = (struct bucket_activity){ .address = process->buckets[i].address };
}

void made_begin(struct made_process *process, int32_t pid, enum mode mode, uint32_t sites,
		uint32_t moves)
{
	*process = (struct made_process){ .pid = pid,
					  .mode = mode,
					  .moves = moves,
					  .seed = 88172645463325252ULL + (uint64_t)pid,
					  .time_unix_ns = 1700000000123456789 };
	CHECK_INT(profile_new(&process->profile), 0);
	governor_state_init(&process->governor);
	process->governor.steps = 0;
	process->buckets = calloc(sites + MOST_NEW, sizeof(*process->buckets));
	process->activity = calloc(sites + MOST_NEW, sizeof(*process->activity));
	CHECK(process->buckets && process->activity);
	while (process->sites < sites)
		add_site(process);
	for (uint32_t i = 0; i < sites; i++) {
		process->buckets[i].allocs = next_random(process) % 10000;
		process->buckets[i].frees = process->buckets[i].allocs / 2;
	}
}

void made_end(struct made_process *process)
{
	for (uint32_t i = 0; i < process->sites; i++) {
		free_stack(process->buckets[i].stack);
		free((char *)process->buckets[i].type);
	}
	free(process->buckets);
	free(process->activity);
	profile_free(process->profile);
}

static void move_sites(struct made_process *process)
{
	if (process->sites < MOST_NEW && next_random(process) % GROWTH == 0)
		add_site(process);
	for (uint32_t i = 0; i < process->moves; i++) {
		uint32_t at = (uint32_t)(next_random(process) % process->sites);
		struct bucket *bucket = &process->buckets[at];
		uint64_t births = next_random(process) % 4, deaths = next_random(process) % 4;

		bucket->allocs += births;
		if (bucket->frees + deaths > bucket->allocs)
			deaths = bucket->allocs - bucket->frees;
		bucket->frees += deaths;
		process->activity[at].births += births;
		process->activity[at].deaths += deaths;
		process->activity[at].ages.slots[next_random(process) % AGE_SLOTS] += deaths;
	}
}

/* Every metric gets a number of its own, some are unknown from time to time. */
static void fill_metrics(struct made_process *process, struct snapshot *snapshot)
{
	for (size_t i = 0; i < metric_count(); i++) {
		if ((i + (size_t)process->elapsed_s) % 9 == 0)
			continue;
		if (metrics[i].real)
			metric_set_real(&metrics[i], snapshot,
					(double)(next_random(process) % 100000) / 7);
		else
			metric_set_integer(&metrics[i], snapshot,
					   (int64_t)(next_random(process) >> 36));
	}
}

static void fill_classes(struct made_process *process, struct snapshot *snapshot)
{
	for (int class = 0; class < SIZE_CLASSES; class ++) {
		struct size_class *counts = &process->classes[class];
		int64_t bytes = class ? size_class_bytes[class] : 40000;

		if (class % 2 == 0) { /* a busy server uses half of them in a second */
			counts->mallocs += (int64_t)(next_random(process) % 20000);
			counts->frees = counts->mallocs / 2;
			counts->spans = counts->mallocs / 100 + 1;
		}
		counts->alloc_bytes = counts->mallocs * bytes;
		counts->free_bytes = counts->frees * bytes;
		counts->waste_bytes = class ? counts->spans * size_class_pages[class] * 8192 -
						      (counts->mallocs - counts->frees) * bytes
					    : UNKNOWN;
	}
	memcpy(snapshot->classes, process->classes, sizeof(snapshot->classes));
	snapshot->classes[5].waste_bytes = 12345;
	snapshot->classes[6].waste_bytes = UNKNOWN;
	snapshot->classes[7] =
		(struct size_class){ UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN };
}

static void fill_pauses(struct made_process *process, struct snapshot *snapshot)
{
	struct memstats *memstats = &process->memstats;
	uint64_t fresh = next_random(process) % 4;

	for (uint64_t i = 0; i < fresh; i++) {
		if (memstats->pause_count == MEMSTATS_PAUSES) {
			memstats->pause_count--;
			memmove(memstats->pause_ns, memstats->pause_ns + 1,
				memstats->pause_count * sizeof(int64_t));
			memmove(memstats->pause_end_unix_ns, memstats->pause_end_unix_ns + 1,
				memstats->pause_count * sizeof(int64_t));
		}
		memstats->pause_ns[memstats->pause_count] = (int64_t)(next_random(process) >> 44);
		memstats->pause_end_unix_ns[memstats->pause_count++] =
			process->time_unix_ns - (int64_t)(fresh - i) * 1000000;
	}
	snapshot->memstats.pause_count = memstats->pause_count;
	memcpy(snapshot->memstats.pause_ns, memstats->pause_ns, sizeof(memstats->pause_ns));
	memcpy(snapshot->memstats.pause_end_unix_ns, memstats->pause_end_unix_ns,
	       sizeof(memstats->pause_end_unix_ns));
	snapshot->memstats.gc_cpu_fraction = 0.1 + 1 / (3 + process->elapsed_s);
}

static void fill_events(struct made_process *process, struct snapshot *snapshot)
{
	struct gc_events *events = &snapshot->gc_events;

	events->probed = process->pid % 2;
	events->note = process->pid % 2 ? NULL : "polled: a made-up reason";
	events->cycles_unseen = next_random(process) % 2;
	events->cycle_count = next_random(process) % 3;
	events->stop_count = next_random(process) % 5;
	events->cycles = calloc(events->cycle_count + 1, sizeof(*events->cycles));
	events->stops = calloc(events->stop_count + 1, sizeof(*events->stops));
	CHECK(events->cycles && events->stops);
	for (size_t i = 0; i < events->cycle_count; i++)
		events->cycles[i] = (struct gc_cycle){ (int64_t)i,
						       process->time_unix_ns,
						       process->time_unix_ns + 1,
						       UNKNOWN,
						       process->time_unix_ns + 3,
						       4,
						       5,
						       6,
						       7,
						       UNKNOWN,
						       i % 2 };
	for (size_t i = 0; i < events->stop_count; i++)
		events->stops[i] =
			(struct gc_stop){ process->time_unix_ns - 5, (int64_t)i, (int)i };
}

/* Kinds of registrations that come one after the other and happen again, and a table that grows. */
static void fill_types(struct made_process *process, struct snapshot *snapshot)
{
	struct type_group *group = &snapshot->type_group;
	uint64_t kinds = (uint64_t)process->elapsed_s / 2, itabs = 3 + (uint64_t)process->elapsed_s;

	group->probed = process->pid % 2;
	group->note = process->pid % 2 ? NULL : "types: a made-up reason";
	group->rows = calloc(MADE_KINDS, sizeof(*group->rows));
	group->itabs = calloc(itabs, sizeof(*group->itabs));
	CHECK(group->rows && group->itabs);
	for (uint64_t i = 0; i < kinds && i < MADE_KINDS; i++) {
		uint64_t fresh = process->kind_counts[i] ? next_random(process) % 3 : 1;

		process->kind_counts[i] += fresh;
		group->rows[group->count++] = (struct type_row){
			.event = i % 3 ? TYPE_EVENT_ITAB : TYPE_EVENT_REFLECT,
			.id = i + 7,
			.interface = i % 3 ? "service.Interface" : NULL,
			.type = i % 5 ? "service.Type" : NULL,
			.failed = i % 4 == 1,
			.stack = i % 2 ? process->buckets[i % process->sites].stack : NULL,
			.begun = process->kind_counts[i],
			.interval = fresh,
		};
	}
	type_group_sort(group);
	for (; group->itab_count < itabs; group->itab_count++)
		group->itabs[group->itab_count] = (struct itab_entry){
			.interface = group->itab_count % 4 ? "error" : NULL,
			.type = "*service.Error",
			.failed = group->itab_count % 3 == 0,
			.fixed = group->itab_count < 3,
		};
	/* the same number, of which a recording keeps one */
	group->metadata_bytes.value = snapshot->types.metadata_share;
}

/* Every site so far, and objects beyond the map that have no size in common. */
static void fill_exact(struct made_process *process, struct snapshot *snapshot)
{
	struct exact_site sites[MADE_SITES + 1];
	size_t count = 0;

	for (uint32_t i = 0; i < process->sites && count < MADE_SITES; i++)
		sites[count++] = (struct exact_site){
			.id = process->buckets[i].address,
			.object_bytes = process->buckets[i].object_bytes,
			.stack = process->buckets[i].stack,
			.type = process->buckets[i].type,
			.interface = process->buckets[i].interface,
			.hits = process->buckets[i].allocs,
		};
	sites[count] = sites[0];
	sites[count].id = UINT64_MAX;
	sites[count].object_bytes = 0;
	sites[count].extra_bytes = 1000 * sites[0].hits + sites[0].hits % 7;
	CHECK_INT(profile_from_exact(process->profile, sites, count + 1, snapshot), 0);
}

static void fill_rows(struct made_process *process, struct snapshot *snapshot)
{
	struct exact_site sites[MADE_SITES];
	struct class_counts slots[MADE_SLOTS];
	const struct window_interval interval = { .slots = slots, .slot_count = MADE_SLOTS };
	size_t count = 0;

	if (!mode_has_hits(process->mode)) {
		CHECK_INT(profile_from_buckets(process->profile, process->buckets, process->sites,
					       process->activity, process->sites, MADE_RATE,
					       snapshot),
			  0);
		return;
	}
	if (process->mode == MODE_EXACT) {
		fill_exact(process, snapshot);
		return;
	}
	for (int slot = 0; slot < MADE_SLOTS; slot++)
		for (int class = 0; class < SIZE_CLASSES; class ++)
			slots[slot].objects[class] = slots[slot].bytes[class] =
				next_random(process) % 1000000;
	for (uint32_t i = 0; i < process->sites && count < MADE_SITES; i++)
		if (next_random(process) % 2)
			sites[count++] = (struct exact_site){
				.id = process->buckets[i].address,
				.object_bytes = process->buckets[i].object_bytes,
				.stack = process->buckets[i].stack,
				.type = process->buckets[i].type,
				.interface = process->buckets[i].interface,
				.hits = next_random(process) % 1000,
				.slot = next_random(process) % MADE_SLOTS,
				.size_class = class_of_allocation(process->buckets[i].object_bytes,
								  i % 2, true),
			};
	CHECK_INT(profile_from_windows(process->profile, sites, count, &interval, snapshot), 0);
}

/* Two executables: the processes with odd numbers have generic functions, of which two share their
 * type arguments. */
static const struct generics *made_generics(const struct made_process *process)
{
	static const char *const two[] = { "int", "string,main.Key" }, *const one[] = { "string" };
	static const struct generic_function items[] = {
		{ "main.(*Cache[...]).Load", 1, 2, two },
		{ "main.(*Cache[...]).Store", 3, 2, two },
		{ "main.Map[...]", 0, 1, one },
		{ "main.Reduce[...]", 7, 0, NULL },
	};
	static const struct generics some = { 4, items }, none = { 0, NULL };

	return process->pid % 2 ? &some : &none;
}

/* A step in every third interval, two in every sixth. */
static void fill_governor(struct made_process *process, struct snapshot *snapshot)
{
	struct governor_state *governor = &process->governor;
	struct governor_step step = { process->time_unix_ns - 500, "sampler", "list",
				      "sampler would take 2 % of a CPU" };

	governor_state_next(governor);
	governor->budget_percent = 1;
	governor->spent_percent = process->elapsed_s / 7;
	governor->predicted_percent = 0.25;
	governor->since_s = 0;
	for (int i = 0; i < 2; i++)
		if ((int)process->elapsed_s % (3 + 3 * i) == 2)
			governor_state_add_step(governor, &step);
	snapshot->governor = *governor;
}

void made_next(struct made_process *process, struct snapshot *ret)
{
	bool first = process->elapsed_s == 0;

	snapshot_init(ret);
	fill_metrics(process, ret);
	if (!first)
		move_sites(process);
	ret->mode = process->mode;
	ret->pid = process->pid;
	ret->comm = "made up";
	ret->go_version = "go1.99";
	ret->note = process->pid % 2 ? "a note of which one should know" : NULL;
	ret->sampling_rate_bytes = mode_has_hits(process->mode) ? NAN : MADE_RATE;
	fill_rows(process, ret);
	ret->time_unix_ns = process->time_unix_ns += 1000000007;
	ret->interval_s = first ? 0 : 1.000000007;
	ret->elapsed_s = process->elapsed_s;
	process->elapsed_s += 1.000000007;
	ret->rss.heap_bytes = (int64_t)(next_random(process) >> 40);
	ret->rss.named = process->pid % 2;
	ret->losses[LOSS_TYPE_UNKNOWN] = (uint64_t)process->elapsed_s / 3;
	fill_classes(process, ret);
	fill_pauses(process, ret);
	fill_events(process, ret);
	fill_governor(process, ret);
	fill_types(process, ret);
	ret->generics = made_generics(process);
}

const char *recording_path(const char *name)
{
	static char folder[] = "/tmp/heaptap-unit-XXXXXX", path[128];
	static bool made;

	if (!made)
		CHECK(mkdtemp(folder));
	made = true;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	return path;
}
