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
 * Both: `pcs` are addresses in the process, leaf first, at most LIMIT_STACK_FRAMES (more are cut
 * off). A pc outside of the executable's Go code (C, the vdso) becomes a frame named by its address
 * ("0x7f00c0de"). The bottom frame runtime.goexit is left out, as in the program's own profiles.
 * Cached: the same pcs give the same pointer, which lives as long as the symbolizer. NULL when
 * memory or a cap (LIMIT_BUCKETS stacks, LIMIT_STRINGS_BYTES) is used up. Silent.
 */

/*
 * Stack of a profiling bucket: `pcs` hold one return address per logical frame; the entry of an
 * outer frame of an inlined group is its parent's pc + 1 (runtime/traceback.go tracebackPCs).
 */
const struct stack *symbolizer_bucket_stack(struct symbolizer *symbolizer, const uint64_t *pcs,
					    size_t count);
/* Stack of physical return addresses (from a probe or a frame pointer walk), to be expanded.
 * Compiler-made method wrappers are left out, as the runtime does. */
const struct stack *symbolizer_physical_stack(struct symbolizer *symbolizer, const uint64_t *pcs,
					      size_t count);

#endif
