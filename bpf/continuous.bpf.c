/*
 * Every allocation from attaching on, counted by type, slot and call site, or whole stack.
 *
 * Nothing is bounded here: what a hit costs is all there is to save. So no clock is read, a known
 * site takes one lookup, and counts are per CPU, since one counter that all of a large machine's
 * threads add to is slower than the trap. What is new takes the long way, once.
 *
 * The size that was asked for would make a site of each length that a buffer ever had; the slot
 * makes at most two of each class. Whether objects have a header (Go 1.22) follows from their type,
 * which the loader knows: here it is noted whether 8 bytes more would take another slot.
 */
#include "allocation.h"
#include "walk.h"

const volatile bool continuous_stacks = false;
/* Size classes, as the runtime looks them up: in steps of 8 and of 128 bytes. As long as a power of
 * 2, so that a mask is proof enough of the bound. */
#define TABLE 256
const volatile __u8 class_of_8[TABLE] = {};
const volatile __u8 class_of_128[TABLE] = {};
const volatile __u16 class_bytes[TABLE] = {};
_Static_assert(WIRE_SMALL_BYTES / 8 < TABLE && WIRE_CLASSES <= TABLE &&
		       (WIRE_LARGE_BYTES - WIRE_SMALL_BYTES) / 128 < TABLE,
	       "the tables hold all classes");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1);
	__type(key, struct wire_site);
	__type(value, struct wire_site_count);
} exact_sites SEC(".maps");

/* Hits for which there was no room, and the bytes of their slots as if none had a header. */
__u64 beyond_hits = 0;
__u64 beyond_bytes = 0;

/* Of the class of a size up to WIRE_LARGE_BYTES. */
static __always_inline __u64 class_slot(__u64 size)
{
	__u64 index =
		size <= WIRE_SMALL_BYTES ? (size + 7) / 8 : (size - WIRE_SMALL_BYTES + 127) / 128;
	const volatile __u8 *table = size <= WIRE_SMALL_BYTES ? class_of_8 : class_of_128;

	barrier_var(index);
	return class_bytes[table[index & (TABLE - 1)]];
}

/* The member of wire_site. Objects of the tiny allocator share a slot, so theirs is their size. */
static __always_inline __u64 slot_of(__u64 size)
{
	__u64 slot;

	if (size < WIRE_TINY_BYTES)
		return size;
	if (size > WIRE_LARGE_BYTES)
		return (size + WIRE_PAGE_BYTES - 1) / WIRE_PAGE_BYTES * WIRE_PAGE_BYTES;
	slot = class_slot(size);
	if (size + WIRE_HEADER_BYTES > slot && size + WIRE_HEADER_BYTES <= WIRE_LARGE_BYTES)
		slot |= WIRE_SLOT_HEADER_GROWS;
	return slot;
}

static __always_inline void count_beyond(const struct wire_site *site)
{
	core_count(LOSS_SITE_MAP_FULL);
	__sync_fetch_and_add(&beyond_hits, 1);
	__sync_fetch_and_add(&beyond_bytes, site->size_bytes & ~WIRE_SLOT_HEADER_GROWS);
}

/* Under the site's id, which was found without keeping the stack where `walker` is NULL. */
static __always_inline bool store_stack(struct pt_regs *ctx, struct wire_site *site,
					struct walker *walker)
{
	if (!walker) {
		walker = walker_of_thread();
		if (!walker)
			return false;
		site->stack = walk(ctx, walker, LIMIT_SITE_FRAMES, true);
	}
	return site->stack.hash && core_find_or_add(&stacks, &site->stack, &walker->stack);
}

/* A site that is not in the map: its stack goes in first, so that who reads the one finds the
 * other. A stack without room leaves the site under no stack. */
static __always_inline struct wire_site_count *add_site(struct pt_regs *ctx, struct wire_site *site,
							struct walker *walker)
{
	static const struct wire_site_count zero;

	if (site->stack.hash && !store_stack(ctx, site, walker)) {
		core_count(LOSS_STACK_MAP_FULL);
		site->stack = (struct wire_stack_id){ 0, 0 };
	}
	return core_find_or_add(&exact_sites, site, &zero);
}

/* mallocgc(size AX, typ BX) and its relatives. */
static __always_inline int every(struct pt_regs *ctx, __u64 ignored_bytes)
{
	struct wire_site site = { .type = REGISTER_B(ctx) };
	struct wire_site_count *count;
	struct walker *walker = NULL;
	__u64 size = REGISTER_A(ctx);

	if (!core_accept(ctx) || size <= ignored_bytes)
		return 0;
	site.size_bytes = slot_of(size);
	if (continuous_stacks)
		walker = walker_of_thread();
	if (walker)
		site.stack = walk(ctx, walker, LIMIT_EXACT_FRAMES, false);
	else if (!continuous_stacks)
		site.stack = hash_to_site(ctx);
	if (!site.stack.hash)
		core_count(continuous_stacks && !walker ? LOSS_STACK_MAP_FULL
							: LOSS_STACK_UNREADABLE);
	count = bpf_map_lookup_elem(&exact_sites, &site);
	if (!count)
		count = add_site(ctx, &site, walker);
	if (count)
		__sync_fetch_and_add(&count->hits, 1);
	else
		count_beyond(&site);
	return 0;
}

ALLOCATION_PROGRAMS(every, every)

char LICENSE[] SEC("license") = "GPL";
