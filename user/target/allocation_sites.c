/*
 * Decoding is what costs, so a function is decoded only when a look at its bytes says that it may
 * call the allocator: a call is an e8 and a distance, and few distances lead to one of the entries
 * by chance. Those that do are told by the decoding, which meets no call there.
 */
#include "target/allocation_sites.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "target/disassembly.h"
#include "target/register_trace.h"

#define CALL_BYTES  5 /* e8 and a 32-bit distance: the only direct call */
#define CALL_OPCODE 0xe8
#define LONGEST	    15 /* bytes of one instruction */

struct entry {
	uint64_t address;
	const char *name;
	const struct callee *callee;
};

struct walk {
	const struct go_binary *binary;
	struct disassembler *disassembler;
	allocation_site_visitor visit;
	void *context;
	struct register_trace trace;
	struct {
		struct entry *items; /* by address, as the functab is */
		size_t count, capacity;
	} entries;
	uint64_t decoded; /* end of the last instruction */
	bool ended;
};

static int minor_of(const struct walk *walk)
{
	return go_binary_version(walk->binary)->minor;
}

static int collect_entries(struct walk *walk)
{
	size_t count = go_binary_function_count(walk->binary);
	int error = 0;

	for (size_t i = 0; error == 0 && i < count; i++) {
		struct go_function function;
		const struct callee *callee;

		if (go_binary_function(walk->binary, i, &function) < 0)
			continue;
		callee = callee_find(function.name, minor_of(walk));
		if (!callee)
			continue;
		error = VEC_RESERVE(&walk->entries, walk->entries.count + 1, LIMIT_FUNCTIONS);
		if (error == 0)
			walk->entries.items[walk->entries.count++] =
				(struct entry){ function.entry, function.name, callee };
	}
	return error;
}

static const struct entry *find_entry(const struct walk *walk, uint64_t address)
{
	size_t low = 0, high = walk->entries.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (walk->entries.items[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < walk->entries.count && walk->entries.items[low].address == address
		       ? &walk->entries.items[low]
		       : NULL;
}

/* Where the last five bytes end that may be a call of one of the entries; 0: there are none. */
static uint64_t last_candidate(const struct walk *walk, struct span text, uint64_t entry)
{
	const uint8_t *at = text.data, *end = text.data + text.length;
	uint64_t last = 0;

	while (at && (at = memchr(at, CALL_OPCODE, (size_t)(end - at))) != NULL) {
		uint64_t offset = (uint64_t)(at++ - text.data);
		int32_t distance;

		if (span_i32(text, offset + 1, &distance) == 0 &&
		    find_entry(walk, entry + offset + CALL_BYTES + (uint64_t)(int64_t)distance))
			last = offset + CALL_BYTES;
	}
	return last;
}

static bool is_descriptor(const struct walk *walk, const struct argument *argument)
{
	const struct go_module *module = go_binary_module(walk->binary);

	return argument->kind == ARGUMENT_ADDRESS && argument->address > module->types &&
	       argument->address < module->etypes;
}

static struct callsite describe(const struct walk *walk, const struct entry *entry,
				uint64_t address)
{
	const struct callee *callee = entry->callee;
	struct callsite call = { .shape = CALLSITE_UNKNOWN, .callee = entry->name };
	struct argument argument = { ARGUMENT_UNKNOWN, 0 };

	if (callee->descriptor == REG_NONE) {
		call.shape = callee->shape;
		call.name = callee->type_name;
		return call;
	}
	argument = register_trace_value(&walk->trace, callee->descriptor, address);
	if (is_descriptor(walk, &argument)) {
		call.shape = callee->shape;
		call.type = argument.address;
	} else if (argument.kind == ARGUMENT_ZERO && callee->type_name) {
		call.shape = CALLSITE_NAMED;
		call.name = callee->type_name;
	}
	return call;
}

static bool visit_instruction(void *context, const struct instruction *instruction)
{
	struct walk *walk = context;
	const struct entry *entry =
		instruction->operation == OP_CALL ? find_entry(walk, instruction->target) : NULL;

	if (entry) {
		struct allocation_site site = {
			instruction->address,
			describe(walk, entry, instruction->address),
		};

		walk->ended = !walk->visit(walk->context, &site);
	}
	register_trace_follow(&walk->trace, instruction);
	walk->decoded = instruction->address + instruction->length;
	return !walk->ended;
}

/* A candidate that is none may end within an instruction: that one then is not decoded. */
static int walk_function(struct walk *walk, const struct go_function *function,
			 size_t *ret_undecoded)
{
	struct span text = go_binary_text(walk->binary, function);
	uint64_t end = last_candidate(walk, text, function->entry);
	int error;

	if (!end)
		return 0;
	walk->decoded = function->entry;
	error = register_trace_begin(&walk->trace, function->entry, text.length);
	if (error == 0)
		disassemble(walk->disassembler, span_sub(text, 0, end), function->entry,
			    visit_instruction, walk);
	if (error == -E2BIG || walk->decoded + LONGEST < function->entry + end)
		(*ret_undecoded)++;
	return error == -E2BIG ? 0 : error;
}

static int walk_functions(struct walk *walk, size_t *ret_undecoded)
{
	size_t count = go_binary_function_count(walk->binary);
	uint64_t spent = 0;
	int error = 0;

	for (size_t i = 0; error == 0 && !walk->ended && i < count; i++) {
		struct go_function function;

		if (go_binary_function(walk->binary, i, &function) < 0)
			continue;
		if (!callee_is_runtime(function.name, minor_of(walk)))
			error = walk_function(walk, &function, ret_undecoded);
		elf_image_spend_pages(go_binary_image(walk->binary), function.end - function.entry,
				      &spent);
	}
	return error;
}

int allocation_sites_walk(const struct go_binary *binary, struct disassembler *disassembler,
			  allocation_site_visitor visit, void *context, size_t *ret_undecoded)
{
	struct walk walk = { binary, disassembler, visit, context, .ended = false };
	int error;

	*ret_undecoded = 0;
	error = collect_entries(&walk);
	if (error == 0)
		error = walk_functions(&walk, ret_undecoded);
	free(walk.entries.items);
	register_trace_clear(&walk.trace);
	return error;
}
