/*
 * Every allocation from attaching on: the kernel side counts, this file reads. Nothing is ever
 * taken out of the maps, so a site's place in the list is for good, and its owner need look at what
 * is new only.
 */
#define HASH_NONFATAL_OOM 1
#include "probe/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/vec.h"
#include "model/memstats.h"
#include "probe/batch.h"
#include "probe/exact_sizes.h"
#include "probe/program_set.h"
#include "probe/stacks.h"

_Static_assert(WIRE_CLASSES == SIZE_CLASSES, "the runtime's size classes");

/* Counts of the site map are per CPU: on the largest machines fewer sites fit. */
#define COUNTS_BYTES	(64U << 20)
#define THREADS		4096
#define SITES_PER_STACK 4 /* as types and sizes go; a stack is 0.6 KiB */

struct place {
	UT_hash_handle hh;
	struct wire_site site;
	size_t index;	    /* in the list */
	struct place *next; /* which the kernel gave after it at the last read */
};

struct exact {
	struct program_set set;
	struct batch sites;
	int cpus;
	struct place *places; /* by site */
	struct place first;   /* its `next` was given first; no site's */
	struct {
		struct exact_count *items;
		size_t capacity, count;
	} counts;
	uint64_t hits;	/* at the last read */
	unsigned quiet; /* reads in a row without any */
};

DEFINE_CLEANUP(exact_cleanup, struct exact, exact_close)

static size_t forced_sites;

void exact_sites_force(size_t sites)
{
	forced_sites = sites;
}

void exact_options_init(bool stacks, struct exact_options *ret)
{
	int cpus = libbpf_num_possible_cpus();
	size_t fit = COUNTS_BYTES / sizeof(struct wire_site_count) / (size_t)(cpus > 0 ? cpus : 1);

	*ret = (struct exact_options){
		.stacks = stacks,
		.sites = fit < LIMIT_EXACT_SITES ? fit : LIMIT_EXACT_SITES,
		.threads = THREADS,
	};
	if (forced_sites)
		ret->sites = forced_sites;
	ret->stack_capacity = ret->sites / SITES_PER_STACK + 1;
}

static void fill_class_tables(struct heaptap_bpf__rodata *constants)
{
	for (int class = 0; class < WIRE_CLASSES; class ++)
		constants->class_bytes[class] = (__u16)size_class_bytes[class];
	for (int i = 0, class = 1; i <= WIRE_SMALL_BYTES / 8; i++) {
		class += size_class_bytes[class] < (uint32_t)i * 8;
		constants->class_of_8[i] = (__u8) class;
	}
	for (int i = 0, class = 1; i <= (WIRE_LARGE_BYTES - WIRE_SMALL_BYTES) / 128; i++) {
		while (size_class_bytes[class] < WIRE_SMALL_BYTES + (uint32_t)i * 128)
			class ++;
		constants->class_of_128[i] = (__u8) class;
	}
}

static int load(struct exact *exact, const struct probe_plan *plan,
		const struct exact_options *options)
{
	struct heaptap_bpf *object = exact->set.object;

	exact->set.programs = (struct attach_programs){
		.multi = object->progs.every_multi,
		.of_role = { [PROBE_ALLOC] = object->progs.every_alloc,
			     [PROBE_ALLOC_SIZED] = object->progs.every_sized },
	};
	object_want_map(object->maps.exact_sites, options->sites);
	object_want_map(object->maps.stacks, options->stack_capacity);
	object_want_map(object->maps.scratch, options->threads);
	object->rodata->alloc_min_bytes = plan->alloc_min_bytes;
	object->rodata->continuous_stacks = options->stacks;
	for (size_t i = 0; i < LIMIT_RUNTIME_RANGES; i++) {
		const struct text_range *range = &plan->runtime_text[i];

		object->rodata->runtime_start[i] = range->start;
		object->rodata->runtime_bytes[i] = range->end - range->start;
	}
	fill_class_tables(object->rodata);
	return program_set_load(&exact->set);
}

int exact_open(pid_t pid, const struct probe_plan *plan, const struct exact_options *options,
	       struct exact **ret)
{
	struct exact *exact CLEANUP(exact_cleanup) = calloc(1, sizeof(*exact));
	int err;

