/* Where calls of a function without a stack check can be counted: small leaves, which is what the
 * methods of caches often are. */
#ifndef TARGET_LEAF_POINT_H
#define TARGET_LEAF_POINT_H

#include "target/disassembly.h"

/*
 * The address of the first instruction of the entry block that the kernel emulates (push %rbp, a
 * jump, a one-byte nop) and that every call runs exactly once: no branch of the function leads into
 * the block. Arguments may have moved by then, and the flags say nothing. -ENOTSUP when there is
 * none, or when the function has jumps whose targets are not known. Silent.
 */
int leaf_point(struct disassembler *disassembler, struct span text, uint64_t entry,
	       uint64_t *ret_address);

#endif
