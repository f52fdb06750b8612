/*
 * Births and deaths of sampled objects: the kernel counts them by bucket, this file opens, reads
 * and closes.
 */
#include "probe/probe.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/vec.h"
#include "probe/batch.h"
#include "probe/program_set.h"

_Static_assert(WIRE_AGE_SLOTS == AGE_SLOTS, "the model has the kernel's age slots");

struct sampler {
	struct program_set set;
	struct batch batch;
	struct bucket_activity *items; /* what sampler_read gave last */
	size_t capacity;
};

DEFINE_CLEANUP(sampler_cleanup, struct sampler, sampler_close)

static int load(struct sampler *sampler, const struct probe_plan *plan,
		const struct sampler_options *options)
{
	struct heaptap_bpf *object = sampler->set.object;

	sampler->set.programs = (struct attach_programs){
		.multi = object->progs.sample_multi,
		.of_role = { [PROBE_SAMPLE_BIRTH] = object->progs.sample_birth,
			     [PROBE_SAMPLE_DEATH] = object->progs.sample_death },
	};
	object_want_map(object->maps.buckets, options->bucket_capacity);
	object_want_map(object->maps.live, options->live_capacity);
	object->rodata->special_kind_offset = plan->special_kind_offset;
	object->rodata->special_kind_profile = plan->special_kind_profile;
	object->rodata->special_bucket_offset = plan->special_bucket_offset;
	return program_set_load(&sampler->set);
}

int sampler_open(pid_t pid, const struct probe_plan *plan, const struct sampler_options *options,
		 struct sampler **ret)
{
	struct sampler *sampler CLEANUP(sampler_cleanup) = calloc(1, sizeof(*sampler));
	int err;

	if (!sampler)
		return diag_fail(-ENOMEM, "cannot open the sampler");
	sampler->batch.key_bytes = sizeof(__u64);
	sampler->batch.value_bytes = sizeof(struct wire_bucket);
	err = program_set_open(&sampler->set, pid);
	if (err == 0)
		err = load(sampler, plan, options);
	if (err == 0)
		err = program_set_attach(&sampler->set, plan);
	if (err == 0)
		*ret = TAKE(sampler);
	return err;
}

static void convert(struct bucket_activity *activity, uint64_t address,
		    const struct wire_bucket *bucket)
{
	activity->address = address;
	activity->births = bucket->births;
	activity->deaths = bucket->deaths;
	activity->deaths_aged = bucket->deaths_aged;
	for (size_t i = 0; i < AGE_SLOTS; i++)
		activity->ages.slots[i] = bucket->age_slots[i];
}

int sampler_read(struct sampler *sampler, const struct bucket_activity **ret, size_t *ret_count,
		 struct probe_statistics *statistics)
{
	struct batch *batch = &sampler->batch;
	int err = batch_read(batch, bpf_map__fd(sampler->set.object->maps.buckets), false);

	if (err == 0)
		err = VEC_RESERVE(sampler, batch->count, LIMIT_BUCKETS);
	if (err == 0)
		err = program_set_statistics(&sampler->set, statistics);
	if (err < 0)
		return err;
	for (size_t i = 0; i < batch->count; i++)
		convert(&sampler->items[i], ((__u64 *)batch->keys)[i],
			&((struct wire_bucket *)batch->values)[i]);
	*ret = sampler->items;
	*ret_count = batch->count;
	return 0;
}

int sampler_hits(struct sampler *sampler, uint64_t *ret)
{
	return program_set_hits(&sampler->set, ret);
}

void sampler_close(struct sampler *sampler)
{
	if (!sampler)
		return;
	program_set_close(&sampler->set);
	batch_clear(&sampler->batch);
	free(sampler->items);
	free(sampler);
}
