/* One walk over the function: the first emulated instruction, and the lowest place that anything
 * jumps to. */
#include "target/leaf_point.h"

struct walk {
	struct span text;
	uint64_t entry;
	uint64_t point;		/* 0: not found */
	bool left;		/* the entry block has ended */
	bool unknown;		/* jumps that lead anywhere */
	uint64_t lowest_target; /* of the function's jumps into itself */
};

static uint8_t byte_at(const struct walk *walk, uint64_t address, uint64_t index)
{
	uint8_t byte = 0;

	span_u8(walk->text, address - walk->entry + index, &byte);
	return byte;
}

/* arch/x86/kernel/uprobes.c branch_setup_xol_ops and push_setup_xol_ops, without prefixes. */
static bool is_emulated(const struct walk *walk, const struct instruction *instruction)
{
	uint8_t first = byte_at(walk, instruction->address, 0);

	if (first == 0x0f)
		return (byte_at(walk, instruction->address, 1) & 0xf0) == 0x80;
	return first == 0x55 || first == 0x90 || first == 0xeb || first == 0xe9 ||
	       (first & 0xf0) == 0x70;
}

static bool is_jump(const struct instruction *instruction)
{
	return instruction->operation == OP_JUMP || instruction->operation == OP_JUMP_IF ||
	       instruction->operation == OP_JUMP_BE;
}

static bool ends_block(const struct instruction *instruction)
{
	return is_jump(instruction) || instruction->operation == OP_JUMP_OTHER ||
	       instruction->operation == OP_RETURN || instruction->operation == OP_CALL ||
	       instruction->operation == OP_CALL_OTHER;
}

static bool visit(void *context, const struct instruction *instruction)
{
	struct walk *walk = context;

	if (!walk->point && !walk->left && is_emulated(walk, instruction))
		walk->point = instruction->address;
	walk->left |= ends_block(instruction);
	if (instruction->operation == OP_JUMP_OTHER)
		walk->unknown = true;
	if (is_jump(instruction) && instruction->target >= walk->entry &&
	    instruction->target < walk->lowest_target)
		walk->lowest_target = instruction->target;
	return true;
}

/* Behind its end a function is filled up with int3, which decodes. */
int leaf_point(struct disassembler *disassembler, struct span text, uint64_t entry,
	       uint64_t *ret_address)
{
	struct walk walk = { .text = text, .entry = entry, .lowest_target = UINT64_MAX };

	if (disassemble(disassembler, text, entry, visit, &walk) < 0 || walk.unknown ||
	    !walk.point || walk.lowest_target <= walk.point)
		return -ENOTSUP;
	*ret_address = walk.point;
	return 0;
}
