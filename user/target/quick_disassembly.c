/*
 * amd64 encodings as the tables of Intel's manual give them (volume 2, appendix A): an optional REX
 * prefix, one opcode or 0f and an opcode, ModRM, SIB, displacement, immediate. Whatever has another
 * prefix or is not in the table is left to capstone, and a test has both decode whole executables.
 */
#include "target/quick_disassembly.h"

enum form {
	FORM_NONE,     /* not in the table */
	FORM_TO_REG,   /* ModRM: writes the register operand */
	FORM_TO_RM,    /* ModRM: writes the register or memory operand */
	FORM_READS,    /* ModRM: writes nothing that is followed */
	FORM_GROUP,    /* ModRM: the register field chooses among add to cmp */
	FORM_SHIFT,    /* ModRM: the same among shifts, which all write */
	FORM_MOVE_RM,  /* ModRM: a mov of a constant when the register field is 0 */
	FORM_INDIRECT, /* ModRM: a call when the register field is 2 */
	FORM_TO_AX,    /* no ModRM: writes the accumulator */
	FORM_READS_AX, /* no ModRM: writes nothing */
	FORM_TO_LOW,   /* the low bits of the opcode name the register that is written */
	FORM_PUSH,     /* the same, read */
	FORM_POP,      /* the same, written */
	FORM_BRANCH,   /* a distance */
	FORM_CALL,     /* a distance */
	FORM_RETURN,
};

/* What the operands then make of it: the special cases of struct instruction. */
enum meaning { MEANS_NOTHING, MEANS_MOVE, MEANS_LEA, MEANS_COMPARE, MEANS_XOR, MEANS_SUBTRACT };

struct encoding {
	uint8_t form, immediate; /* bytes */
	uint8_t meaning;
	bool bytes; /* operands of 8 bits */
	uint8_t operation;
};

#define ARITHMETIC(base, meaning)                                                                  \
	[(base) + 1] = { FORM_TO_RM, 0, meaning, false, 0 },                                       \
		  [(base) + 3] = { FORM_TO_REG, 0, meaning, false, 0 },                            \
		  [(base) + 5] = { FORM_TO_AX, 4, meaning, false, 0 }
#define EIGHT(base, ...)                                                                           \
	[(base) + 0] = __VA_ARGS__, [(base) + 1] = __VA_ARGS__, [(base) + 2] = __VA_ARGS__,        \
		  [(base) + 3] = __VA_ARGS__, [(base) + 4] = __VA_ARGS__,                          \
		  [(base) + 5] = __VA_ARGS__, [(base) + 6] = __VA_ARGS__,                          \
		  [(base) + 7] = __VA_ARGS__
#define BELOW_OR_EQUAL 6 /* the condition in the low bits of the opcode */
#define CONDITIONS(base, bytes)                                                                    \
	EIGHT(base, { FORM_BRANCH, bytes, 0, false, OP_JUMP_IF }),                                 \
		EIGHT((base) + 8, { FORM_BRANCH, bytes, 0, false, OP_JUMP_IF })

static const struct encoding one_byte[256] = {
	ARITHMETIC(0x00, MEANS_NOTHING), /* add */
	ARITHMETIC(0x08, MEANS_NOTHING), /* or */
	ARITHMETIC(0x20, MEANS_NOTHING), /* and */
	ARITHMETIC(0x28, MEANS_SUBTRACT),
	ARITHMETIC(0x30, MEANS_XOR),
	[0x39] = { FORM_READS, 0, 0, false, 0 }, /* cmp */
	[0x3b] = { FORM_READS, 0, MEANS_COMPARE, false, 0 },
	[0x3d] = { FORM_READS_AX, 4, 0, false, 0 },
	EIGHT(0x50, { FORM_PUSH, 0, 0, false, 0 }),
	EIGHT(0x58, { FORM_POP, 0, 0, false, 0 }),
	[0x63] = { FORM_TO_REG, 0, 0, false, 0 }, /* movsxd */
	CONDITIONS(0x70, 1),
	[0x81] = { FORM_GROUP, 4, 0, false, 0 },
	[0x83] = { FORM_GROUP, 1, 0, false, 0 },
	[0x84] = { FORM_READS, 0, 0, true, 0 }, /* test */
	[0x85] = { FORM_READS, 0, 0, false, 0 },
	[0x88] = { FORM_TO_RM, 0, MEANS_MOVE, true, 0 },
	[0x89] = { FORM_TO_RM, 0, MEANS_MOVE, false, 0 },
	[0x8a] = { FORM_TO_REG, 0, MEANS_MOVE, true, 0 },
	[0x8b] = { FORM_TO_REG, 0, MEANS_MOVE, false, 0 },
	[0x8d] = { FORM_TO_REG, 0, MEANS_LEA, false, 0 },
	EIGHT(0xb8, { FORM_TO_LOW, 4, 0, false, 0 }),
	[0xc1] = { FORM_SHIFT, 1, 0, false, 0 },
	[0xc3] = { FORM_RETURN, 0, 0, false, OP_RETURN },
	[0xc6] = { FORM_MOVE_RM, 1, MEANS_MOVE, true, 0 },
	[0xc7] = { FORM_MOVE_RM, 4, MEANS_MOVE, false, 0 },
	[0xcc] = { FORM_READS_AX, 0, 0, false, 0 }, /* int3, between functions */
	[0xe8] = { FORM_CALL, 4, 0, false, OP_CALL },
	[0xe9] = { FORM_BRANCH, 4, 0, false, OP_JUMP },
	[0xeb] = { FORM_BRANCH, 1, 0, false, OP_JUMP },
	[0xff] = { FORM_INDIRECT, 0, 0, false, OP_CALL_OTHER },
};

