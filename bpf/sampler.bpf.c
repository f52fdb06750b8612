/*
 * The runtime's own sampler, overheard: which bucket gets a sampled object (birth), and when that
 * object dies.
 *
 * Birth is probed at setprofilebucket, not at profilealloc or mProf_Malloc, because only there the
 * bucket is known: it stands for the whole stack, so no stack is walked here. Death is probed at
 * freeSpecial, not at mProf_Free, because only there the object's address is known, which gives its
 * age. Both have the same arguments in Go 1.19 to 1.27 and are never inlined.
 */
#include "core.h"

/* From the probe plan: where runtime.special has its kind, and which kind is a profiled object. */
const volatile __u32 special_kind_offset = 0;
const volatile __u32 special_kind_profile = 0;
const volatile __u32 special_bucket_offset = 0;

/* Preallocated, so that no hit depends on the kernel's allocator; sized by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct wire_bucket);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct wire_live);
} live SEC(".maps");

static __always_inline struct wire_bucket *bucket_of(__u64 address)
{
	static const struct wire_bucket zero;
	struct wire_bucket *bucket = core_find_or_add(&buckets, &address, &zero);

	if (!bucket)
		core_count(LOSS_BUCKET_MAP_FULL);
	return bucket;
}

/* setprofilebucket(p AX, b BX) */
static __always_inline int birth(struct pt_regs *ctx)
{
	__u64 object = REGISTER_A(ctx);
	struct wire_live record = { .bucket = REGISTER_B(ctx) };
	struct wire_bucket *bucket;

	if (!core_accept(ctx))
		return 0;
	bucket = bucket_of(record.bucket);
	if (bucket)
		__sync_fetch_and_add(&bucket->births, 1);
	record.birth_ns = bpf_ktime_get_ns();
	if (core_update(&live, &object, &record, BPF_ANY))
		core_count(LOSS_LIVE_MAP_FULL);
	return 0;
}

/* floor(log2(age)) by halving: BPF has no bit scan before 6.17. */
static __always_inline __u32 age_slot(__u64 age_ns)
{
	__u64 rest = age_ns >> WIRE_AGE_SHIFT;
	__u32 slot = 0;

#pragma unroll
	for (__u32 step = 32; step; step /= 2) {
		if (rest >> step) {
			rest >>= step;
			slot += step;
		}
	}
	return slot < WIRE_AGE_SLOTS ? slot : WIRE_AGE_SLOTS - 1;
}

/*
 * The bucket of a dying special, or 0 when it is of another kind (a finalizer, a weak pointer, ...)
 * or cannot be read.
 */
static __always_inline __u64 dying_bucket(__u64 special)
{
	__u8 kind = 0;
	__u64 bucket = 0;

	if (bpf_probe_read_user(&kind, sizeof(kind), (void *)(special + special_kind_offset))) {
		core_count(LOSS_TARGET_UNREADABLE);
		return 0;
	}
	if (kind != special_kind_profile)
		return 0;
	if (bpf_probe_read_user(&bucket, sizeof(bucket),
				(void *)(special + special_bucket_offset))) {
		core_count(LOSS_TARGET_UNREADABLE);
		return 0;
	}
	return bucket;
}

/* The time since the birth of `object` in `bucket`, or 0 when that was not seen. The record must be
 * read before it is deleted: the entry may be reused at once. The clocks of two CPUs may differ by
 * some nanoseconds, so that the shortest life can seem to end before it began. */
static __always_inline __u64 end_life(__u64 object, __u64 bucket)
{
	struct wire_live *record = bpf_map_lookup_elem(&live, &object);
	struct wire_live copy;
	__u64 now;

	if (!record)
		return 0;
	copy = *record;
	bpf_map_delete_elem(&live, &object);
	/* another bucket: the object that we saw here has gone without our noticing */
	if (copy.bucket != bucket)
		return 0;
	now = bpf_ktime_get_ns();
	return now > copy.birth_ns ? now - copy.birth_ns : 1;
}

/* freeSpecial(s AX, p BX, size CX) */
static __always_inline int death(struct pt_regs *ctx)
{
	__u64 object = REGISTER_B(ctx), address, age_ns;
	struct wire_bucket *bucket;

	if (!core_accept(ctx))
		return 0;
	address = dying_bucket(REGISTER_A(ctx));
	if (!address)
		return 0;
	age_ns = end_life(object, address);
	bucket = bucket_of(address);
	if (!bucket)
		return 0;
	__sync_fetch_and_add(&bucket->deaths, 1);
	if (age_ns) {
		__u32 slot = age_slot(age_ns);

		__sync_fetch_and_add(&bucket->deaths_aged, 1);
		if (slot < WIRE_AGE_SLOTS)
			__sync_fetch_and_add(&bucket->age_slots[slot], 1);
	}
	return 0;
}

SEC("uprobe")
int sample_birth(struct pt_regs *ctx)
{
	return birth(ctx);
}

SEC("uprobe")
int sample_death(struct pt_regs *ctx)
{
	return death(ctx);
}

/* Both for one uprobe_multi link, whose closing costs one grace period instead of two. */
SEC("uprobe")
int sample_multi(struct pt_regs *ctx)
{
	return bpf_get_attach_cookie(ctx) == WIRE_COOKIE_BIRTH ? birth(ctx) : death(ctx);
}

char LICENSE[] SEC("license") = "GPL";
