/* A few instructions forward, for what callsite.c cannot tell from those before a call. */
#include "target/words.h"

#include <string.h>

#include "target/callsite_callees.h"

#define WORDS_SEEN 8

struct words {
	size_t count;
	uint64_t items[WORDS_SEEN];
	enum machine_register registers[WORDS_SEEN];
	uint64_t callee; /* of the call at the end of the run; 0: none */
};

static bool leaves(enum operation operation)
{
	return operation == OP_CALL || operation == OP_CALL_OTHER || operation == OP_RETURN ||
	       operation == OP_JUMP || operation == OP_JUMP_OTHER || operation == OP_JUMP_IF ||
	       operation == OP_JUMP_BE;
}

static bool take_word(void *context, const struct instruction *instruction)
{
	struct words *words = context;

	if (instruction->operation == OP_CALL)
		words->callee = instruction->target;
	if (leaves(instruction->operation) || words->count == WORDS_SEEN)
		return false;
	if (instruction->operation == OP_LEA) {
		words->registers[words->count] = instruction->destination;
		words->items[words->count++] = instruction->target;
	}
	return true;
}

/*
 * The register in which the run's call takes a descriptor for itself; REG_NONE: it takes none, and
 * what is in its registers may be an interface. Of the runtime's functions that compiled code
 * calls, gopanic alone takes one.
 */
static enum machine_register own_descriptor(const struct go_binary *binary, uint64_t entry)
{
	const struct callee *callee;
	struct go_function function;

	if (!entry || go_binary_function_at(binary, entry, &function) < 0)
		return REG_NONE;
	callee = callee_find(function.name, go_binary_version(binary)->minor);
	if (callee && callee->descriptor != REG_NONE)
		return callee->descriptor;
	if (!strncmp(function.name, "runtime.", 8) && strcmp(function.name, "runtime.gopanic"))
		return REG_AX;
	return REG_NONE;
}

void words_after_call(const struct go_binary *binary, struct disassembler *disassembler,
		      uint64_t return_address, uint64_t *words, size_t max)
{
	struct words found = { 0 };
	enum machine_register skipped;
	struct go_function caller;
	struct span text;
	uint64_t offset;

	if (go_binary_function_at(binary, return_address - 1, &caller) < 0)
		return;
	offset = return_address - caller.entry;
	text = go_binary_text(binary, &caller);
	if (offset >= text.length)
		return;
	disassemble(disassembler, span_sub(text, offset, text.length - offset), return_address,
		    take_word, &found);
	skipped = own_descriptor(binary, found.callee);
	for (size_t i = 0, kept = 0; i < found.count && kept < max; i++)
		if (skipped == REG_NONE || found.registers[i] != skipped)
			words[kept++] = found.items[i];
}
