/* Where in a Go function a probe is cheap and exact: after the stack check, before the arguments
 * move. */
#ifndef TARGET_PROLOGUE_H
#define TARGET_PROLOGUE_H

#include "probe_plan.h"
#include "target/disassembly.h"
#include "target/go_binary.h"

/*
 * Decodes the function's first instructions and finds `push %rbp` right after the stack check, else
 * the `jbe` of the check (Go 1.19). Fills instruction, address (link-time), file_offset and
 * function of `ret`. -ENOTSUP when the prologue is not one of the known forms: then there is no
 * probe. Silent.
 */
int prologue_probe_point(struct disassembler *disassembler, const struct go_binary *binary,
			 const struct go_function *function, struct probe_point *ret);

#endif
