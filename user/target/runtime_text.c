/*
 * The linker lays the packages one after the other, those of the runtime first, and into them some
 * that they need, and those functions that other packages have linknamed (reflect.unsafe_New). So
 * the runtime is some hundred runs of functions in one stretch at the beginning of the text, and
 * maybe a few stragglers: generic functions of the runtime are instantiated by the package that
 * uses them, and profile-guided layout moves hot ones.
 *
 * A walk to the call site that goes on too long is harmless, one that ends too early is not. So the
 * ranges that are nearest to each other are joined until few enough are left.
 */
#include "target/runtime_text.h"

#include "model/stack.h"

struct ranges {
	size_t count;
	struct text_range items[LIMIT_RUNTIME_RANGES + 1]; /* in the order of addresses */
};

static void join_nearest(struct ranges *ranges)
{
	size_t nearest = 0;

	for (size_t i = 1; i + 1 < ranges->count; i++)
		if (ranges->items[i + 1].start - ranges->items[i].end <
		    ranges->items[nearest + 1].start - ranges->items[nearest].end)
			nearest = i;
	ranges->items[nearest].end = ranges->items[nearest + 1].end;
	ranges->count--;
	for (size_t i = nearest + 1; i < ranges->count; i++)
		ranges->items[i] = ranges->items[i + 1];
}

/* The end of a damaged table says nothing. */
static void add(struct ranges *ranges, const struct go_function *function)
{
	if (function->end <= function->entry)
		return;
	if (ranges->count && ranges->items[ranges->count - 1].end >= function->entry) {
		ranges->items[ranges->count - 1].end = function->end;
		return;
	}
	ranges->items[ranges->count++] = (struct text_range){ function->entry, function->end };
	if (ranges->count > LIMIT_RUNTIME_RANGES)
		join_nearest(ranges);
}

void runtime_text_find(const struct go_binary *binary, struct text_range ret[LIMIT_RUNTIME_RANGES])
{
	size_t count = go_binary_function_count(binary);
	struct ranges ranges = { 0 };
	struct go_function function;

	for (size_t i = 0; i < count; i++)
		if (go_binary_function(binary, i, &function) == 0 &&
		    function_is_runtime(function.name))
			add(&ranges, &function);
	for (size_t i = 0; i < LIMIT_RUNTIME_RANGES; i++)
		ret[i] = i < ranges.count ? ranges.items[i] : (struct text_range){ 0 };
}