	if (!exact)
		return diag_fail(-ENOMEM, "cannot open the exact probes");
	exact->cpus = libbpf_num_possible_cpus();
	if (exact->cpus < 0)
		return diag_fail(exact->cpus, "cannot count the CPUs");
	exact->sites.key_bytes = sizeof(struct wire_site);
	exact->sites.value_bytes = sizeof(struct wire_site_count) * (size_t)exact->cpus;
	err = program_set_open(&exact->set, pid);
	if (err == 0)
		err = load(exact, plan, options);
	if (err == 0)
		err = program_set_attach(&exact->set, plan);
	if (err == 0)
		*ret = TAKE(exact);
	return err;
}

static struct place *add_place(struct exact *exact, const struct wire_site *site)
{
	struct place *place;

	if (VEC_RESERVE(&exact->counts, exact->counts.count + 1, LIMIT_EXACT_SITES) < 0)
		return NULL;
	place = calloc(1, sizeof(*place));
	if (!place)
		return NULL;
	place->site = *site;
	place->index = exact->counts.count;
	HASH_ADD(hh, exact->places, site, sizeof(place->site), place);
	if (!place->hh.tbl) { /* uthash could not grow */
		free(place);
		return NULL;
	}
	exact->counts.items[exact->counts.count++] = (struct exact_count){
		.type = site->type,
		.slot_bytes = site->size_bytes & ~WIRE_SLOT_HEADER_GROWS,
		.header_grows = site->size_bytes & WIRE_SLOT_HEADER_GROWS,
		.stack_id = stack_id_of(&site->stack),
	};
	return place;
}

/* The kernel gives a map in the same order each time, new ones in between: nearly all are where
 * they were, behind the one before, and need no search. NULL without memory. */
static struct place *place_after(struct exact *exact, struct place *before,
				 const struct wire_site *site)
{
	struct place *place = before->next;

	if (place && !memcmp(&place->site, site, sizeof(*site)))
		return place;
	HASH_FIND(hh, exact->places, site, sizeof(*site), place);
	if (!place) {
		place = add_place(exact, site);
		if (place)
			place->next = before->next;
	}
	before->next = place;
	return place;
}

static uint64_t sum_of(const struct exact *exact, size_t entry)
{
	const struct wire_site_count *counts = exact->sites.values;
	uint64_t hits = 0;

	for (size_t cpu = 0; cpu < (size_t)exact->cpus; cpu++)
		hits += counts[entry * (size_t)exact->cpus + cpu].hits;
	return hits;
}

static int read_sites(struct exact *exact)
{
	int err =
		batch_read(&exact->sites, bpf_map__fd(exact->set.object->maps.exact_sites), false);
	struct place *place = &exact->first;

	for (size_t i = 0; err == 0 && i < exact->sites.count; i++) {
		place = place_after(exact, place, &((struct wire_site *)exact->sites.keys)[i]);
		if (!place)
			return -ENOMEM;
		exact->counts.items[place->index].hits = sum_of(exact, i);
	}
	return err;
}

/* A hit is counted as a trap first and at its site last: it may have been under way at one read,
 * but not at two. */
#define QUIET_READS 2

int exact_read(struct exact *exact, const struct exact_count **ret, size_t *ret_count,
	       struct probe_statistics *statistics)
{
	int err = program_set_statistics(&exact->set, statistics);

	if (err < 0)
		return err;
	exact->quiet = statistics->hits == exact->hits ? exact->quiet + 1 : 0;
	exact->hits = statistics->hits;
	if (exact->quiet < QUIET_READS)
		err = read_sites(exact);
	if (err < 0)
		return err;
	*ret = exact->counts.items;
	*ret_count = exact->counts.count;
	return 0;
}

void exact_beyond(const struct exact *exact, uint64_t *ret_hits, uint64_t *ret_bytes)
{
	const volatile struct heaptap_bpf__bss *state = exact->set.object->bss;

	*ret_hits = state->beyond_hits;
	*ret_bytes = state->beyond_bytes;
}

int exact_hits(struct exact *exact, uint64_t *ret)
{
	return program_set_hits(&exact->set, ret);
}

size_t exact_stack(struct exact *exact, const struct stack_id *id, uint64_t ret[LIMIT_EXACT_FRAMES])
{
	return stacks_look_up(bpf_map__fd(exact->set.object->maps.stacks), id, ret);
}

void exact_detach(struct exact *exact)
{
	program_set_detach(&exact->set);
}

void exact_close(struct exact *exact)
{
	struct place *place, *next;

	if (!exact)
		return;
	program_set_close(&exact->set);
	HASH_ITER (hh, exact->places, place, next) {
		HASH_DEL(exact->places, place);
		free(place);
	}
	batch_clear(&exact->sites);
	free(exact->counts.items);
	free(exact);
}
