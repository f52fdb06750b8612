/* The registers' values, and a map of where branches land. */
#include "target/register_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"

int register_trace_begin(struct register_trace *trace, uint64_t entry, size_t length)
{
	size_t bytes = length / 8 + 1;
	int error;

	if (length > LIMIT_FUNCTION_BYTES)
		return -E2BIG;
	error = vec_reserve((void **)&trace->targets, &trace->capacity, bytes, 1,
			    LIMIT_FUNCTION_BYTES);
	if (error < 0)
		return error;
	trace->entry = entry;
	trace->length = length;
	memset(trace->registers, 0, sizeof(trace->registers));
	memset(trace->targets, 0, bytes);
	return 0;
}

void register_trace_clear(struct register_trace *trace)
{
	free(trace->targets);
	*trace = (struct register_trace){ 0 };
}

static void forget_all(struct register_trace *trace)
{
	memset(trace->registers, 0, sizeof(trace->registers));
}

static struct register_value value_made(const struct register_trace *trace,
					const struct instruction *instruction)
{
	struct register_value made = { .since = instruction->address };

	switch (instruction->operation) {
	case OP_LEA:
		made.value = (struct argument){ ARGUMENT_ADDRESS, instruction->target };
		break;
	case OP_ZERO:
		made.value.kind = ARGUMENT_ZERO;
		break;
	case OP_MOVE:
		if (instruction->source != REG_NONE)
			made = trace->registers[instruction->source];
		break;
	default:
		break;
	}
	return made;
}

static void follow_writes(struct register_trace *trace, const struct instruction *instruction)
{
	struct register_value made = value_made(trace, instruction);

	for (unsigned int i = 0; i < REG_NONE; i++)
		if (instruction->writes & (1U << i))
			trace->registers[i] = (struct register_value){ 0 };
	if (instruction->destination != REG_NONE)
		trace->registers[instruction->destination] = made;
}

static void note_target(struct register_trace *trace, const struct instruction *instruction)
{
	uint64_t offset = instruction->target - trace->entry;

	if (instruction->target > instruction->address && offset < trace->length)
		trace->targets[offset / 8] |= (uint8_t)(1U << offset % 8);
}

void register_trace_follow(struct register_trace *trace, const struct instruction *instruction)
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

static bool is_bypassed(const struct register_trace *trace, uint64_t since, uint64_t address)
{
	for (uint64_t at = since + 1 - trace->entry; at <= address - trace->entry; at++)
		if (trace->targets[at / 8] & (1U << at % 8))
			return true;
	return false;
}

struct argument register_trace_value(const struct register_trace *trace,
				     enum machine_register which, uint64_t address)
{
	const struct register_value *known = &trace->registers[which];

	if (known->value.kind == ARGUMENT_UNKNOWN || is_bypassed(trace, known->since, address))
		return (struct argument){ ARGUMENT_UNKNOWN, 0 };
	return known->value;
}
