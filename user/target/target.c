/*
 * Opens everything that is known about a Go process, in the order in which one needs the other, and
 * decides what may be missing: without functions and counters there is nothing to observe; without
 * the bucket list or the call sites there still is, and the sentence about it is a note.
 */
#include "target/target.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "target/target_internal.h"

#define TEXT_CHECKED 64 /* bytes at the start of the text, compared with the file */

void target_free(struct target *target)
{
	if (!target)
		return;
	free(target->buckets.items);
	free(target->itabs.items);
	itab_reader_free(target->itab_reader);
	residence_free(target->residence);
	bucket_reader_free(target->bucket_reader);
	counter_reader_free(target->counters);
	symbolizer_free(target->symbolizer);
	callsites_free(target->callsites);
	types_free(target->types);
	generics_table_free(target->generics);
	intern_free(target->intern);
	disassembler_free(target->disassembler);
	go_binary_free(target->binary);
	elf_image_free(target->image);
	process_free(target->process);
	free(target);
}

DEFINE_CLEANUP(cleanup_target, struct target, target_free)

static int open_file(struct target *target, pid_t pid)
{
	int error = process_open(pid, &target->process);

	if (error < 0)
		return error;
	error = elf_image_open(process_executable(target->process),
			       process_executable_label(target->process), &target->image);
	if (error < 0)
		return error;
	error = go_binary_open(target->image, &target->binary);
	if (error < 0)
		return error;
	return layout_for(target->binary, &target->layout);
}

/* That the bias is right, and that the process runs this text: unpackers and dumped processes do
 * not. */
static int check_text(struct target *target)
{
	const struct go_module *module = go_binary_module(target->binary);
	struct span text = span_sub(elf_image_at(target->image, module->text), 0, TEXT_CHECKED);
	uint8_t bytes[TEXT_CHECKED];
	int error;

	if (text.length == 0)
		return diag_fail(-ENOTSUP, "'%s' has no text", elf_image_label(target->image));
	error = memory_read(&target->memory, module->text + target->bias, bytes, sizeof(bytes));
	if (error < 0)
		return diag_fail(error, "cannot read the memory of process %d",
				 (int)process_pid(target->process));
	if (memcmp(bytes, text.data, sizeof(bytes)) != 0)
		return diag_fail(-ENOTSUP, "process %d does not run the text that is in '%s'",
				 (int)process_pid(target->process), elf_image_label(target->image));
	return 0;
}

static int locate(struct target *target)
{
	struct elf_segment first;
	int error;

	if (!elf_image_segment(target->image, 0, &first))
		return diag_fail(-ENOTSUP, "'%s' has no segments", elf_image_label(target->image));
	error = process_load_bias(target->process, first.address, first.file_offset, &target->bias);
	if (error < 0)
		return error;
	memory_of_process(process_pid(target->process), &target->memory);
	return check_text(target);
}

static int find_globals(struct target *target)
{
	int error = disassembler_new(&target->disassembler);

	if (error < 0)
		return error;
	error = globals_find(target->binary, &target->layout, target->disassembler, 0,
			     &target->globals);
	if (error < 0)
		return diag_fail(error, "'%s'", elf_image_label(target->image));
#define MOVE_GLOBAL(member, symbol)                                                                \
	if (target->globals.member)                                                                \
		target->globals.member += target->bias;
	GLOBALS(MOVE_GLOBAL)
#undef MOVE_GLOBAL
	return 0;
}

static int open_names(struct target *target)
{
	int error = intern_new(&target->intern);

	if (error == 0)
		error = types_new(&target->memory, target->binary, target->bias, target->intern,
				  &target->types);
	if (error == 0)
		error = symbolizer_new(target->binary, target->bias, target->intern,
				       &target->symbolizer);
	if (error < 0)
		return diag_fail(error, "'%s'", elf_image_label(target->image));
	if (callsites_new(target->binary, target->disassembler, &target->callsites) < 0) {
		target->callsites = NULL;
		diag_note("'%s': call sites cannot be decoded; types will not be known",
			  elf_image_label(target->image));
	}
	return 0;
}

static int open_readers(struct target *target)
{
	int error = counter_reader_new(&target->memory, &target->layout, &target->globals,
				       &target->counters);

	if (error < 0)
		return error;
	if (!target->globals.mbuckets || !target->globals.mem_profile_rate) {
		diag_note("'%s': runtime.%s was not found; the runtime's own samples stay hidden",
			  elf_image_label(target->image),
			  target->globals.mbuckets ? "MemProfileRate" : "mbuckets");
		return 0;
	}
	error = bucket_reader_new(&target->memory, &target->layout, target->globals.mbuckets,
				  &target->bucket_reader);
	return error < 0 ? diag_fail(error, "'%s'", elf_image_label(target->image)) : 0;
}

static void open_residence(struct target *target)
{
	if (residence_new(process_pid(target->process), &target->memory, &target->layout,
			  &target->globals, target->image, target->bias, &target->residence) == 0)
		return;
	target->residence = NULL;
	diag_note("'%s': the heap's arenas were not found; what RSS consists of is not told",
		  elf_image_label(target->image));
}

int target_open(pid_t pid, struct target **ret)
{
	CLEANUP(cleanup_target) struct target *target = calloc(1, sizeof(*target));
	int error;

	if (!target)
		return diag_fail(-ENOMEM, "process %d", (int)pid);
	error = open_file(target, pid);
	if (error == 0)
		error = locate(target);
	if (error == 0)
		error = find_globals(target);
	if (error == 0)
		error = open_names(target);
	if (error == 0)
		error = open_readers(target);
	if (error < 0)
		return error;
	open_residence(target);
	diag_note("process %d: %s, layout from %s", (int)pid,
		  go_binary_version(target->binary)->text, target->layout.source);
	elf_image_release_pages(target->image);
	*ret = TAKE(target);
	return 0;
}

const struct process *target_process(const struct target *target)
{
	return target->process;
}

const struct go_binary *target_binary(const struct target *target)
{
	return target->binary;
}

const char *target_comm(const struct target *target)
{
	return process_comm(target->process);
}

int target_counters(struct target *target, struct counters *ret)
{
	return counter_reader_poll(target->counters, ret);
}

int target_residence(struct target *target, struct rss_resident *ret)
{
	return target->residence ? residence_read(target->residence, ret) : -ENOTSUP;
}

uint64_t target_read_failures(const struct target *target)
{
	return target->memory.failures;
}
