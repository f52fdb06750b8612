/*
 * amd64 machine code by capstone, reduced to struct instruction. One instruction is allocated once
 * and decoded into again and again, so that a pass over a function costs no allocation. What a
 * sequence of instructions means is the business of prologue, globals and callsite.
 */
#include "target/disassembly.h"

#include <capstone/capstone.h>

#include "base/cleanup.h"
#include "base/diag.h"

struct disassembler {
	csh capstone;
	cs_insn *scratch;
	bool open;
};

/* A register's parts all stand for the register. Stored plus one, so that 0 means none. */
#define WHOLE(name, r64, r32, r16, r8)                                                             \
	[X86_REG_##r64] = REG_##name + 1, [X86_REG_##r32] = REG_##name + 1,                        \
	[X86_REG_##r16] = REG_##name + 1, [X86_REG_##r8] = REG_##name + 1
static const uint8_t machine_registers[X86_REG_ENDING] = {
	WHOLE(AX, RAX, EAX, AX, AL),	   [X86_REG_AH] = REG_AX + 1,
	WHOLE(BX, RBX, EBX, BX, BL),	   [X86_REG_BH] = REG_BX + 1,
	WHOLE(CX, RCX, ECX, CX, CL),	   [X86_REG_CH] = REG_CX + 1,
	WHOLE(DX, RDX, EDX, DX, DL),	   [X86_REG_DH] = REG_DX + 1,
	WHOLE(DI, RDI, EDI, DI, DIL),	   WHOLE(SI, RSI, ESI, SI, SIL),
	WHOLE(R8, R8, R8D, R8W, R8B),	   WHOLE(R9, R9, R9D, R9W, R9B),
	WHOLE(R10, R10, R10D, R10W, R10B), WHOLE(R11, R11, R11D, R11W, R11B),
	WHOLE(R12, R12, R12D, R12W, R12B), WHOLE(R13, R13, R13D, R13W, R13B),
	WHOLE(R14, R14, R14D, R14W, R14B), WHOLE(R15, R15, R15D, R15W, R15B),
	WHOLE(SP, RSP, ESP, SP, SPL),	   WHOLE(BP, RBP, EBP, BP, BPL),
};
#undef WHOLE

static enum machine_register register_of(unsigned int capstone_register)
{
	uint8_t known =
		capstone_register < X86_REG_ENDING ? machine_registers[capstone_register] : 0;

	return known ? (enum machine_register)(known - 1) : REG_NONE;
}

static uint32_t register_bit(unsigned int capstone_register)
{
	enum machine_register whole = register_of(capstone_register);

	return whole == REG_NONE ? 0 : 1U << whole;
}

/* An operand whose access capstone does not know counts as written when it comes first. */
static uint32_t registers_written(const cs_detail *detail)
{
	uint32_t writes = 0;

	for (unsigned int i = 0; i < detail->x86.op_count; i++) {
		const cs_x86_op *operand = &detail->x86.operands[i];

		if (operand->type != X86_OP_REG)
			continue;
		if ((operand->access & CS_AC_WRITE) || (i == 0 && operand->access == 0))
			writes |= register_bit(operand->reg);
	}
	for (unsigned int i = 0; i < detail->regs_write_count; i++)
		writes |= register_bit(detail->regs_write[i]);
	return writes;
}

static bool is_register(const cs_x86_op *operand)
{
	return operand->type == X86_OP_REG;
}

static bool is_pc_relative(const cs_x86_op *operand)
{
	return operand->type == X86_OP_MEM && operand->mem.base == X86_REG_RIP;
}

static bool is_base_plus(const cs_x86_op *operand, x86_reg base)
{
	return operand->type == X86_OP_MEM && operand->mem.base == base &&
	       operand->mem.index == X86_REG_INVALID && operand->mem.segment == X86_REG_INVALID;
}

static void fill_reference(const cs_insn *raw, struct instruction *ret)
{
	const cs_x86 *x86 = &raw->detail->x86;

	for (unsigned int i = 0; i < x86->op_count; i++) {
		if (!is_pc_relative(&x86->operands[i]))
			continue;
		ret->references = true;
		ret->target = raw->address + raw->size + (uint64_t)x86->operands[i].mem.disp;
	}
}

static void fill_move(const cs_x86_op *to, const cs_x86_op *from, struct instruction *ret)
{
	if (is_register(to) && is_register(from) && to->size == 8)
		ret->operation = OP_MOVE;
	else if (is_register(to) && to->size >= 4 && from->type == X86_OP_IMM && from->imm == 0)
		ret->operation = OP_ZERO;
	else if (is_register(to) && is_pc_relative(from))
		ret->operation = OP_LOAD;
	else if (is_pc_relative(to))
		ret->operation = OP_STORE;
}

static void fill_lea(const cs_x86_op *from, struct instruction *ret)
{
	if (is_pc_relative(from))
		ret->operation = OP_LEA;
	else if (is_base_plus(from, X86_REG_RSP))
		ret->operation = OP_LEA_SP;
}

static void fill_compare(const cs_x86_op *left, const cs_x86_op *right, struct instruction *ret)
{
	if (!is_register(left) || left->size != 8 || !is_base_plus(right, X86_REG_R14) ||
	    right->mem.disp != 16)
		return;
	ret->operation = OP_COMPARE_GUARD;
	ret->source = register_of(left->reg);
}

static void fill_two_operands(unsigned int id, const cs_x86_op *first, const cs_x86_op *second,
			      struct instruction *ret)
{
	switch (id) {
	case X86_INS_MOV:
		fill_move(first, second, ret);
		break;
	case X86_INS_LEA:
		fill_lea(second, ret);
		break;
	case X86_INS_CMP:
		fill_compare(first, second, ret);
		return;
	case X86_INS_XOR:
		if (is_register(first) && is_register(second) && first->reg == second->reg &&
		    first->size >= 4)
			ret->operation = OP_ZERO;
		break;
	case X86_INS_SUB:
		if (is_register(first) && second->type == X86_OP_IMM)
			ret->operation = OP_SUBTRACT;
		break;
	}
	if (ret->operation == OP_OTHER)
		return;
	if (is_register(first))
		ret->destination = register_of(first->reg);
	if (is_register(second))
		ret->source = register_of(second->reg);
}

static enum operation branch_operation(unsigned int id, bool direct)
{
	if (id == X86_INS_CALL)
		return direct ? OP_CALL : OP_CALL_OTHER;
	if (id == X86_INS_JMP)
		return direct ? OP_JUMP : OP_JUMP_OTHER;
	return id == X86_INS_JBE ? OP_JUMP_BE : OP_JUMP_IF;
}

static void fill_branch(const cs_insn *raw, struct instruction *ret)
{
	const cs_x86_op *operand = &raw->detail->x86.operands[0];
	bool direct = raw->detail->x86.op_count == 1 && operand->type == X86_OP_IMM;

	ret->operation = branch_operation(raw->id, direct);
	if (direct)
		ret->target = (uint64_t)operand->imm;
}

static bool in_group(const cs_insn *raw, uint8_t group)
{
	for (unsigned int i = 0; i < raw->detail->groups_count; i++)
		if (raw->detail->groups[i] == group)
			return true;
	return false;
}

static void reduce(const cs_insn *raw, struct instruction *ret)
{
	const cs_x86 *x86 = &raw->detail->x86;

	*ret = (struct instruction){
		.address = raw->address,
		.length = (uint8_t)raw->size,
		.destination = REG_NONE,
		.source = REG_NONE,
		.writes = registers_written(raw->detail),
	};
	fill_reference(raw, ret);
	if (in_group(raw, CS_GRP_CALL) || in_group(raw, CS_GRP_JUMP))
		fill_branch(raw, ret);
	else if (in_group(raw, CS_GRP_RET))
		ret->operation = OP_RETURN;
	else if (raw->id == X86_INS_PUSH && x86->operands[0].type == X86_OP_REG &&
		 x86->operands[0].reg == X86_REG_RBP)
		ret->operation = OP_PUSH_BP;
	else if (x86->op_count == 2)
		fill_two_operands(raw->id, &x86->operands[0], &x86->operands[1], ret);
}

DEFINE_CLEANUP(disassembler_cleanup, struct disassembler, disassembler_free)

int disassembler_new(struct disassembler **ret)
{
	CLEANUP(disassembler_cleanup)
	struct disassembler *disassembler = calloc(1, sizeof(*disassembler));

	if (!disassembler)
		return diag_fail(-ENOMEM, "cannot start the disassembler");
	if (cs_open(CS_ARCH_X86, CS_MODE_64, &disassembler->capstone) != CS_ERR_OK)
		return diag_fail(-ENOTSUP, "this capstone library does not decode x86-64");
	disassembler->open = true;
	/* operands are what everything here asks for; and cs_malloc makes room for them only after
	 * this */
	cs_option(disassembler->capstone, CS_OPT_DETAIL, CS_OPT_ON);
	disassembler->scratch = cs_malloc(disassembler->capstone);
	if (!disassembler->scratch)
		return diag_fail(-ENOMEM, "cannot start the disassembler");
	*ret = TAKE(disassembler);
	return 0;
}

void disassembler_free(struct disassembler *disassembler)
{
	if (!disassembler)
		return;
	if (disassembler->scratch)
		cs_free(disassembler->scratch, 1);
	if (disassembler->open)
		cs_close(&disassembler->capstone);
	free(disassembler);
}

int disassemble(struct disassembler *disassembler, struct span text, uint64_t address,
		instruction_visitor visit, void *context)
{
	while (text.length) {
		struct instruction instruction;

		if (!cs_disasm_iter(disassembler->capstone, &text.data, &text.length, &address,
				    disassembler->scratch))
			return -EILSEQ;
		reduce(disassembler->scratch, &instruction);
		if (!visit(context, &instruction))
			return 0;
	}
	return 0;
}
