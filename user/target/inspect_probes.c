/*
 * What heaptap could see of a process that runs this executable: the functions that its probes go
 * to, each decoded as for a real probe, and the runtime's variables that it reads.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/diag.h"
#include "target/allocators.h"
#include "target/globals.h"
#include "target/inspect_internal.h"
#include "target/layout.h"
#include "target/probe_functions.h"
#include "target/prologue.h"

static const char *hex(struct inspector *inspector, uint64_t address)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, address);
	return intern_string(inspector->intern, text);
}

/* ---- probe points ---- */

static const struct inspection_shape probes_shape = {
	.key = "probes",
	.title = "probe points",
	.name = "function",
	.unsorted = true,
	.columns = { { "instruction", "instruction", INSPECTION_TEXT, false, false },
		     { "group", "group", INSPECTION_TEXT, false, false },
		     { "address", "address", INSPECTION_TEXT, false, false } },
};

static const char *const instruction_names[] = {
	[PROBE_AT_PUSH] = "push %rbp",
	[PROBE_AT_BRANCH] = "jbe",
};

static int add_point(struct inspector *inspector, struct inspection_section *section,
		     const char *group, const char *name, const struct go_function *function)
{
	struct probe_point point = { 0 };
	struct inspection_row row = {
		.name = name,
		.values = { inspection_text("(not linked)"), inspection_text(group),
			    inspection_text("") },
	};

	if (function->name && prologue_probe_point(inspector->disassembler, inspector->binary,
						   function, &point) == 0) {
		row.values[0] = inspection_text(instruction_names[point.instruction]);
		row.values[2] = inspection_text(hex(inspector, point.address));
	} else if (function->name) {
		row.values[0] = inspection_text("(not as the Go compiler begins a function)");
	}
	return inspection_add(section, &row);
}

static int add_functions(struct inspector *inspector, struct inspection_section *section,
			 const char *group, const char *const *names, size_t count)
{
	struct go_function found[PROBE_FUNCTIONS_MAX];
	int error = 0;

	go_binary_find_functions(inspector->binary, names, count, found);
	for (size_t i = 0; error == 0 && i < count; i++)
		error = add_point(inspector, section, group, names[i], &found[i]);
	return error;
}

static int add_group(struct inspector *inspector, struct inspection_section *section,
		     const char *group, size_t (*names_of)(int go_minor, const char **ret))
{
	const char *names[PROBE_FUNCTIONS_MAX];
	size_t count = names_of(go_binary_version(inspector->binary)->minor, names);

	return add_functions(inspector, section, group, names, count);
}

static int add_caches(struct inspector *inspector, struct inspection_section *section)
{
	const char *names[PROBE_FUNCTIONS_MAX];
	size_t count = probe_functions_caches(inspector->binary, names);

	return add_functions(inspector, section, "cache", names, count);
}

static int add_allocators(struct inspector *inspector, struct inspection_section *section)
{
	struct allocators allocators;
	int error = allocators_find(inspector->binary, &allocators);

	if (error < 0)
		inspection_note(section, "the size-specialised allocators are not those of a known "
					 "Go version: no exact probes");
	error = add_point(inspector, section, "exact", "runtime.mallocgc", &allocators.general);
	for (size_t i = 0; error == 0 && i < allocators.sized_count; i++)
		error = add_point(inspector, section, "exact", allocators.sized[i].name,
				  &allocators.sized[i]);
	return error;
}

static int read_probes(struct inspector *inspector, struct inspection_section *section)
{
	int error = add_group(inspector, section, "sampler", probe_functions_sampler);

	if (error == 0)
		error = add_group(inspector, section, "gc", probe_functions_gc);
	if (error == 0)
		error = add_group(inspector, section, "types", probe_functions_types);
	if (error == 0)
		error = add_caches(inspector, section);
	if (error == 0)
		error = add_allocators(inspector, section);
	inspection_note(section,
			"both instructions are emulated by the kernel: a hit is one trap; cache: "
			"those of sync.Pool and sync.Map, beside what --cache names");
	return error;
}

const struct inspect_reader inspect_probes = { &probes_shape, true, read_probes };

/* ---- the runtime's variables ---- */

static const struct inspection_shape globals_shape = {
	.key = "globals",
	.title = "variables of the runtime",
	.name = "variable",
	.unsorted = true,
	.columns = { { "address", "address", INSPECTION_TEXT, false, false } },
};

/* 0, -ENOTSUP when the layout is not known, -ENOMEM. */
static int find_globals(struct inspector *inspector, struct layout *layout, struct globals *ret,
			char *why, size_t size)
{
	int error;

	diag_capture(why, size);
	error = layout_for(inspector->binary, layout);
	diag_release();
	return error < 0 ? error
			 : globals_find(inspector->binary, layout, inspector->disassembler, 0, ret);
}

static int read_globals(struct inspector *inspector, struct inspection_section *section)
{
	struct globals globals = { 0 };
	struct layout layout;
	char why[256] = "";
	int error = find_globals(inspector, &layout, &globals, why, sizeof(why));

	if (error < 0) {
		inspection_note(section, "%s", why);
		return error;
	}
#define ADD_GLOBAL(member, symbol)                                                                 \
	if (error == 0)                                                                            \
		error = inspect_fact(section, symbol,                                              \
				     inspection_text(globals.member                                \
							     ? hex(inspector, globals.member)      \
							     : "(not found)"));
	GLOBALS(ADD_GLOBAL)
#undef ADD_GLOBAL
	inspection_note(section,
			inspector->has_symbols
				? "by symbol"
				: "by two rules each that agree (the file has no symbols)");
	inspection_note(section, "offsets in them from %s", layout.source);
	return error;
}

const struct inspect_reader inspect_globals = { &globals_shape, true, read_globals };
