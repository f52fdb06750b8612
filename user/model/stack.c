/* What a heap profile leaves out of a stack. */
#include "model/stack.h"

#include <string.h>

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

bool function_is_runtime(const char *function)
{
	return starts_with(function, "runtime.") || starts_with(function, "internal/runtime/");
}

uint32_t stack_runtime_prefix(const struct stack *stack)
{
	for (uint32_t i = 0; i < stack->count; i++)
		if (!function_is_runtime(stack->frames[i].function))
			return i;
	return 0;
}
