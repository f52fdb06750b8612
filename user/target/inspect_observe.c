/* What that comes to: which of heaptap's collectors can work on a process of this executable. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "target/allocators.h"
#include "target/inspect_internal.h"
#include "target/probe_functions.h"
#include "target/prologue.h"

#define FRAME_BYTES_SEEN 64 /* of a function: the stack check and what follows it */

static const struct inspection_shape observe_shape = {
	.key = "observe",
	.title = "what heaptap can observe",
	.name = "fact",
	.facts = true,
	.unsorted = true,
	.columns = { { "value", "value", INSPECTION_TEXT, false, false } },
};

static size_t count_probeable(struct inspector *inspector, const struct go_function *functions,
			      size_t count)
{
	size_t good = 0;

	for (size_t i = 0; i < count; i++) {
		struct probe_point point;

		good += functions[i].name &&
			prologue_probe_point(inspector->disassembler, inspector->binary,
					     &functions[i], &point) == 0;
	}
	return good;
}

static const char *count_of(struct inspector *inspector, const char *word, size_t good,
			    size_t count)
{
	char text[96];

	snprintf(text, sizeof(text), "%s (%zu of %zu functions can be probed)",
		 good == count && count ? word : "no", good, count);
	return intern_string(inspector->intern, text);
}

static const char *group_state(struct inspector *inspector,
			       size_t (*names_of)(int go_minor, const char **ret))
{
	const char *names[PROBE_FUNCTIONS_MAX];
	struct go_function found[PROBE_FUNCTIONS_MAX];
	size_t count = names_of(go_binary_version(inspector->binary)->minor, names);

	go_binary_find_functions(inspector->binary, names, count, found);
	return count_of(inspector, "yes", count_probeable(inspector, found, count), count);
}

/* Of functions that are linked only where the program needs them. */
static const char *linked_state(struct inspector *inspector, const char *const *names, size_t count)
{
	struct go_function found[PROBE_FUNCTIONS_MAX];
	size_t linked = go_binary_find_functions(inspector->binary, names, count, found);
	char text[96];

	snprintf(text, sizeof(text), "%zu of %zu functions that are linked can be probed",
		 count_probeable(inspector, found, count), linked);
	return intern_string(inspector->intern, text);
}

static int add_linked(struct inspector *inspector, struct inspection_section *section)
{
	const char *names[PROBE_FUNCTIONS_MAX];
	size_t count = probe_functions_types(go_binary_version(inspector->binary)->minor, names);
	int error = inspect_fact(section, "types_probes",
				 inspection_text(linked_state(inspector, names, count)));

	count = probe_functions_caches(inspector->binary, names);
	return error == 0 ? inspect_fact(section, "pool_and_map_probes",
					 inspection_text(linked_state(inspector, names, count)))
			  : error;
}

/* The linker turns the sampler off where nothing asks for a profile (cmd/link/internal/ld/lib.go,
 * runtime.disableMemoryProfiling): runtime.MemProfile, since 1.23 runtime.memProfileInternal. */
static bool profiling_is_linked(const struct inspector *inspector)
{
	const char *name = go_binary_version(inspector->binary)->minor >= 23
				   ? "runtime.memProfileInternal"
				   : "runtime.MemProfile";
	struct go_function found;

	return go_binary_find_functions(inspector->binary, &name, 1, &found) == 1;
}

static int add_exact(struct inspector *inspector, struct inspection_section *section)
{
	struct allocators allocators;
	size_t good;
	int error;

	if (allocators_find(inspector->binary, &allocators) < 0)
		return inspect_fact(section, "exact_windows",
				    inspection_text("no (unknown set of allocators)"));
	good = count_probeable(inspector, &allocators.general, 1) +
	       count_probeable(inspector, allocators.sized, allocators.sized_count);
	error = inspect_fact(
		section, "exact_windows",
		inspection_text(count_of(inspector, "yes", good, 1 + allocators.sized_count)));
	if (error == 0)
		error = inspect_fact(section, "size_specialised_allocators",
				     inspection_number((double)allocators.sized_count));
	return error == 0 ? inspect_fact(section, "size_specialised_up_to_bytes",
					 inspection_number((double)allocators.sized_max_bytes))
			  : error;
}

/* 1.21+: push rbp; mov rbp,rsp. Before: mov [rsp+N],rbp; lea rbp,[rsp+N], both with 8 or 32 bits of
 * N (cmd/internal/obj/x86/obj6.go preprocess). */
static bool keeps_frame(struct span text)
{
	static const uint8_t push[] = { 0x55, 0x48, 0x89, 0xe5 };
	static const uint8_t store[] = { 0x48, 0x89, 0x6c, 0x24 };
	static const uint8_t store_far[] = { 0x48, 0x89, 0xac, 0x24 };
	size_t length = text.length < FRAME_BYTES_SEEN ? text.length : FRAME_BYTES_SEEN;

	return memmem(text.data, length, push, sizeof(push)) ||
	       memmem(text.data, length, store, sizeof(store)) ||
	       memmem(text.data, length, store_far, sizeof(store_far));
}

/* Of the functions that check their stack, which are those that have a frame or call others. */
static const char *frame_pointers(struct inspector *inspector)
{
	static const uint8_t check[] = { 0x49, 0x3b, 0x66, 0x10 }; /* cmp rsp,[r14+16] */
	size_t frames = 0, checked = 0;
	uint64_t spent = 0;
	char text[96];

	for (size_t i = 0; i < go_binary_function_count(inspector->binary); i++) {
		struct go_function function;
		struct span bytes;

		if (go_binary_function(inspector->binary, i, &function) < 0)
			continue;
		bytes = go_binary_text(inspector->binary, &function);
		elf_image_spend_pages(inspector->image, bytes.length, &spent);
		if (bytes.length < sizeof(check) || memcmp(bytes.data, check, sizeof(check)))
			continue;
		checked++;
		frames += keeps_frame(bytes);
	}
	snprintf(text, sizeof(text), "%zu of %zu functions with a small frame keep one", frames,
		 checked);
	return intern_string(inspector->intern, text);
}

static int read_observe(struct inspector *inspector, struct inspection_section *section)
{
	bool linked = profiling_is_linked(inspector);
	int error = inspect_fact(
		section, "runtime_sampler",
		inspection_text(linked ? "linked: on unless the program sets MemProfileRate"
				       : "not linked: off unless --set-sampling-rate writes a "
					 "rate"));

	if (error == 0)
		error = inspect_fact(
			section, "sampler_probes",
			inspection_text(group_state(inspector, probe_functions_sampler)));
	if (error == 0)
		error = inspect_fact(section, "gc_probes",
				     inspection_text(group_state(inspector, probe_functions_gc)));
	if (error == 0)
		error = add_linked(inspector, section);
	if (error == 0)
		error = add_exact(inspector, section);
	if (error == 0)
		error = inspect_fact(section, "frame_pointers",
				     inspection_text(frame_pointers(inspector)));
	return error;
}

const struct inspect_reader inspect_observe = { &observe_shape, true, read_observe };
