/*
 * Calls of the functions that --cache names, of sync.Pool and of sync.Map: nothing but counting, as
 * these are the hottest functions that anybody probes.
 *
 * A named function's count is in a per-CPU array under an index that comes with the cookie of the
 * one link, or for perf events, which have no cookies before 5.15, by the probe's address. Pools
 * and maps are told by their address, the receiver.
 *
 * A pool's miss is a call of its New function from inside of Get: there is no return probe in a Go
 * program, and the call itself would be single-stepped. Which pool it is Get knows: it keeps its
 * receiver in the stack slot that Go gives to a register argument, right above its return address
 * (cmd/compile/abi-internal.md "spill"). That is taken for the pool only if its New field is the
 * very closure that is being called.
 */
#include "core.h"

/* From the probe plan: the text of sync.(*Pool).Get. */
const volatile __u64 pool_get_begin = 0;
const volatile __u64 pool_get_end = 0;

#define POOL_NEW 32 /* offset of sync.Pool.New: local, localSize, victim, victimSize come first */

/* Nothing is counted while it is 0: set by the loader around what it measures. */
__u32 cache_open = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LIMIT_CACHE_FUNCTIONS);
	__type(key, __u32);
	__type(value, __u64);
} cache_calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, LIMIT_CACHE_OBJECTS);
	__type(key, struct wire_cache_key);
	__type(value, struct wire_cache_object);
} cache_objects SEC(".maps");

/* Address of a probe to index of its function: perf events only, filled by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMIT_CACHE_FUNCTIONS);
	__type(key, __u64);
	__type(value, __u32);
} cache_points SEC(".maps");

static __always_inline bool takes(struct pt_regs *ctx)
{
	return core_accept(ctx) && cache_open;
}

static __always_inline int count_call(__u32 index)
{
	__u64 *calls = bpf_map_lookup_elem(&cache_calls, &index);

	if (calls)
		__sync_fetch_and_add(calls, 1);
	return 0;
}

static __always_inline int count_object(__u64 address, __u64 kind, int which)
{
	const struct wire_cache_key key = { .address = address, .kind = kind };
	const struct wire_cache_object zero = { 0 };
	struct wire_cache_object *object = core_find_or_add(&cache_objects, &key, &zero);

	if (object)
		__sync_fetch_and_add(&object->counts[which], 1);
	else
		core_count(LOSS_CACHE_MAP_FULL);
	return 0;
}

static __always_inline int object_call(struct pt_regs *ctx, __u64 kind, int which)
{
	return takes(ctx) ? count_object(REGISTER_A(ctx), kind, which) : 0;
}

static __always_inline bool read_word(__u64 *ret, __u64 address)
{
	return bpf_probe_read_user(ret, sizeof(*ret), (void *)address) == 0;
}

static __always_inline bool called_by_get(struct pt_regs *ctx)
{
	__u64 caller;

	if (!core_return_address(ctx, &caller)) {
		core_count(LOSS_TARGET_UNREADABLE);
		return false;
	}
	return caller > pool_get_begin && caller < pool_get_end;
}

static __always_inline int new_call(struct pt_regs *ctx)
{
	__u64 pool, closure;

	if (!takes(ctx) || !called_by_get(ctx))
		return 0;
	if (!read_word(&pool, REGISTER_FRAME(ctx) + 16) || !read_word(&closure, pool + POOL_NEW) ||
	    closure != REGISTER_CLOSURE(ctx)) {
		core_count(LOSS_POOL_UNKNOWN);
		return 0;
	}
	return count_object(pool, WIRE_CACHE_POOL, 2);
}

static __always_inline int count_here(struct pt_regs *ctx)
{
	__u64 address = REGISTER_PC(ctx);
	__u32 *index = bpf_map_lookup_elem(&cache_points, &address);

	return index ? count_call(*index) : 0;
}

SEC("uprobe")
int cache_call(struct pt_regs *ctx)
{
	return takes(ctx) ? count_here(ctx) : 0;
}

/* In a function without a stack check no flags tell a call from a retry: there are none. */
SEC("uprobe")
int cache_leaf(struct pt_regs *ctx)
{
	return core_accept_any() && cache_open ? count_here(ctx) : 0;
}

/* X(program, cookie, kind of object, which of its counts): calls with the object as receiver. */
#define OBJECT_CALLS(X)                                                                            \
	X(pool_get, WIRE_COOKIE_POOL_GET, WIRE_CACHE_POOL, 0)                                      \
	X(pool_put, WIRE_COOKIE_POOL_PUT, WIRE_CACHE_POOL, 1)                                      \
	X(map_load, WIRE_COOKIE_MAP_LOAD, WIRE_CACHE_MAP, 0)                                       \
	X(map_store, WIRE_COOKIE_MAP_STORE, WIRE_CACHE_MAP, 1)                                     \
	X(map_other, WIRE_COOKIE_MAP_OTHER, WIRE_CACHE_MAP, 2)

#define OBJECT_PROGRAM(program, cookie, kind, which)                                               \
	SEC("uprobe")                                                                              \
	int program(struct pt_regs *ctx)                                                           \
	{                                                                                          \
		return object_call(ctx, kind, which);                                              \
	}
OBJECT_CALLS(OBJECT_PROGRAM)

SEC("uprobe")
int pool_new(struct pt_regs *ctx)
{
	return new_call(ctx);
}

/* All of them for one uprobe_multi link. */
SEC("uprobe")
int cache_multi(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);

	switch ((__u32)cookie) {
	case WIRE_COOKIE_CACHE_CALL:
		return takes(ctx) ? count_call(cookie >> WIRE_COOKIE_INDEX_SHIFT) : 0;
	case WIRE_COOKIE_CACHE_LEAF:
		return core_accept_any() && cache_open
			       ? count_call(cookie >> WIRE_COOKIE_INDEX_SHIFT)
			       : 0;
	case WIRE_COOKIE_POOL_NEW:
		return new_call(ctx);
#define OBJECT_CASE(program, cookie, kind, which)                                                  \
	case cookie:                                                                               \
		return object_call(ctx, kind, which);
		OBJECT_CALLS(OBJECT_CASE)
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
