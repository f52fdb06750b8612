/* The only user of Zydis: a function's text as decoded amd64 instructions, reduced to what
 * heaptap asks of them. */
#ifndef TARGET_DISASSEMBLY_H
#define TARGET_DISASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Go's integer argument registers in ABIInternal order (cmd/compile/abi-internal.md), then the
 * others that matter. */
enum machine_register {
	REG_AX,
	REG_BX,
	REG_CX,
	REG_DI,
	REG_SI,
	REG_R8,
	REG_R9,
	REG_R10,
	REG_R11,
	REG_DX,
	REG_R12,
	REG_R13,
	REG_R14,
	REG_R15,
	REG_SP,
	REG_BP,
	REG_NONE,
};

enum operation {
	OP_OTHER,
	OP_PUSH_BP,	  /* push %rbp */
	OP_JUMP_BE,	  /* jbe, target in `target` */
	OP_COMPARE_GUARD, /* cmp of register `source` with memory at [r14+16], the stack check (g is
			     in r14, g.stackguard0 at 16: runtime/runtime2.go) */
	OP_LEA_SP,	  /* lea of %rsp plus a constant into `destination` */
	OP_SUBTRACT,	  /* sub of a constant from `destination` */
	OP_LEA,	  /* lea of a pc-relative address into `destination`: `target` is the address */
	OP_LOAD,  /* mov from pc-relative memory into `destination`: `target` is the address */
	OP_STORE, /* to pc-relative memory: `target` is the address */
	OP_MOVE,  /* mov register to register (64 bits): `source` to `destination` */
	OP_ZERO,  /* `destination` becomes 0: xor with itself, mov of 0 */
	OP_CALL,  /* direct call, `target` */
	OP_CALL_OTHER, /* indirect call */
	OP_RETURN,
	OP_JUMP,       /* unconditional direct jump, `target` */
	OP_JUMP_OTHER, /* unconditional indirect jump */
	OP_JUMP_IF,    /* other conditional jump */
};

struct instruction {
	uint64_t address;
	uint8_t length;
	enum operation operation;
	enum machine_register destination; /* where the operation names one; REG_NONE otherwise */
	enum machine_register source;
	uint32_t writes; /* every register that is changed, also in part or implicitly: 1 << REG_x.
			    Calls change all in Go, which is not listed */
	uint64_t target; /* pc-relative data address or branch target; 0 when none */
	bool references; /* has a pc-relative data operand (rip-relative): `target` is its address,
			    whatever the operation */
};

struct disassembler;
int disassembler_new(struct disassembler **ret); /* reported */
void disassembler_free(struct disassembler *disassembler);

/* Called for each instruction in order; return false to stop. */
typedef bool (*instruction_visitor)(void *context, const struct instruction *instruction);

/* Decodes `text` at `address`. 0 when the end was reached or the visitor stopped, -EILSEQ at bytes
 * that do not decode. Silent. */
int disassemble(struct disassembler *disassembler, struct span text, uint64_t address,
		instruction_visitor visit, void *context);

#endif
