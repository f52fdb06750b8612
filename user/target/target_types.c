/*
 * Who and what: buckets and exact hits with their stacks and their types.
 *
 * The type comes from the call site; its shape says how to write it. A bucket is typed once, when
 * it is first seen: neither its stack nor the code can change.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "target/callsite_callees.h"
#include "target/target.h"
#include "target/target_boxing.h"
#include "target/target_internal.h"

#define RELEASE_EVERY 16 /* stacks named */

/*
 * Naming reads the target's file all over, and the kernel maps 16 pages around each one that is
 * touched: 16 stacks make up to 6 MB of Prometheus's file resident, 64 make 8, a server with
 * thousands all of it. So the pages go back after every few.
 */
static void count_named(struct target *target)
{
	if (target->named++ % RELEASE_EVERY == 0)
		elf_image_release_pages(target->image);
}

static struct callsite call_of(struct target *target, const uint64_t *pcs, size_t count)
{
	uint64_t link_time[LIMIT_STACK_FRAMES];

	if (!target->callsites)
		return (struct callsite){ .shape = CALLSITE_UNKNOWN };
	if (count > LIMIT_STACK_FRAMES)
		count = LIMIT_STACK_FRAMES;
	for (size_t i = 0; i < count; i++)
		link_time[i] = pcs[i] - target->bias;
	return callsite_of_stack(target->callsites, link_time, count);
}

static const char *slice_of(struct target *target, const char *element)
{
	AUTO_FREE char *name = NULL;

	if (!element || asprintf(&name, "[]%s", element) < 0)
		return NULL;
	return intern_string(target->intern, name);
}

/* `type`: address of a descriptor in the process. */
static const char *shaped_name(struct target *target, enum callsite_shape shape, uint64_t type)
{
	const char *name = type ? types_name(target->types, type) : NULL;
	const char *special = name ? callee_special_type(name) : NULL;

	if (special)
		return intern_string(target->intern, special);
	return shape == CALLSITE_ELEMENTS ? slice_of(target, name) : name;
}

static const char *static_type_name(struct target *target, const struct callsite *call)
{
	const char *boxed = target_boxed_value(target, call).type;

	if (boxed)
		return boxed;
	if (call->shape == CALLSITE_NAMED && call->name)
		return intern_string(target->intern, call->name);
	if (call->shape == CALLSITE_UNKNOWN || !call->type)
		return NULL;
	return shaped_name(target, call->shape, call->type + target->bias);
}

/* The bytes that the allocator takes for an object (runtime/msize.go, mheap.go: large ones are
 * whole pages of 8 KiB). */
static uint64_t slot_bytes(uint64_t size_bytes)
{
	for (int i = 1; i < SIZE_CLASSES; i++) {
		if (size_class_bytes[i] >= size_bytes)
			return size_class_bytes[i];
	}
	return (size_bytes + 8191) / 8192 * 8192;
}

/*
 * A call that allocates one object may also start a collection, and the goroutines made for that
 * are sampled below the same call. The slot tells: it is that of the type, with 8 bytes of header
 * where the version puts one, or a block of the tiny allocator.
 */
static bool slot_fits(struct target *target, const struct callsite *call, uint64_t slot)
{
	uint64_t size = call->object_bytes;

	if (!size && call->shape == CALLSITE_OBJECT && call->type)
		size = types_size(target->types, call->type + target->bias);
	return size == 0 || slot == slot_bytes(size) || slot == slot_bytes(size + 8) ||
	       (size < 16 && slot == 16);
}

static int bucket_describe(struct target *target, const struct raw_bucket *raw, struct bucket *ret)
{
	struct callsite call = call_of(target, raw->pcs, raw->pc_count);
	bool fits = slot_fits(target, &call, raw->object_bytes);
	struct boxed_value boxed = { 0 };

	if (fits)
		boxed = target_boxed_value(target, &call);

	*ret = (struct bucket){
		.address = raw->address,
		.object_bytes = raw->object_bytes,
		.stack =
			fits ? target_boxing_stack(target, &call, raw->pcs, raw->pc_count)
			     : symbolizer_bucket_stack(target->symbolizer, raw->pcs, raw->pc_count),
		.type = fits ? static_type_name(target, &call) : NULL,
		.interface = boxed.interface,
	};
	if (!ret->stack)
		return -ENOMEM;
	if (!ret->type)
		target->unknown_types++;
	return 0;
}