static const struct encoding two_byte[256] = {
	[0x10] = { FORM_READS, 0, 0, false, 0 }, /* movups; its registers are not followed */
	[0x11] = { FORM_READS, 0, 0, false, 0 },
	EIGHT(0x40, { FORM_TO_REG, 0, 0, false, 0 }), /* cmov */
	EIGHT(0x48, { FORM_TO_REG, 0, 0, false, 0 }),
	CONDITIONS(0x80, 4),
	[0xaf] = { FORM_TO_REG, 0, 0, false, 0 }, /* imul */
	[0xb6] = { FORM_TO_REG, 0, 0, false, 0 }, /* movzx, movsx */
	[0xb7] = { FORM_TO_REG, 0, 0, false, 0 },
	[0xbe] = { FORM_TO_REG, 0, 0, false, 0 },
	[0xbf] = { FORM_TO_REG, 0, 0, false, 0 },
};

/* Registers by their number in the encoding. */
static const enum machine_register numbered[16] = {
	REG_AX, REG_CX, REG_DX,	 REG_BX,  REG_SP,  REG_BP,  REG_SI,  REG_DI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};
#define NUMBER_SP     4
#define NUMBER_BP     5
#define NUMBER_R14    14
#define GROUP_SUB     5
#define GROUP_CMP     7
#define SHIFT_NONE    6 /* not an instruction */
#define INDIRECT_CALL 2
#define GUARD_OFFSET  16 /* g.stackguard0 */

struct decoder {
	struct span text;
	size_t at;
	bool cut;
	uint8_t rex, opcode;
	const struct encoding *encoding;
	/* ModRM and what follows it; registers by number */
	uint8_t reg, rm;
	bool memory, pc_relative, has_base, has_index;
	uint8_t base;
	int64_t displacement, immediate;
};

static uint8_t take_byte(struct decoder *decoder)
{
	if (decoder->at >= decoder->text.length) {
		decoder->cut = true;
		return 0;
	}
	return decoder->text.data[decoder->at++];
}

/* 0, 1 or 4 bytes with a sign. */
static int64_t take_signed(struct decoder *decoder, size_t bytes)
{
	int32_t value = 0;

	if (bytes == 1)
		return (int8_t)take_byte(decoder);
	if (bytes == 4 && span_i32(decoder->text, decoder->at, &value) < 0)
		decoder->cut = true;
	decoder->at += bytes;
	return value;
}

static bool is_wide(const struct decoder *decoder)
{
	return decoder->rex & 8;
}

static bool choose_encoding(struct decoder *decoder)
{
	const struct encoding *table = one_byte;
	uint8_t byte = take_byte(decoder);

	if ((byte & 0xf0) == 0x40) {
		decoder->rex = byte;
		byte = take_byte(decoder);
	}
	if (byte == 0x0f) {
		table = two_byte;
		byte = take_byte(decoder);
	}
	decoder->opcode = byte;
	decoder->encoding = &table[byte];
	return !decoder->cut && decoder->encoding->form != FORM_NONE;
}

static void take_sib(struct decoder *decoder, uint8_t mod)
{
	uint8_t sib = take_byte(decoder);
	uint8_t index = (uint8_t)((sib >> 3 & 7) | (decoder->rex & 2) << 2);

	decoder->base = (uint8_t)((sib & 7) | (decoder->rex & 1) << 3);
	decoder->has_index = index != NUMBER_SP;
	decoder->has_base = mod != 0 || (sib & 7) != NUMBER_BP;
}

