/*
 * A value in an interface is two words: the data word, which convT* made, and the type word beside
 * it, which is the value's descriptor where the interface is empty and an itab where it is not
 * (runtime/runtime2.go eface, iface). Which word the code means is told from what it points to.
 */
#include "target/target_boxing.h"

#include <string.h>

#include "limits.h"
#include "model/boxing.h"
#include "target/target_internal.h"
#include "target/type_reader.h"

/* runtime/runtime2.go, later internal/abi/iface.go: the same in Go 1.19-1.27. */
struct itab {
	uint64_t interface, type;
	uint32_t hash; /* a copy of the type's */
	uint32_t padding;
};
#define TYPE_POINTERS_OFFSET 8	/* abi.Type.PtrBytes */
#define TYPE_HASH_OFFSET     16 /* abi.Type.Hash */

static bool is_static_type(const struct target *target, uint64_t address)
{
	const struct go_module *module = go_binary_module(target->binary);

	return address > module->types + target->bias && address < module->etypes + target->bias;
}

static bool read_itab(struct target *target, uint64_t address, struct itab *ret)
{
	uint32_t hash;

	return memory_read(&target->memory, address, ret, sizeof(*ret)) == 0 &&
	       is_static_type(target, ret->interface) && is_static_type(target, ret->type) &&
	       memory_read_u32(&target->memory, ret->type + TYPE_HASH_OFFSET, &hash) == 0 &&
	       hash == ret->hash;
}

/* runtime/iface.go: what each of convT* is called for, from walk/convert.go dataWordFuncName. */
static bool is_of_callee(const struct type_header *type, uint64_t pointer_bytes, const char *callee)
{
	if (!strcmp(callee, "runtime.convTstring"))
		return type->kind == KIND_STRING;
	if (!strcmp(callee, "runtime.convTslice"))
		return type->kind == KIND_SLICE;
	return pointer_bytes == 0;
}

/* The value's type is known where convT got it, elsewhere only what it must be like. */
static bool is_value(struct target *target, const struct callsite *call, uint64_t type)
{
	struct type_reader reader = { &target->memory, 0, 0 };
	struct type_header header;
	uint64_t pointer_bytes;

	if (call->type)
		return type == call->type + target->bias;
	return call->object_bytes && type_read(&reader, type, &header) == 0 &&
	       header.size_bytes == call->object_bytes &&
	       memory_read_u64(&target->memory, type + TYPE_POINTERS_OFFSET, &pointer_bytes) == 0 &&
	       is_of_callee(&header, pointer_bytes, call->callee);
}

static struct boxed_value value_of_word(struct target *target, const struct callsite *call,
					uint64_t word)
{
	struct itab itab;

	if (read_itab(target, word, &itab) && is_value(target, call, itab.type))
		return (struct boxed_value){ types_name(target->types, itab.type),
					     types_name(target->types, itab.interface) };
	if (is_static_type(target, word) && is_value(target, call, word))
		return (struct boxed_value){ types_name(target->types, word), "interface {}" };
	return (struct boxed_value){ 0 };
}

struct boxed_value target_boxed_value(struct target *target, const struct callsite *call)
{
	struct boxed_value value = { 0 };

	for (int i = 0; i < CALLSITE_WORDS && call->words[i] && !value.type; i++)
		value = value_of_word(target, call, call->words[i] + target->bias);
	return value;
}

/*
 * Up to Go 1.25 the runtime leaves the function that called the allocator out of a bucket's stack
 * (runtime/mprof.go, callers' skip), from 1.26 on it does not. Where that function puts a value
 * into an interface, its frame is the difference between an allocation and a boxing: it is put
 * back. Profiles do not show it in either case, since it is the runtime's.
 */
const struct stack *target_boxing_stack(struct target *target, const struct callsite *call,
					const uint64_t *pcs, size_t count)
{
	uint64_t whole[LIMIT_STACK_FRAMES];

	if (!call->callee || !boxing_function(call->callee) || count == 0 ||
	    count >= LIMIT_STACK_FRAMES || call->return_address != pcs[0] - target->bias)
		return symbolizer_bucket_stack(target->symbolizer, pcs, count);
	whole[0] = call->callee_entry + 1 + target->bias; /* as if returned to */
	memcpy(whole + 1, pcs, count * sizeof(*pcs));
	return symbolizer_bucket_stack(target->symbolizer, whole, count + 1);
}
