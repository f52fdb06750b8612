/*
 * Constants followed through a function's registers, instruction by instruction from its entry,
 * since x86 code can only be decoded forwards. A register is known from the `lea` of an address (or
 * a zero) on, through copies, until it is written otherwise; a call makes all unknown, because Go
 * has no callee-saved registers, and so does an unconditional jump. Where a branch from before
 * lands behind the `lea`, the other way need not bring the same value: then it is unknown too.
 *
 * Jumps back from further on are not looked for. The compiler loads a descriptor a few instructions
 * before the call, and a cold path that returns into them brings the same one; so every place may
 * be decided without decoding the rest of the function.
 */
#ifndef TARGET_REGISTER_TRACE_H
#define TARGET_REGISTER_TRACE_H

#include "target/argument.h"
#include "target/disassembly.h"

struct register_value {
	struct argument value;
	uint64_t since; /* address of the instruction that made it known */
};

struct register_trace {
	uint64_t entry;
	size_t length; /* of the function's text */
	struct register_value registers[REG_NONE];
	uint8_t *targets; /* a bit per byte of the text: a branch forwards lands there */
	size_t capacity;
};

/* Begins a function: `trace` is zero before the first, and keeps its memory for the next. 0;
 * -E2BIG when the text is longer than LIMIT_FUNCTION_BYTES; -ENOMEM. Silent. */
int register_trace_begin(struct register_trace *trace, uint64_t entry, size_t length);
void register_trace_clear(struct register_trace *trace);

/* To be called for each instruction in order. */
void register_trace_follow(struct register_trace *trace, const struct instruction *instruction);

/* The value of a register when the instruction at `address` begins, all before it having been
 * followed. */
struct argument register_trace_value(const struct register_trace *trace,
				     enum machine_register which, uint64_t address);

#endif