static void take_modrm(struct decoder *decoder)
{
	uint8_t modrm = take_byte(decoder), mod = modrm >> 6;
	size_t bytes = mod == 1 ? 1 : mod == 2 ? 4 : 0;

	decoder->reg = (uint8_t)((modrm >> 3 & 7) | (decoder->rex & 4) << 1);
	decoder->rm = (uint8_t)((modrm & 7) | (decoder->rex & 1) << 3);
	decoder->memory = mod != 3;
	if (!decoder->memory)
		return;
	decoder->base = decoder->rm;
	decoder->has_base = true;
	if ((modrm & 7) == NUMBER_SP) {
		take_sib(decoder, mod);
	} else if (mod == 0 && (modrm & 7) == NUMBER_BP) {
		decoder->pc_relative = true;
		decoder->has_base = false;
	}
	decoder->displacement = take_signed(decoder, decoder->has_base ? bytes : 4);
}

static bool has_modrm(enum form form)
{
	return form <= FORM_INDIRECT;
}

/* Without REX, numbers 4 to 7 are the second bytes of the first four registers. */
static bool is_second_byte(const struct decoder *decoder)
{
	return decoder->encoding->bytes && !decoder->rex &&
	       ((decoder->reg & 4) || (!decoder->memory && (decoder->rm & 4)));
}

/* The cases of a form that are not decoded here. */
static bool is_left_to_capstone(const struct decoder *decoder)
{
	switch ((enum form)decoder->encoding->form) {
	case FORM_SHIFT:
		return (decoder->reg & 7) == SHIFT_NONE;
	case FORM_MOVE_RM:
		return (decoder->reg & 7) != 0 || is_second_byte(decoder);
	case FORM_INDIRECT:
		return (decoder->reg & 7) != INDIRECT_CALL;
	case FORM_TO_LOW: /* of 64 bits the constant has as many */
		return is_wide(decoder);
	case FORM_TO_REG:
		return is_second_byte(decoder) ||
		       (decoder->encoding->meaning == MEANS_LEA && !decoder->memory);
	case FORM_READS:
	case FORM_TO_RM:
		return is_second_byte(decoder);
	default:
		return false;
	}
}

static uint8_t low_number(const struct decoder *decoder)
{
	return (uint8_t)((decoder->opcode & 7) | (decoder->rex & 1) << 3);
}

static uint32_t bit_of(uint8_t number)
{
	return 1U << numbered[number];
}

static uint32_t written_rm(const struct decoder *decoder)
{
	return decoder->memory ? 0 : bit_of(decoder->rm);
}

static uint32_t writes_of(const struct decoder *decoder)
{
	switch ((enum form)decoder->encoding->form) {
	case FORM_TO_REG:
		return bit_of(decoder->reg);
	case FORM_GROUP:
		return (decoder->reg & 7) == GROUP_CMP ? 0 : written_rm(decoder);
	case FORM_TO_RM:
	case FORM_SHIFT:
	case FORM_MOVE_RM:
		return written_rm(decoder);
	case FORM_TO_AX:
		return bit_of(0);
	case FORM_TO_LOW:
		return bit_of(low_number(decoder));
	case FORM_POP:
		return bit_of(low_number(decoder)) | bit_of(NUMBER_SP);
	case FORM_PUSH:
	case FORM_CALL:
	case FORM_INDIRECT:
	case FORM_RETURN:
		return bit_of(NUMBER_SP);
	default:
		return 0;
	}
}

/* ---- what it means ---- */

static void set_operands(const struct decoder *decoder, enum operation operation,
			 struct instruction *ret)
{
	bool to_reg = decoder->encoding->form == FORM_TO_REG;
	bool constant = decoder->encoding->immediate > 0;
	uint8_t first = to_reg ? decoder->reg : decoder->rm;
	uint8_t second = to_reg ? decoder->rm : decoder->reg;

	ret->operation = operation;
	if (to_reg || !decoder->memory)
		ret->destination = numbered[first];
	if (!constant && (!to_reg || !decoder->memory))
		ret->source = numbered[second];
}

static void mean_move(const struct decoder *decoder, struct instruction *ret)
{
	bool to_reg = decoder->encoding->form == FORM_TO_REG;

	if (decoder->pc_relative)
		set_operands(decoder, to_reg ? OP_LOAD : OP_STORE, ret);
	else if (decoder->memory || decoder->encoding->bytes)
		return;
	else if (decoder->encoding->immediate && decoder->immediate == 0)
		set_operands(decoder, OP_ZERO, ret);
	else if (!decoder->encoding->immediate && is_wide(decoder))
		set_operands(decoder, OP_MOVE, ret);
}

