/*
 * The compiler keeps, for each function with calls inlined into it, an array of those calls and a
 * pc-value table that names the innermost one at each pc. Each call says where in the same function
 * its call site is ("parent pc"): looking that pc up again gives the next frame outwards. 1.19's
 * entries also hold a parent index and the line; the parent pc says the same, so that one way
 * serves all versions.
 */
#include "target/inline_tree.h"

#include "limits.h"

struct call {
	uint32_t name, start_line;
	int32_t parent_pc;
	uint8_t function_id;
};

/* type inlinedCall: 20 bytes in 1.19, 16 since 1.20 (runtime/symtab.go, runtime/symtabinl.go). */
static int read_call(struct span tree, int go_minor, int32_t index, struct call *ret)
{
	uint64_t at = (uint64_t)(uint32_t)index * (go_minor < 20 ? 20 : 16);

	*ret = (struct call){ 0 };
	if (go_minor < 20) {
		span_u8(tree, at + 2, &ret->function_id);
		span_u32(tree, at + 12, &ret->name);
		return span_i32(tree, at + 16, &ret->parent_pc);
	}
	span_u8(tree, at, &ret->function_id);
	span_u32(tree, at + 4, &ret->name);
	span_i32(tree, at + 8, &ret->parent_pc);
	return span_u32(tree, at + 12, &ret->start_line);
}

/* internal/abi FuncIDWrapper: the last of a list that grew in 1.22 and 1.25. */
static bool is_wrapper(int go_minor, uint8_t function_id)
{
	return function_id == (go_minor < 22 ? 21 : go_minor < 25 ? 22 : 23);
}

static const char *name_or_unknown(const struct pclntab *table, uint32_t offset)
{
	const char *name = pclntab_name(table, offset);

	return name && *name ? name : "?";
}

static bool call_at(const struct pclntab *table, const struct pclntab_function *function,
		    struct span tree, int go_minor, uint32_t pc, struct call *ret)
{
	int32_t index = pclntab_value(table, function->inline_index, function->entry, pc);

	return index >= 0 && read_call(tree, go_minor, index, ret) == 0 && ret->parent_pc >= 0 &&
	       (uint32_t)ret->parent_pc < function->end - function->entry;
}

size_t inline_tree_frames(const struct pclntab *table, struct span funcdata, int go_minor,
			  const struct pclntab_function *function, uint64_t entry_address,
			  uint32_t text_offset, struct go_frame *frames, size_t max)
{
	struct call physical = { function->name, function->start_line, -1, function->function_id };
	struct span tree = { 0 };
	bool inlined = true;
	size_t count = 0;

	if (function->inline_tree != UINT32_MAX)
		tree = span_from(funcdata, function->inline_tree);
	while (inlined && count < max) {
		struct go_frame *frame = &frames[count++];
		struct call call = physical;

		inlined = count < LIMIT_INLINE_DEPTH &&
			  call_at(table, function, tree, go_minor, text_offset, &call);
		if (!inlined)
			call = physical;
		frame->function = name_or_unknown(table, call.name);
		frame->file = pclntab_line(table, function, text_offset, &frame->line);
		frame->start_line = call.start_line;
		frame->entry = entry_address;
		frame->inlined = inlined;
		frame->wrapper = is_wrapper(go_minor, call.function_id);
		text_offset = function->entry + (uint32_t)call.parent_pc;
	}
	return count;
}

bool inline_tree_has(const struct pclntab *table, struct span funcdata, int go_minor,
		     const struct pclntab_function *function, const char *name)
{
	struct span tree = span_from(funcdata, function->inline_tree);
	int32_t most;
	struct call call;

	if (function->inline_tree == UINT32_MAX)
		return false;
	most = pclntab_value_most(table, function->inline_index);
	for (int32_t i = 0; i <= most && read_call(tree, go_minor, i, &call) == 0; i++)
		if (!strcmp(name_or_unknown(table, call.name), name))
			return true;
	return false;
}
