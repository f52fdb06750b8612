/*
 * A Go function that may grow its stack begins with the stack check (cmd/internal/obj/x86/obj6.go
 * stacksplit, the same in Go 1.19-1.27), in one of three forms by the size of its frame:
 *
 *	small	cmp rsp, [r14+16]
 *	large	lea r12, [rsp-N];  cmp r12, [r14+16]
 *	huge	mov r12, rsp;  sub r12, N;  jb morestack;  cmp r12, [r14+16]
 *
 * then `jbe morestack`, then (1.21+, where there is a frame) `push %rbp`. The kernel emulates the
 * last two; every other instruction here would be single-stepped, forty times as dear (COSTS). A
 * probe on the push is exact, since calls that go to morestack come back through the check; one on
 * the jbe sees those calls twice and tells them by the flags.
 */
#include "target/prologue.h"

#include <stdio.h>

/* The forms as paths of one automaton. */
enum step {
	AT_ENTRY,
	HAVE_LEA,  /* large: r12 is computed */
	HAVE_MOVE, /* huge */
	HAVE_SUBTRACT,
	HAVE_UNDERFLOW_BRANCH,
	HAVE_COMPARE,
	HAVE_BRANCH,
	FOUND,	   /* `push` follows */
	NO_PUSH,   /* something else follows */
	NOT_KNOWN, /* not a stack check */
};

struct prologue {
	enum step step;
	uint64_t branch, push; /* addresses */
	uint64_t branch_target, underflow_target;
};

static bool writes_r12(const struct instruction *instruction, enum operation operation)
{
	return instruction->operation == operation && instruction->destination == REG_R12;
}

static bool compares(const struct instruction *instruction, enum machine_register which)
{
	return instruction->operation == OP_COMPARE_GUARD && instruction->source == which;
}

static enum step step_at_entry(const struct instruction *instruction)
{
	if (compares(instruction, REG_SP))
		return HAVE_COMPARE;
	if (writes_r12(instruction, OP_LEA_SP))
		return HAVE_LEA;
	if (writes_r12(instruction, OP_MOVE) && instruction->source == REG_SP)
		return HAVE_MOVE;
	return NOT_KNOWN;
}

static enum step step_after(struct prologue *prologue, const struct instruction *instruction)
{
	switch (prologue->step) {
	case AT_ENTRY:
		return step_at_entry(instruction);
	case HAVE_MOVE:
		return writes_r12(instruction, OP_SUBTRACT) ? HAVE_SUBTRACT : NOT_KNOWN;
	case HAVE_SUBTRACT:
		prologue->underflow_target = instruction->target;
		return instruction->operation == OP_JUMP_IF ? HAVE_UNDERFLOW_BRANCH : NOT_KNOWN;
	case HAVE_LEA:
	case HAVE_UNDERFLOW_BRANCH:
		return compares(instruction, REG_R12) ? HAVE_COMPARE : NOT_KNOWN;
	case HAVE_COMPARE:
		prologue->branch = instruction->address;
		prologue->branch_target = instruction->target;
		return instruction->operation == OP_JUMP_BE ? HAVE_BRANCH : NOT_KNOWN;
	case HAVE_BRANCH:
		prologue->push = instruction->address;
		return instruction->operation == OP_PUSH_BP ? FOUND : NO_PUSH;
	default:
		return NOT_KNOWN;
	}
}

static bool visit_prologue(void *context, const struct instruction *instruction)
{
	struct prologue *prologue = context;

	prologue->step = step_after(prologue, instruction);
	return prologue->step < FOUND;
}

/* morestack is called at the end of the same function: the branch goes forwards, and where there
 * are two they meet. */
static bool branches_make_sense(const struct prologue *prologue, uint64_t end)
{
	if (prologue->branch_target <= prologue->branch || prologue->branch_target >= end)
		return false;
	return !prologue->underflow_target || prologue->underflow_target == prologue->branch_target;
}

/* The encodings that the kernel emulates (arch/x86/kernel/uprobes.c push_setup_xol_ops,
 * branch_setup_xol_ops). Zydis has already told what they mean. */
static bool is_emulated(struct span bytes, enum probe_instruction instruction)
{
	uint8_t opcode, second;

	if (span_u8(bytes, 0, &opcode) < 0 || span_u8(bytes, 1, &second) < 0)
		return false;
	if (instruction == PROBE_AT_PUSH)
		return opcode == 0x55;
	return opcode == 0x76 || (opcode == 0x0f && second == 0x86);
}

int prologue_decode(struct disassembler *disassembler, struct span text, uint64_t entry,
		    struct prologue_point *ret)
{
	struct prologue prologue = { 0 };
	struct prologue_point point;

	/* bytes that do not decode leave it at a step before the end */
	disassemble(disassembler, text, entry, visit_prologue, &prologue);
	if (prologue.step != FOUND && prologue.step != NO_PUSH)
		return -ENOTSUP;
	point = prologue.step == FOUND
			? (struct prologue_point){ PROBE_AT_PUSH, prologue.push }
			: (struct prologue_point){ PROBE_AT_BRANCH, prologue.branch };
	if (!branches_make_sense(&prologue, entry + text.length) ||
	    !is_emulated(span_from(text, point.address - entry), point.instruction))
		return -ENOTSUP;
	*ret = point;
	return 0;
}

int prologue_probe_point(struct disassembler *disassembler, const struct go_binary *binary,
			 const struct go_function *function, struct probe_point *ret)
{
	struct prologue_point point;
	uint64_t file_offset;

	if (prologue_decode(disassembler, go_binary_text(binary, function), function->entry,
			    &point) < 0)
		return -ENOTSUP;
	if (elf_image_file_offset(go_binary_image(binary), point.address, &file_offset) < 0)
		return -ENOTSUP;
	ret->instruction = point.instruction;
	ret->address = point.address;
	ret->file_offset = file_offset;
	snprintf(ret->function, sizeof(ret->function), "%s", function->name);
	return 0;
}
