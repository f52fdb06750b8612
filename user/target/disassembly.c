/*
 * amd64 machine code by Zydis, reduced to struct instruction. Nothing is allocated, and no text is
 * made of an instruction. What a sequence of instructions means is the business of prologue,
 * globals and callsite.
 */
#include "target/disassembly.h"

#include <Zydis/Zydis.h>

#include "base/cleanup.h"
#include "base/diag.h"

struct disassembler {
	ZydisDecoder decoder;
};

struct decoded {
	uint64_t address;
	ZydisDecodedInstruction instruction;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* By the number that machine code has for them. */
static const enum machine_register machine_registers[] = {
	REG_AX, REG_CX, REG_DX,	 REG_BX,  REG_SP,  REG_BP,  REG_SI,  REG_DI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

/* A register's parts all stand for the register. */
static enum machine_register register_of(ZydisRegister part)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, part);

	return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64
		       ? machine_registers[ZydisRegisterGetId(whole)]
		       : REG_NONE;
}

/* Also those that are in no operand one would write. */
static uint32_t registers_written(const struct decoded *raw)
{
	uint32_t writes = 0;

	for (unsigned int i = 0; i < raw->instruction.operand_count; i++) {
		const ZydisDecodedOperand *operand = &raw->operands[i];

		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) &&
		    register_of(operand->reg.value) != REG_NONE)
			writes |= 1U << register_of(operand->reg.value);
	}
	return writes;
}

static bool is_register(const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_REGISTER;
}

static bool is_pc_relative(const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
	       operand->mem.base == ZYDIS_REGISTER_RIP;
}

static bool is_base_plus(const ZydisDecodedOperand *operand, ZydisRegister base)
{
	return operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->mem.base == base &&
	       operand->mem.index == ZYDIS_REGISTER_NONE &&
	       operand->mem.segment != ZYDIS_REGISTER_FS &&
	       operand->mem.segment != ZYDIS_REGISTER_GS;
}

static bool is_constant(const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
}

static uint64_t end_of(const struct decoded *raw)
{
	return raw->address + raw->instruction.length;
}

static void fill_reference(const struct decoded *raw, struct instruction *ret)
{
	for (unsigned int i = 0; i < raw->instruction.operand_count_visible; i++) {
		if (!is_pc_relative(&raw->operands[i]))
			continue;
		ret->references = true;
		ret->target = end_of(raw) + (uint64_t)raw->operands[i].mem.disp.value;
	}
}

static void fill_move(const ZydisDecodedOperand *to, const ZydisDecodedOperand *from,
		      struct instruction *ret)
{
	if (is_register(to) && is_register(from) && to->size == 64)
		ret->operation = OP_MOVE;
	else if (is_register(to) && to->size >= 32 && is_constant(from) && from->imm.value.u == 0)
		ret->operation = OP_ZERO;
	else if (is_register(to) && is_pc_relative(from))
		ret->operation = OP_LOAD;
	else if (is_pc_relative(to))
		ret->operation = OP_STORE;
}

static void fill_lea(const ZydisDecodedOperand *from, struct instruction *ret)
{
	if (is_pc_relative(from))
		ret->operation = OP_LEA;
	else if (is_base_plus(from, ZYDIS_REGISTER_RSP))
		ret->operation = OP_LEA_SP;
}

static void fill_compare(const ZydisDecodedOperand *left, const ZydisDecodedOperand *right,
			 struct instruction *ret)
{
	if (!is_register(left) || left->size != 64 || !is_base_plus(right, ZYDIS_REGISTER_R14) ||
	    right->mem.disp.value != 16)
		return;
	ret->operation = OP_COMPARE_GUARD;
	ret->source = register_of(left->reg.value);
}

