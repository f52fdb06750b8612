/*
 * Follows constants through a function's registers in one pass from its entry, since x86 code can
 * only be decoded forwards. A register is known from the `lea` of an address (or a zero) on,
 * through copies, until it is written otherwise; a call makes all unknown, because Go has no
 * callee-saved registers, and so does an unconditional jump. Where a branch from before lands
 * between the `lea` and the call, the other way need not bring the same value: then it is unknown
 * too.
 *
 * Jumps back from behind the call are not looked for. The compiler loads a descriptor a few
 * instructions before the call, and a cold path that returns into them brings the same one; so
 * every site may be decided without decoding the rest of the function.
 */
#include "target/argument.h"

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

struct known {
	struct argument value;
	uint64_t since; /* address of the instruction that made it known */
};

struct trace {
	uint64_t return_address, call;
	bool found; /* the call, at `call` */
	struct known registers[REG_NONE];
	struct {
		uint64_t *items;
		size_t count, capacity;
	} targets; /* of branches forwards, not beyond the call */
	int error;
};

static void forget_all(struct trace *trace)
{
	memset(trace->registers, 0, sizeof(trace->registers));
}

static struct known value_made(const struct trace *trace, const struct instruction *instruction)
{
	struct known known = { .since = instruction->address };

	switch (instruction->operation) {
	case OP_LEA:
		known.value = (struct argument){ ARGUMENT_ADDRESS, instruction->target };
		break;
	case OP_ZERO:
		known.value.kind = ARGUMENT_ZERO;
		break;
	case OP_MOVE:
		if (instruction->source != REG_NONE)
			known = trace->registers[instruction->source];
		break;
	default:
		break;
	}
	return known;
}

static void follow_writes(struct trace *trace, const struct instruction *instruction)
{
	struct known made = value_made(trace, instruction);

	for (unsigned int i = 0; i < REG_NONE; i++)
		if (instruction->writes & (1U << i))
			trace->registers[i] = (struct known){ 0 };
	if (instruction->destination != REG_NONE)
		trace->registers[instruction->destination] = made;
}

static void note_target(struct trace *trace, const struct instruction *instruction)
{
	uint64_t target = instruction->target;

	if (target <= instruction->address || target >= trace->return_address)
		return;
	trace->error =
		VEC_RESERVE(&trace->targets, trace->targets.count + 1, LIMIT_FUNCTION_BYTES / 2);
	if (trace->error == 0)
		trace->targets.items[trace->targets.count++] = target;
}

static void follow(struct trace *trace, const struct instruction *instruction)
{
	switch (instruction->operation) {
	case OP_CALL:
	case OP_CALL_OTHER:
	case OP_RETURN:
	case OP_JUMP_OTHER:
		forget_all(trace);
		break;
	case OP_JUMP:
		forget_all(trace);
		note_target(trace, instruction);
		break;
	case OP_JUMP_BE:
	case OP_JUMP_IF:
		note_target(trace, instruction);
		break;
	default:
		follow_writes(trace, instruction);
	}
}

static bool visit(void *context, const struct instruction *instruction)
{
	struct trace *trace = context;
	uint64_t end = instruction->address + instruction->length;

	if (end >= trace->return_address) {
		trace->call = instruction->address;
		trace->found =
			end == trace->return_address && (instruction->operation == OP_CALL ||
							 instruction->operation == OP_CALL_OTHER);
		return false;
	}
	follow(trace, instruction);
	return trace->error == 0;
}

static bool is_bypassed(const struct trace *trace, uint64_t since)
{
	for (size_t i = 0; i < trace->targets.count; i++)
		if (trace->targets.items[i] > since && trace->targets.items[i] <= trace->call)
			return true;
	return false;
}

int argument_of_call(struct disassembler *disassembler, struct span text, uint64_t entry,
		     uint64_t return_address, enum machine_register which, struct argument *ret)
{
	struct trace trace = { .return_address = return_address };
	AUTO_FREE uint64_t *targets = NULL;
	const struct known *known = &trace.registers[which];

	if (text.length > LIMIT_FUNCTION_BYTES)
		return -E2BIG;
	disassemble(disassembler, text, entry, visit, &trace);
	targets = trace.targets.items;
	if (trace.error < 0)
		return trace.error;
	if (!trace.found)
		return -ENOENT;
	*ret = is_bypassed(&trace, known->since) ? (struct argument){ ARGUMENT_UNKNOWN, 0 }
						 : known->value;
	return 0;
}
