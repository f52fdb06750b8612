/*
 * Arbitrary bytes as a function's text: the disassembler, the prologue's decision and the tracing
 * of arguments must end, stay inside, and agree with each other.
 */
#include <assert.h>
#include <stdlib.h>

#include "target/argument.h"
#include "target/prologue.h"

#define ENTRY 0x401000ULL

struct check {
	struct disassembler *disassembler;
	struct span text;
	uint64_t next;	    /* where the next instruction must begin */
	uint64_t last_call; /* return address of the last call seen, 0 before */
};

static bool visit(void *context, const struct instruction *instruction)
{
	struct check *check = context;

	assert(instruction->address == check->next);
	assert(instruction->length >= 1 && instruction->length <= 15);
	check->next += instruction->length;
	assert(check->next <= ENTRY + check->text.length);
	if (instruction->operation == OP_CALL)
		check->last_call = check->next;
	return true;
}

static void check_prologue(const struct check *check)
{
	struct prologue_point point;

	if (prologue_decode(check->disassembler, check->text, ENTRY, &point) < 0)
		return;
	assert(point.address > ENTRY && point.address < ENTRY + check->text.length);
	assert(check->text.data[point.address - ENTRY] ==
		       (point.instruction == PROBE_AT_PUSH ? 0x55 : 0x76) ||
	       check->text.data[point.address - ENTRY] == 0x0f);
}

/* A call that was seen is found again; an address past the text never is. */
static void check_arguments(const struct check *check)
{
	struct argument argument;
	uint64_t outside = ENTRY + check->text.length + 1;

	assert(argument_of_call(check->disassembler, check->text, ENTRY, outside, REG_AX,
				&argument) == -ENOENT);
	if (!check->last_call)
		return;
	for (int which = REG_AX; which < REG_NONE; which++)
		assert(!argument_of_call(check->disassembler, check->text, ENTRY, check->last_call,
					 (enum machine_register)which, &argument));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct disassembler *disassembler;
	struct check check = { .text = { data, size }, .next = ENTRY };

	if (!disassembler && disassembler_new(&disassembler) < 0)
		abort();
	check.disassembler = disassembler;
	disassemble(disassembler, check.text, ENTRY, visit, &check);
	check_prologue(&check);
	check_arguments(&check);
	return 0;
}
