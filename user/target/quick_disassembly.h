/*
 * The same as disassemble(), for walks over all of an executable's code: the instructions that Go's
 * compiler writes most are decoded here, the rest by capstone, which writes each one's assembly
 * down as a text whether one wants it or not. Probes do not go by this.
 */
#ifndef TARGET_QUICK_DISASSEMBLY_H
#define TARGET_QUICK_DISASSEMBLY_H

#include "target/disassembly.h"

/* As disassemble(). */
int disassemble_quickly(struct disassembler *disassembler, struct span text, uint64_t address,
			instruction_visitor visit, void *context);

/* The instruction at the beginning of `text`; false when it is none of the common ones, or cut. */
bool instruction_decode_common(struct span text, uint64_t address, struct instruction *ret);

#endif
