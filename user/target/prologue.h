/* Where in a Go function a probe is cheap and exact: after the stack check, before the arguments
 * move. */
#ifndef TARGET_PROLOGUE_H
#define TARGET_PROLOGUE_H

#include "probe_plan.h"
#include "target/disassembly.h"
#include "target/go_binary.h"

struct prologue_point {
	enum probe_instruction instruction;
	uint64_t address;
};

/* The decision over a function's bytes alone. -ENOTSUP as below. Silent. */
int prologue_decode(struct disassembler *disassembler, struct span text, uint64_t entry,
		    struct prologue_point *ret);

/*
 * Decodes the function's first instructions and finds `push %rbp` right after the stack check, else
 * the `jbe` of the check (Go 1.19). Fills instruction, address (link-time), file_offset and
 * function of `ret`. -ENOTSUP when the prologue is not one of the known forms: then there is no
 * probe. Silent.
 */
int prologue_probe_point(struct disassembler *disassembler, const struct go_binary *binary,
			 const struct go_function *function, struct probe_point *ret);

#endif
