/* Addresses that the code loads behind a call. */
#ifndef TARGET_WORDS_H
#define TARGET_WORDS_H

#include "target/disassembly.h"
#include "target/go_binary.h"

/* Of the straight run of instructions from `return_address` to the next branch or call, the
 * pc-relative addresses that are loaded, in their order: link-time ones. The descriptor that a call
 * at the end of the run takes for itself is left out. Words that are not there keep their values.
 */
void words_after_call(const struct go_binary *binary, struct disassembler *disassembler,
		      uint64_t return_address, uint64_t *words, size_t max);

#endif
