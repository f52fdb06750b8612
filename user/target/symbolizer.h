/* From the target's return addresses to model stacks: inlining, names, file and line, interned and
 * cached. */
#ifndef TARGET_SYMBOLIZER_H
#define TARGET_SYMBOLIZER_H

#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "model/stack.h"
#include "target/go_binary.h"

struct symbolizer;

int symbolizer_new(const struct go_binary *binary, uint64_t bias, struct intern *intern,
		   struct symbolizer **ret);
void symbolizer_free(struct symbolizer *symbolizer); /* frees the stacks too */

/*
 * Stack of a profiling bucket: `pcs` hold one entry per logical frame; the entry of an outer frame
 * of an inlined group is its parent's pc + 1. NULL without memory. Cached: the same pcs give the
 * same pointer.
 */
const struct stack *symbolizer_bucket_stack(struct symbolizer *symbolizer, const uint64_t *pcs,
					    size_t count);
/* Stack of physical return addresses (from a probe), to be expanded. `leaf_is_pc`: the first is a
 * pc, not a return address. */
const struct stack *symbolizer_physical_stack(struct symbolizer *symbolizer, const uint64_t *pcs,
					      size_t count);

#endif
