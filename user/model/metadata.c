/* The registry of functions that work with types, and the sum over the records that they are in. */
#include "model/metadata.h"

#include <math.h>
#include <string.h>

/* Read in Go 1.19-1.27: runtime/iface.go, type.go, runtime1.go, cmd/compile's walk/convert.go. */
const struct metadata_rule metadata_rules[] = {
	{ "reflect.", "reflection: values, types and calls that are made at run time" },
	{ "internal/reflectlite.", "the standard library's own small reflection" },
	{ "internal/abi.", "type descriptors and names" },
	{ "runtime.convT", "boxing: a value is copied to be put into an interface" },
	{ "runtime.convI2I", "an interface becomes another one (up to Go 1.21)" },
	{ "runtime.getitab", "a pair of interface and type is looked up" },
	{ "runtime.itab", "the itab table grows (itabAdd, itabInit, itabTableType)" },
	{ "runtime.(*itab", "the same, as methods" },
	{ "runtime.additab", "the same, of modules that are loaded" },
	{ "runtime.typeAssert", "the cache of type assertions (1.22)" },
	{ "runtime.assertE2I", "a type assertion to an interface" },
	{ "runtime.interfaceSwitch", "the cache of type switches (1.22)" },
	{ "runtime.buildTypeAssertCache", "a larger cache of type assertions" },
	{ "runtime.buildInterfaceSwitchCache", "a larger cache of type switches" },
	{ "runtime.reflect", "what reflection calls in the runtime" },
	{ "runtime.addReflectOff", "a name or type that reflection registers" },
	{ "runtime.resolveTypeOff", "types by their offset" },
	{ "runtime.resolveNameOff", "names by their offset" },
	{ "runtime.getGCMask", "pointer masks of types, built when first needed (1.24)" },
	{ "runtime.buildGCMask", "the same" },
	{ NULL, NULL },
};

static bool begins_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static bool is_runtime(const char *function)
{
	return begins_with(function, "runtime.") || begins_with(function, "internal/runtime/");
}

const struct metadata_rule *metadata_rule_of(const char *function)
{
	for (const struct metadata_rule *rule = metadata_rules; rule->prefix; rule++)
		if (begins_with(function, rule->prefix))
			return rule;
	return NULL;
}

bool metadata_has(const struct stack *stack)
{
	for (uint32_t i = 0; stack && i < stack->count; i++) {
		if (metadata_rule_of(stack->frames[i].function))
			return true;
		if (!is_runtime(stack->frames[i].function))
			return false;
	}
	return false;
}

const struct frame *metadata_cause(const struct stack *stack)
{
	for (uint32_t i = 0; stack && i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];

		if (!is_runtime(frame->function) && !metadata_rule_of(frame->function))
			return frame;
	}
	return NULL;
}

void metadata_fill(struct snapshot *snapshot)
{
	struct type_group *group = &snapshot->type_group;
	struct amount part = { 0 }, whole = { 0 };

	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];

		amount_add(&whole, &record->begun);
		if (metadata_has(record->stack))
			amount_add(&part, &record->begun);
	}
	group->metadata_bytes = share_of_bytes(&part, &whole);
	group->metadata_objects = share_of_objects(&part, &whole);
	snapshot->types.metadata_share = group->metadata_bytes.value;
}
