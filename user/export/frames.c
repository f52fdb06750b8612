/* Which frames are shown. */
#include "export/frames.h"

#include <stddef.h>
#include <string.h>

static const struct frame lost = { .function = "(stack not known)", .file = "" };

struct frame_span frames_shown(const struct stack *stack)
{
	struct frame_span span;
	uint32_t hidden;

	if (!stack || stack->count == 0)
		return (struct frame_span){ &lost, 1 };
	hidden = stack_runtime_prefix(stack);
	span = (struct frame_span){ stack->frames + hidden, stack->count - hidden };
	if (span.count > 1 && !strcmp(span.frames[span.count - 1].function, "runtime.goexit"))
		span.count--;
	return span;
}
