/*
 * Where the runtime's variables are in a file without symbols. The runtime's own small functions
 * refer to them pc-relatively, and which of a function's references is which variable has hardly
 * changed over eight releases: that is GLOBAL_RULES. A rule can go wrong silently (another
 * compiler, PGO, -N), so no variable is believed on one rule alone: all that apply must agree, and
 * two must apply.
 */
#include "target/globals.h"

#include "base/cleanup.h"
#include "target/disassembly.h"

#define NO_FIELD UINT16_MAX
#define ANY	 0
#define LAST	 (-1)

struct rule {
	uint16_t global; /* offsetof(struct globals, ...) */
	uint16_t field;	 /* offsetof(struct layout, ...): the reference is to this field of it */
	const char *function;
	int index;		  /* which pc-relative data reference of the function; LAST */
	int from_minor, to_minor; /* Go versions, inclusive; ANY */
};

#define AT(member) .global = offsetof(struct globals, member), .field = NO_FIELD
#define FIELD(member, field_)                                                                      \
	.global = offsetof(struct globals, member), .field = offsetof(struct layout, field_)

/*
 * Right in every optimised build that was compared with symbols or, where stripped, with each
 * other: Go 1.19, 1.21-1.27, plain, PIE, cgo, PGO, with and without profiling code
 * (tests/unit/test_globals.c compares whatever is there). Wrong under -gcflags=-N -l, where they
 * disagree.
 */
static const struct rule GLOBAL_RULES[] = {
	{ AT(mbuckets), "runtime.mProf_FlushLocked", 0, ANY, ANY },
	{ AT(mbuckets), "runtime.stkbucket", 7, ANY, 24 },
	{ AT(mbuckets), "runtime.stkbucket", 8, 25, ANY },
	{ AT(mem_profile_rate), "runtime.allocmcache", 2, ANY, ANY },
	{ AT(mem_profile_rate), "runtime.profilealloc", 1, ANY, ANY },
	{ AT(emptymspan), "runtime.allocmcache", 1, ANY, ANY },
	{ AT(emptymspan), "runtime.(*mcache).releaseAll", 1, ANY, ANY },
	{ AT(itab_table), "runtime.itabAdd", 0, ANY, ANY },
	{ AT(itab_table), "runtime.getitab", 0, ANY, ANY },
	{ AT(allp), "runtime.gcMarkTinyAllocs", 0, ANY, ANY },
	{ AT(allp), "runtime.preemptall", 0, ANY, ANY },
	{ FIELD(memstats, memstats_buckhash_sys), "runtime.newBucket", 0, ANY, ANY },
	{ FIELD(memstats, memstats_numgc), "runtime.(*gcCPULimiterState).accumulate", 0, ANY, ANY },
	{ AT(gc_controller), "runtime.gcinit", 1, ANY, ANY },
	{ FIELD(gc_controller, gc_mapped_ready), "runtime.sysAlloc", LAST, ANY, ANY },
	{ AT(mheap), "runtime.getempty.func1", 0, ANY, ANY },
	{ FIELD(mheap, mheap_sweepgen), "runtime.(*mcentral).uncacheSpan", 0, ANY, ANY },
	{ AT(mprof_cycle), "runtime.mProf_Free", 0, ANY, ANY },
	{ AT(mprof_cycle), "runtime.mProf_Malloc", 0, ANY, 22 },
	{ AT(mprof_cycle), "runtime.mProf_Malloc", 1, 23, ANY },
	{ AT(reflect_offs), "runtime.resolveNameOff", 1, ANY, ANY },
	{ AT(reflect_offs), "runtime.resolveTypeOff", 2, ANY, ANY },
	/* the first two agree on something else under -N -l */
	{ AT(reflect_offs), "runtime.resolveTypeOff", 5, ANY, ANY },
	{ AT(gomaxprocs), "runtime.(*scavengerState).init.func4", 0, ANY, ANY },
	{ AT(gomaxprocs), "runtime.(*gcControllerState).enlistWorker", -4, ANY, ANY },
	{ AT(work), "runtime.putfull", 0, ANY, ANY },
	{ FIELD(work, work_empty), "runtime.putempty", 0, ANY, ANY },
	{ FIELD(sched, sched_lastpoll), "runtime.wakeNetPoller", 0, ANY, ANY },
	{ FIELD(sched, sched_gfree_lists), "runtime.gfget", 0, ANY, ANY },
	{ AT(allglen), "runtime.forEachGRace", 0, ANY, ANY },
	{ AT(allglen), "runtime.allgadd", -3, ANY, ANY },
	/* profstackdepth came in 1.23 */
	{ FIELD(debug, debug_profstackdepth), "runtime.mProf_Malloc", 0, 23, ANY },
	{ FIELD(debug, debug_profstackdepth), "runtime.saveblockevent", 0, 23, ANY },
};
#define RULE_COUNT (sizeof(GLOBAL_RULES) / sizeof(*GLOBAL_RULES))

static const struct {
	uint16_t global;
	const char *symbol;
} names[] = {
#define GLOBAL_NAME(member, symbol) { offsetof(struct globals, member), symbol },
	GLOBALS(GLOBAL_NAME)
#undef GLOBAL_NAME
};

