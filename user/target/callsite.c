/*
 * From a return address to the type allocated there: the bytes before it are the call, its target
 * is the callee, the registry (callsite_callees.c) says which register carries the descriptor, and
 * argument.c says what the code put there. Only calls into the allocator are decoded, and each
 * place once.
 *
 * Which frame's call it is: the innermost frame outside of the runtime, because there the
 * descriptor is a constant (makeslice and newobject only pass theirs on). When that call tells
 * nothing - it goes to a part of the runtime that allocates for itself, such as a channel
 * operation - the runtime's frames below it are asked in turn, outermost first.
 */
#define HASH_NONFATAL_OOM 1
#include "target/callsite.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "limits.h"
#include "model/boxing.h"
#include "target/argument.h"
#include "target/callsite_callees.h"
#include "target/words.h"

#define CALL_BYTES  5 /* e8 and a 32-bit displacement: the only direct call */
#define CALL_OPCODE 0xe8

struct place {
	UT_hash_handle hh;
	uint64_t return_address;
	struct callsite call;
	bool runtime;	/* the frame belongs to the runtime */
	bool allocator; /* it is mallocgc or one of its parts */
};

struct callsites {
	const struct go_binary *binary;
	struct disassembler *disassembler;
	struct place *places;
};

int callsites_new(const struct go_binary *binary, struct disassembler *disassembler,
		  struct callsites **ret)
{
	struct callsites *callsites = calloc(1, sizeof(*callsites));

	if (!callsites)
		return -ENOMEM;
	callsites->binary = binary;
	callsites->disassembler = disassembler;
	*ret = callsites;
	return 0;
}

static void forget_places(struct callsites *callsites)
{
	struct place *place, *next;

	HASH_ITER (hh, callsites->places, place, next) {
		HASH_DEL(callsites->places, place);
		free(place);
	}
}

void callsites_free(struct callsites *callsites)
{
	if (!callsites)
		return;
	forget_places(callsites);
	free(callsites);
}

static int go_minor(const struct callsites *callsites)
{
	return go_binary_version(callsites->binary)->minor;
}

/* The function that the call ending at `return_address` calls; -ENOENT when there is no direct call
 * of a function's entry: an indirect call, or the entry of an inlined frame (callsite.h). */
static int called_function(const struct callsites *callsites, uint64_t return_address,
			   struct go_function *ret)
{
	uint64_t call = return_address - CALL_BYTES, target;
	struct span bytes = elf_image_at(go_binary_image(callsites->binary), call);
	uint8_t opcode;
	int32_t displacement;

	if (span_u8(bytes, 0, &opcode) < 0 || opcode != CALL_OPCODE ||
	    span_i32(bytes, 1, &displacement) < 0)
		return -ENOENT;
	target = return_address + (uint64_t)(int64_t)displacement;
	if (go_binary_function_at(callsites->binary, target, ret) < 0 || ret->entry != target)
		return -ENOENT;
	return 0;
}

static bool is_descriptor(const struct callsites *callsites, uint64_t address)
{
	const struct go_module *module = go_binary_module(callsites->binary);

	return address > module->types && address < module->etypes;
}

static struct argument descriptor_at(const struct callsites *callsites, uint64_t return_address,
				     enum machine_register which)
{
	struct argument argument = { ARGUMENT_UNKNOWN, 0 };
	struct go_function caller;

	if (!go_binary_function_at(callsites->binary, return_address - 1, &caller))
		argument_of_call(callsites->disassembler,
				 go_binary_text(callsites->binary, &caller), caller.entry,
				 return_address, which, &argument);
	return argument;
}

static struct callsite decode_call(const struct callsites *callsites, uint64_t return_address)
{
	struct callsite call = { .shape = CALLSITE_UNKNOWN };
	struct go_function function;
	const struct callee *callee;
	struct argument descriptor;

	if (called_function(callsites, return_address, &function) < 0)
		return call;
	call.callee = function.name;
	call.callee_entry = function.entry;
	call.return_address = return_address;
	callee = callee_find(function.name, go_minor(callsites));
	if (!callee)
		return call;
	call.object_bytes = callee->object_bytes;
	if (boxing_function(function.name))
		words_after_call(callsites->binary, callsites->disassembler, return_address,
				 call.words, CALLSITE_WORDS);
	if (callee->descriptor == REG_NONE) {
		call.shape = callee->shape;
		call.name = callee->type_name;
		return call;
	}
	descriptor = descriptor_at(callsites, return_address, callee->descriptor);
	if (descriptor.kind == ARGUMENT_ADDRESS && is_descriptor(callsites, descriptor.address)) {
		call.shape = callee->shape;
		call.type = descriptor.address;
	} else if (descriptor.kind == ARGUMENT_ZERO && callee->type_name) {
		call.shape = CALLSITE_NAMED;
		call.name = callee->type_name;
	}
	return call;
}

static struct place decode_place(const struct callsites *callsites, uint64_t return_address)
{
	struct place place = { .return_address = return_address };
	struct go_frame innermost;

	if (!go_binary_frames_at(callsites->binary, return_address - 1, &innermost, 1))
		return place;
	place.runtime = callee_is_runtime(innermost.function, go_minor(callsites));
	place.allocator = !strncmp(innermost.function, "runtime.mallocgc", 16);
	place.call = decode_call(callsites, return_address);
	return place;
}

/* A place that cannot be kept is decoded again the next time. */
static void keep_place(struct callsites *callsites, const struct place *place)
{
	struct place *kept;

	if (HASH_COUNT(callsites->places) >= LIMIT_BUCKETS)
		forget_places(callsites);
	kept = malloc(sizeof(*kept));
	if (!kept)
		return;
	*kept = *place;
	HASH_ADD(hh, callsites->places, return_address, sizeof(kept->return_address), kept);
	if (!kept->hh.tbl) /* uthash could not grow */
		free(kept);
}

static struct place place_at(struct callsites *callsites, uint64_t return_address)
{
	struct place *kept, place;

	HASH_FIND(hh, callsites->places, &return_address, sizeof(return_address), kept);
	if (kept)
		return *kept;
	place = decode_place(callsites, return_address);
	keep_place(callsites, &place);
	return place;
}

/*
 * How many of the frames belong to this allocation. Where mallocgc calls something that allocates
 * in turn (it starts a collection, which starts its workers), the frames from that mallocgc on are
 * another allocation's.
 */
static size_t own_frames(struct callsites *callsites, const uint64_t *pcs, size_t count)
{
	bool below = true; /* still in the allocator's own frames at the leaf */

	for (size_t i = 0; i < count; i++) {
		struct place place = place_at(callsites, pcs[i]);

		if (!place.runtime)
			return i + 1;
		if (place.allocator && !below)
			return i;
		below &= place.allocator;
	}
	return count;
}

struct callsite callsite_of_stack(struct callsites *callsites, const uint64_t *pcs, size_t count)
{
	struct callsite result = { .shape = CALLSITE_UNKNOWN };

	for (size_t i = own_frames(callsites, pcs, count); i-- > 0;) {
		struct callsite call = place_at(callsites, pcs[i]).call;

		if (call.shape != CALLSITE_UNKNOWN)
			return call;
		if (!result.callee)
			result = call;
	}
	return result;
}
