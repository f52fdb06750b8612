/* Told from the leaf of a stack: the allocator's own frames, then the function that boxes. */
#include "model/boxing.h"

#include <string.h>

/* runtime/iface.go; reflectcall's and the race detector's variants box nothing themselves. */
static const char *const runtime_functions[] = { "runtime.convT",     "runtime.convTnoptr",
						 "runtime.convT16",   "runtime.convT32",
						 "runtime.convT64",   "runtime.convTstring",
						 "runtime.convTslice" };

bool boxing_function(const char *function)
{
	for (size_t i = 0; i < sizeof(runtime_functions) / sizeof(*runtime_functions); i++)
		if (!strcmp(function, runtime_functions[i]))
			return true;
	return false;
}

static bool is_allocator(const char *function)
{
	return !strncmp(function, "runtime.mallocgc", strlen("runtime.mallocgc"));
}

/* reflect's way: packEface (in Value.Interface) copies what is addressable into an object of
 * unsafe_New's, which the compiler may have inlined. */
static bool reflection_boxes(const struct stack *stack, uint32_t at)
{
	if (at < stack->count && !strcmp(stack->frames[at].function, "reflect.unsafe_New"))
		at++;
	return at < stack->count && !strcmp(stack->frames[at].function, "reflect.packEface");
}

bool boxing_stack(const struct stack *stack)
{
	uint32_t at = 0;

	if (!stack)
		return false;
	while (at < stack->count && is_allocator(stack->frames[at].function))
		at++;
	if (at < stack->count && boxing_function(stack->frames[at].function))
		return true;
	return reflection_boxes(stack, at);
}

struct boxing_shares boxing_shares_of(const struct snapshot *snapshot)
{
	struct amount boxed = { 0 }, all = { 0 };

	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];

		amount_add(&all, &record->begun);
		if (boxing_stack(record->stack))
			amount_add(&boxed, &record->begun);
	}
	return (struct boxing_shares){ share_of_bytes(&boxed, &all),
				       share_of_objects(&boxed, &all) };
}
