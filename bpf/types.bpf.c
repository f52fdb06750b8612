/*
 * What the program adds to the runtime's types while it runs: a few hits per new type, none for the
 * use of one.
 *
 * runtime.itabAdd and not getitab: getitab is called for every conversion that the compiler did not
 * prepare, itabAdd only where the pair is new. It is called with the runtime's lock held, when the
 * itab is complete (getitab initialises it before, in Go 1.19-1.27), so that a first method of 0
 * means that the type does not implement the interface.
 *
 * reflect.addReflectOff gets the address of a name, a type or a method of what reflection makes.
 * Which of these it is tells the caller, that is the stack, so the loader tells them apart. What is
 * in the program's file was not made. A program that makes types without end would fill any map
 * with their names: beyond half of the map they are counted by stack alone, each of them all the
 * same.
 */
#include "walk.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct wire_type_event);
	__type(value, __u64);
} type_events SEC(".maps");

/* What reflection registers beyond the names that are kept: type 0. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct wire_type_event);
	__type(value, __u64);
} type_rest SEC(".maps");

/* Of the program's file in its memory. */
const volatile __u64 types_file_start = 0, types_file_bytes = 0;
const volatile __u64 types_named_most = 0;

__u64 types_named = 0; /* registrations of reflection that have an entry of their own */

static __always_inline void count_in(void *map, const struct wire_type_event *event)
{
	static const __u64 zero;
	__u64 *count = core_find_or_add(map, event, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		core_count(LOSS_TYPE_MAP_FULL);
}

/* itabAdd(m AX) */
static __always_inline int itab(struct pt_regs *ctx)
{
	struct wire_type_event event = { .kind = WIRE_COOKIE_TYPE_ITAB };
	struct wire_itab itab;

	if (!core_accept(ctx))
		return 0;
	if (bpf_probe_read_user(&itab, sizeof(itab), (void *)REGISTER_A(ctx))) {
		core_count(LOSS_TARGET_UNREADABLE);
		return 0;
	}
	event.interface = itab.interface;
	event.type = itab.type;
	event.failed = itab.first_method == 0;
	event.stack = stack_id(ctx);
	count_in(&type_events, &event);
	return 0;
}

/* addReflectOff(ptr AX) */
static __always_inline int reflect(struct pt_regs *ctx)
{
	struct wire_type_event event = {
		.kind = WIRE_COOKIE_TYPE_REFLECT,
		.type = REGISTER_A(ctx),
	};

	if (!core_accept(ctx) || event.type - types_file_start < types_file_bytes)
		return 0;
	event.stack = stack_id(ctx);
	if (types_named < types_named_most) {
		if (!bpf_map_lookup_elem(&type_events, &event))
			__sync_fetch_and_add(&types_named, 1);
		count_in(&type_events, &event);
	} else if (bpf_map_lookup_elem(&type_events, &event)) {
		count_in(&type_events, &event);
	} else {
		event.type = 0;
		count_in(&type_rest, &event);
	}
	return 0;
}

SEC("uprobe")
int type_itab(struct pt_regs *ctx)
{
	return itab(ctx);
}

SEC("uprobe")
int type_reflect(struct pt_regs *ctx)
{
	return reflect(ctx);
}

/* Both for one uprobe_multi link. */
SEC("uprobe")
int type_multi(struct pt_regs *ctx)
{
	return bpf_get_attach_cookie(ctx) == WIRE_COOKIE_TYPE_ITAB ? itab(ctx) : reflect(ctx);
}

char LICENSE[] SEC("license") = "GPL";