int target_buckets(struct target *target, const struct bucket **ret, size_t *ret_count,
		   uint64_t *ret_invalid)
{
	const struct raw_bucket *raw = NULL;
	size_t count = 0, known = target->buckets.count;
	int error;

	if (!target->bucket_reader)
		return -ENOTSUP;
	error = bucket_reader_poll(target->bucket_reader, &raw, &count, &target->invalid_buckets);
	if (error < 0)
		return error;
	error = VEC_RESERVE(&target->buckets, count, LIMIT_BUCKETS);
	if (error < 0)
		return error;
	for (size_t i = 0; i < count; i++) {
		struct bucket *bucket = &target->buckets.items[i];

		if (i == target->buckets.count) {
			error = bucket_describe(target, &raw[i], bucket);
			if (error < 0)
				return error;
			target->buckets.count++;
			count_named(target);
		}
		bucket->allocs = raw[i].allocs;
		bucket->frees = raw[i].frees;
	}
	if (count > known)
		elf_image_release_pages(target->image); /* what naming them has touched */
	*ret = target->buckets.items;
	*ret_count = target->buckets.count;
	*ret_invalid = target->invalid_buckets;
	return 0;
}

const char *target_boxed_into(struct target *target, const uint64_t *pcs, size_t count)
{
	struct callsite call = call_of(target, pcs, count);

	return target_boxed_value(target, &call).interface;
}

uint64_t target_unknown_types(const struct target *target)
{
	return target->unknown_types;
}

const struct stack *target_stack(struct target *target, const uint64_t *pcs, size_t count)
{
	count_named(target);
	return symbolizer_physical_stack(target->symbolizer, pcs, count);
}

#define HEADER_BYTES	8
#define HEADER_ABOVE	512
#define HEADER_SINCE_GO 22

uint64_t target_slot_bytes(struct target *target, uint64_t type, uint64_t slot, bool header_grows)
{
	bool header = header_grows && slot > HEADER_ABOVE && type &&
		      go_binary_version(target->binary)->minor >= HEADER_SINCE_GO &&
		      types_has_pointers(target->types, type);

	return header ? slot_bytes(slot + HEADER_BYTES) : slot;
}

/*
 * A descriptor for more bytes than one object of it has: an array of them, which only slices and
 * the tables of maps ask for. No multiple: growslice asks for all of a slot, and a slot is all that
 * some probes know. None has twice the bytes of its object, but for sizes below 8.
 */
static bool is_several(struct target *target, uint64_t type, uint64_t size_bytes)
{
	uint64_t one = types_size(target->types, type);

	return one > 0 && size_bytes >= 2 * one;
}

const char *target_type_name(struct target *target, uint64_t type, uint64_t size_bytes,
			     const uint64_t *pcs, size_t count)
{
	struct callsite call = call_of(target, pcs, count);

	switch (call.shape) {
	case CALLSITE_OBJECT:
	case CALLSITE_ELEMENTS:
		/* what was seen in the register is the truth, the shape is still the site's */
		return type ? shaped_name(target, call.shape, type)
			    : static_type_name(target, &call);
	case CALLSITE_MAP:
	case CALLSITE_CHANNEL:
	case CALLSITE_NAMED:
		return static_type_name(target, &call);
	case CALLSITE_UNKNOWN:
		break;
	}
	return shaped_name(
		target, is_several(target, type, size_bytes) ? CALLSITE_ELEMENTS : CALLSITE_OBJECT,
		type);
}

#define GO_MINOR_HEADERS 22 /* the first with headers before objects (runtime/mbitmap.go) */

uint32_t target_size_class(struct target *target, uint64_t type, uint64_t size_bytes)
{
	const struct go_version *version = go_binary_version(target->binary);
	bool has_pointers = type && types_has_pointers(target->types, type);

	return class_of_allocation(size_bytes, has_pointers, version->minor >= GO_MINOR_HEADERS);
}

const struct generics *target_generics(struct target *target)
{
	if (!target->generics_asked) /* a pass over all names: once, whatever comes of it */
		generics_table_new(target->binary, target->intern, &target->generics);
	target->generics_asked = true;
	return target->generics ? generics_table_list(target->generics) : NULL;
}