static void mean_lea(const struct decoder *decoder, struct instruction *ret)
{
	if (decoder->pc_relative)
		set_operands(decoder, OP_LEA, ret);
	else if (decoder->has_base && decoder->base == NUMBER_SP && !decoder->has_index)
		set_operands(decoder, OP_LEA_SP, ret);
	if (ret->operation == OP_LEA_SP || ret->operation == OP_LEA)
		ret->source = REG_NONE;
}

static void mean_compare(const struct decoder *decoder, struct instruction *ret)
{
	if (!is_wide(decoder) || !decoder->has_base || decoder->base != NUMBER_R14 ||
	    decoder->has_index || decoder->displacement != GUARD_OFFSET)
		return;
	ret->operation = OP_COMPARE_GUARD;
	ret->source = numbered[decoder->reg];
}

static void mean_xor(const struct decoder *decoder, struct instruction *ret)
{
	if (decoder->encoding->immediate == 0 && !decoder->memory && decoder->reg == decoder->rm)
		set_operands(decoder, OP_ZERO, ret);
}

static void mean_subtract(struct instruction *ret, enum machine_register from)
{
	ret->operation = OP_SUBTRACT;
	ret->destination = from;
}

static void mean_without_table(const struct decoder *decoder, struct instruction *ret)
{
	enum form form = (enum form)decoder->encoding->form;

	if (form == FORM_GROUP && (decoder->reg & 7) == GROUP_SUB && !decoder->memory)
		mean_subtract(ret, numbered[decoder->rm]);
	else if (form == FORM_PUSH && low_number(decoder) == NUMBER_BP)
		ret->operation = OP_PUSH_BP;
	else if (form == FORM_TO_LOW && decoder->immediate == 0) {
		ret->operation = OP_ZERO;
		ret->destination = numbered[low_number(decoder)];
	} else if (form == FORM_BRANCH || form == FORM_CALL) {
		ret->target = ret->address + ret->length + (uint64_t)decoder->immediate;
		if (ret->operation == OP_JUMP_IF && (decoder->opcode & 15) == BELOW_OR_EQUAL)
			ret->operation = OP_JUMP_BE;
	}
}

static void mean(const struct decoder *decoder, struct instruction *ret)
{
	switch ((enum meaning)decoder->encoding->meaning) {
	case MEANS_MOVE:
		mean_move(decoder, ret);
		break;
	case MEANS_LEA:
		mean_lea(decoder, ret);
		break;
	case MEANS_COMPARE:
		mean_compare(decoder, ret);
		break;
	case MEANS_XOR:
		mean_xor(decoder, ret);
		break;
	case MEANS_SUBTRACT:
		if (decoder->encoding->form == FORM_TO_AX)
			mean_subtract(ret, REG_AX);
		break;
	case MEANS_NOTHING:
		mean_without_table(decoder, ret);
	}
}

bool instruction_decode_common(struct span text, uint64_t address, struct instruction *ret)
{
	struct decoder decoder = { .text = text };

	if (!choose_encoding(&decoder))
		return false;
	if (has_modrm((enum form)decoder.encoding->form))
		take_modrm(&decoder);
	decoder.immediate = take_signed(&decoder, decoder.encoding->immediate);
	if (decoder.cut || decoder.at > text.length || is_left_to_capstone(&decoder))
		return false;
	*ret = (struct instruction){
		.address = address,
		.length = (uint8_t)decoder.at,
		.operation = (enum operation)decoder.encoding->operation,
		.destination = REG_NONE,
		.source = REG_NONE,
		.writes = writes_of(&decoder),
		.references = decoder.pc_relative,
	};
	if (decoder.pc_relative)
		ret->target = address + decoder.at + (uint64_t)decoder.displacement;
	mean(&decoder, ret);
	return true;
}

/* ---- the walk ---- */

static bool take_one(void *context, const struct instruction *instruction)
{
	struct instruction *one = context;

	*one = *instruction;
	return false;
}

int disassemble_quickly(struct disassembler *disassembler, struct span text, uint64_t address,
			instruction_visitor visit, void *context)
{
	while (text.length) {
		struct instruction one;

		if (!instruction_decode_common(text, address, &one)) {
			int error = disassemble(disassembler, text, address, take_one, &one);

			if (error < 0)
				return error;
		}
		if (!visit(context, &one))
			return 0;
		text = span_from(text, one.length);
		address += one.length;
	}
	return 0;
}
