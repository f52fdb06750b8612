/* What a call's argument register holds, when the code says it as a constant. */
#ifndef TARGET_ARGUMENT_H
#define TARGET_ARGUMENT_H

#include "base/span.h"
#include "target/disassembly.h"

enum argument_kind {
	ARGUMENT_UNKNOWN, /* loaded from memory, computed, or different by the way taken */
	ARGUMENT_ADDRESS, /* the link-time address below */
	ARGUMENT_ZERO,
};

struct argument {
	enum argument_kind kind;
	uint64_t address;
};

/*
 * Decodes a function's text, which begins at `entry`, up to the call that ends at
 * `return_address`, and tells the value of register `which` there. 0; -ENOENT when no call ends
 * there or the text before does not decode; -E2BIG when the function is longer than
 * LIMIT_FUNCTION_BYTES; -ENOMEM. Silent.
 */
int argument_of_call(struct disassembler *disassembler, struct span text, uint64_t entry,
		     uint64_t return_address, enum machine_register which, struct argument *ret);

#endif
