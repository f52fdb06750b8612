/* Which frames of a stack every format shows: those that the program's own heap profile shows. */
#ifndef EXPORT_FRAMES_H
#define EXPORT_FRAMES_H

#include "model/stack.h"

struct frame_span {
	const struct frame *frames; /* leaf first, borrowed */
	uint32_t count;		    /* at least 1 */
};

/*
 * Without the allocator's frames at the leaf and without runtime.goexit at the root; all of them
 * when nothing else is there (runtime/pprof protomem.go). One frame "(stack not known)" for a
 * stack that was lost.
 */
struct frame_span frames_shown(const struct stack *stack);

#endif
