/* Call stacks as everything above `target` sees them: names resolved, inlining expanded. */
#ifndef MODEL_STACK_H
#define MODEL_STACK_H

#include <stdbool.h>
#include <stdint.h>

/* One logical frame. The strings are interned and live as long as the observation. */
struct frame {
	const char *function; /* as the toolchain wrote it:
				 "main.(*Cache[go.shape.string,int]).Store"; never NULL */
	const char *file;     /* "" when not known */
	uint32_t line;	      /* of the call (or allocation); 0 when not known */
	uint32_t start_line;  /* of the function; 0 when not known (Go 1.19) */
	uint64_t address; /* physical pc in the target, same for all frames inlined at one place */
	bool inlined;	  /* inlined into the next frame of the stack */
	uint64_t entry;	  /* of the physical function; 0 when not known */
};

/* Leaf first. Immutable, shared. */
struct stack {
	uint32_t count;
	struct frame frames[];
};

/* "runtime.", "internal/runtime/": what the program's own heap profile hides. */
bool function_is_runtime(const char *function);

/* The number of leading frames that belong to the runtime; 0 when every frame does, as
 * runtime/pprof shows those whole. */
uint32_t stack_runtime_prefix(const struct stack *stack);

#endif