static uint64_t *member_of(struct globals *globals, uint16_t global)
{
	return (uint64_t *)((char *)globals + global);
}

/* ---- the k-th reference of a function ---- */

#define REFERENCES_KEPT 16 /* at either end: the rules ask for less */

struct references {
	uint64_t first[REFERENCES_KEPT], last[REFERENCES_KEPT];
	size_t count;
};

static bool visit_reference(void *context, const struct instruction *instruction)
{
	struct references *references = context;

	if (!instruction->references)
		return true;
	if (references->count < REFERENCES_KEPT)
		references->first[references->count] = instruction->target;
	references->last[references->count % REFERENCES_KEPT] = instruction->target;
	references->count++;
	return true;
}

/* 0 when there is no such reference. */
static uint64_t reference_at(const struct references *references, int index)
{
	size_t place = index < 0 ? references->count - (size_t)-index : (size_t)index;

	if (place >= references->count)
		return 0;
	return index < 0 ? references->last[place % REFERENCES_KEPT] : references->first[place];
}

/* Go's linker begins with .noptrdata, an external one (cgo) with .data. */
static bool is_variable(const struct go_module *module, uint64_t address)
{
	uint64_t begin = module->data < module->noptrdata ? module->data : module->noptrdata;

	return address >= begin && address < module->end;
}

/* The variable's address as the rule has it; 0 when it has none. */
static uint64_t rule_apply(const struct rule *rule, const struct go_binary *binary,
			   const struct go_function *function, int32_t field_offset,
			   struct disassembler *disassembler)
{
	struct references references = { .count = 0 };
	uint64_t address;

	if (disassemble(disassembler, go_binary_text(binary, function), function->entry,
			visit_reference, &references) < 0)
		return 0;
	address = reference_at(&references, rule->index) - (uint64_t)field_offset;
	return is_variable(go_binary_module(binary), address) ? address : 0;
}

static int32_t rule_field_offset(const struct rule *rule, const struct layout *layout)
{
	int32_t offset = 0;

	if (rule->field != NO_FIELD)
		memcpy(&offset, (const char *)layout + rule->field, sizeof(offset));
	return offset;
}

static bool rule_is_for(const struct rule *rule, int minor)
{
	return (rule->from_minor == ANY || minor >= rule->from_minor) &&
	       (rule->to_minor == ANY || minor <= rule->to_minor);
}

/* ---- what the rules of a variable say together ---- */

struct verdict {
	uint64_t address;
	unsigned int rules; /* that were asked */
	bool disputed;	    /* one gave another address, or none though its function is there */
};

static void verdict_add(struct verdict *verdict, uint64_t address)
{
	verdict->disputed |= !address || (verdict->rules && verdict->address != address);
	verdict->address = address;
	verdict->rules++;
}

static uint64_t verdict_address(const struct verdict *verdict)
{
	return verdict->rules >= 2 && !verdict->disputed ? verdict->address : 0;
}

/* Each function once, however many rules name it. */
struct rule_functions {
	size_t count;
	const char *names[RULE_COUNT];
	struct go_function found[RULE_COUNT];
};

static size_t function_index(const struct rule_functions *functions, const char *name)
{
	size_t i = 0;

	while (i < functions->count && strcmp(functions->names[i], name))
		i++;
	return i;
}

static void find_functions(const struct go_binary *binary, struct rule_functions *ret)
{
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const char *name = GLOBAL_RULES[i].function;

		if (function_index(ret, name) == ret->count)
			ret->names[ret->count++] = name;
	}
	go_binary_find_functions(binary, ret->names, ret->count, ret->found);
}

static uint64_t find_by_rules(uint16_t global, const struct rule_functions *functions,
			      const struct go_binary *binary, const struct layout *layout,
			      struct disassembler *disassembler)
{
	struct verdict verdict = { 0 };

	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct rule *rule = &GLOBAL_RULES[i];
		int32_t offset = rule_field_offset(rule, layout);
		const struct go_function *function;

		if (rule->global != global || !rule_is_for(rule, go_binary_version(binary)->minor))
			continue;
		function = &functions->found[function_index(functions, rule->function)];
		if (function->name && offset != LAYOUT_ABSENT)
			verdict_add(&verdict,
				    rule_apply(rule, binary, function, offset, disassembler));
	}
	return verdict_address(&verdict);
}

int globals_find(const struct go_binary *binary, const struct layout *layout,
		 struct disassembler *disassembler, int by_rules_only, struct globals *ret)
{
	AUTO_FREE struct rule_functions *functions = calloc(1, sizeof(*functions));
	struct globals globals = { 0 };

	if (!functions)
		return -ENOMEM;
	find_functions(binary, functions);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		uint64_t *member = member_of(&globals, names[i].global), bytes;

		if (!by_rules_only &&
		    !elf_image_symbol(go_binary_image(binary), names[i].symbol, member, &bytes))
			continue;
		*member = find_by_rules(names[i].global, functions, binary, layout, disassembler);
	}
	*ret = globals;
	return 0;
}