static void fill_two_operands(ZydisMnemonic mnemonic, const ZydisDecodedOperand *first,
			      const ZydisDecodedOperand *second, struct instruction *ret)
{
	switch (mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
		fill_move(first, second, ret);
		break;
	case ZYDIS_MNEMONIC_LEA:
		fill_lea(second, ret);
		break;
	case ZYDIS_MNEMONIC_CMP:
		fill_compare(first, second, ret);
		return;
	case ZYDIS_MNEMONIC_XOR:
		if (is_register(first) && is_register(second) &&
		    first->reg.value == second->reg.value && first->size >= 32)
			ret->operation = OP_ZERO;
		break;
	case ZYDIS_MNEMONIC_SUB:
		if (is_register(first) && is_constant(second))
			ret->operation = OP_SUBTRACT;
		break;
	default:
		break;
	}
	if (ret->operation == OP_OTHER)
		return;
	if (is_register(first))
		ret->destination = register_of(first->reg.value);
	if (is_register(second))
		ret->source = register_of(second->reg.value);
}

static enum operation branch_operation(ZydisMnemonic mnemonic, bool direct)
{
	if (mnemonic == ZYDIS_MNEMONIC_CALL)
		return direct ? OP_CALL : OP_CALL_OTHER;
	if (mnemonic == ZYDIS_MNEMONIC_JMP)
		return direct ? OP_JUMP : OP_JUMP_OTHER;
	return mnemonic == ZYDIS_MNEMONIC_JBE ? OP_JUMP_BE : OP_JUMP_IF;
}

static void fill_branch(const struct decoded *raw, struct instruction *ret)
{
	bool direct = is_constant(&raw->operands[0]);

	ret->operation = branch_operation(raw->instruction.mnemonic, direct);
	if (direct)
		ret->target = end_of(raw) + (uint64_t)raw->operands[0].imm.value.s;
}

static bool is_branch(const ZydisDecodedInstruction *instruction)
{
	return instruction->meta.category == ZYDIS_CATEGORY_CALL ||
	       instruction->meta.category == ZYDIS_CATEGORY_COND_BR ||
	       instruction->meta.category == ZYDIS_CATEGORY_UNCOND_BR;
}

static bool is_push_bp(const struct decoded *raw)
{
	return raw->instruction.mnemonic == ZYDIS_MNEMONIC_PUSH && is_register(&raw->operands[0]) &&
	       raw->operands[0].reg.value == ZYDIS_REGISTER_RBP;
}

static void reduce(const struct decoded *raw, struct instruction *ret)
{
	*ret = (struct instruction){
		.address = raw->address,
		.length = raw->instruction.length,
		.destination = REG_NONE,
		.source = REG_NONE,
		.writes = registers_written(raw),
	};
	fill_reference(raw, ret);
	if (is_branch(&raw->instruction))
		fill_branch(raw, ret);
	else if (raw->instruction.meta.category == ZYDIS_CATEGORY_RET)
		ret->operation = OP_RETURN;
	else if (is_push_bp(raw))
		ret->operation = OP_PUSH_BP;
	else if (raw->instruction.operand_count_visible == 2)
		fill_two_operands(raw->instruction.mnemonic, &raw->operands[0], &raw->operands[1],
				  ret);
}

int disassembler_new(struct disassembler **ret)
{
	struct disassembler *disassembler = calloc(1, sizeof(*disassembler));

	if (!disassembler)
		return diag_fail(-ENOMEM, "cannot start the disassembler");
	ZydisDecoderInit(&disassembler->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	*ret = disassembler;
	return 0;
}

void disassembler_free(struct disassembler *disassembler)
{
	free(disassembler);
}

int disassemble(struct disassembler *disassembler, struct span text, uint64_t address,
		instruction_visitor visit, void *context)
{
	struct decoded raw = { .address = address };
	struct instruction instruction;

	for (; text.length; raw.address += raw.instruction.length) {
		if (ZYAN_FAILED(ZydisDecoderDecodeFull(&disassembler->decoder, text.data,
						       text.length, &raw.instruction,
						       raw.operands)))
			return -EILSEQ;
		reduce(&raw, &instruction);
		if (!visit(context, &instruction))
			return 0;
		text = span_from(text, raw.instruction.length);
	}
	return 0;
}
