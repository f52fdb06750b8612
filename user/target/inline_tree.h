/* Inlining undone: the logical frames at one pc (runtime/symtabinl.go). */
#ifndef TARGET_INLINE_TREE_H
#define TARGET_INLINE_TREE_H

#include "target/go_binary.h"
#include "target/pclntab.h"

/*
 * `funcdata`: the bytes from moduledata's gofunc. `text_offset` is inside `function`. Innermost
 * first, `entry` of the frames is `entry_address`. Returns how many were written: at least 1 when
 * max is. A damaged tree ends early, in the physical function.
 */
size_t inline_tree_frames(const struct pclntab *table, struct span funcdata, int go_minor,
			  const struct pclntab_function *function, uint64_t entry_address,
			  uint32_t text_offset, struct go_frame *frames, size_t max);

/* Whether a call of the function `name` was inlined into `function`. Every entry of its tree is
 * looked at. */
bool inline_tree_has(const struct pclntab *table, struct span funcdata, int go_minor,
		     const struct pclntab_function *function, const char *name);

#endif
