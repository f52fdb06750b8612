/*
 * sync.Pools in the process's memory. Their layout has not changed since Go 1.13 (sync/pool.go):
 * local, localSize, victim, victimSize, New. All that is read is checked before it is believed: a
 * New must be a closure whose code is the entry of a function.
 */
#include <errno.h>
#include <stdio.h>

#include "target/prologue.h"
#include "target/target.h"
#include "target/target_internal.h"

#define POOL_NEW 32 /* the same in bpf/cache.bpf.c */

/* The function that a func value runs, by the pointer that the variable holds. */
static int read_function(struct target *target, uint64_t closure, struct go_function *ret)
{
	uint64_t code;

	if (memory_read_u64(&target->memory, closure, &code) < 0)
		return -EFAULT;
	if (go_binary_function_at(target->binary, code - target->bias, ret) < 0 ||
	    ret->entry != code - target->bias)
		return -ENOTSUP;
	return 0;
}

int target_pool_new(struct target *target, uint64_t address, const char **ret_name,
		    struct probe_point *ret)
{
	struct probe_plan plan = { 0 };
	struct go_function function;
	struct prologue_point decoded;
	uint64_t closure;
	int error;

	*ret_name = NULL;
	if (memory_read_u64(&target->memory, address + POOL_NEW, &closure) < 0)
		return -EFAULT;
	if (!closure)
		return -ENOENT;
	error = read_function(target, closure, &function);
	if (error < 0)
		return error;
	*ret_name = intern_string(target->intern, function.name);
	if (prologue_decode(target->disassembler, go_binary_text(target->binary, &function),
			    function.entry, &decoded) < 0)
		return -ENOTSUP;
	error = target_add_point(target, &function, PROBE_POOL_NEW, &plan);
	if (error == 0)
		*ret = plan.points[0];
	return error;
}

/* The data that sync.poolCleanup refers to, each once: the two lists of pools are among them. */
struct references {
	size_t count;
	uint64_t addresses[16];
};

static bool visit_reference(void *context, const struct instruction *instruction)
{
	struct references *references = context;

	for (size_t i = 0; i < references->count; i++)
		if (references->addresses[i] == instruction->target)
			return true;
	if (instruction->references && references->count < 16)
		references->addresses[references->count++] = instruction->target;
	return true;
}

static bool is_pool(struct target *target, uint64_t address)
{
	struct go_function function;
	uint64_t words[5];

	if (!address || address % 8 ||
	    memory_read(&target->memory, address, words, sizeof(words)) < 0)
		return false;
	if (words[1] > LIMIT_PROCS || words[3] > LIMIT_PROCS) /* localSize, victimSize */
		return false;
	return !words[4] || read_function(target, words[4], &function) == 0;
}

/* If there is a list of pools at `address`: a slice, as []*sync.Pool is one. */
static size_t read_list(struct target *target, uint64_t address, uint64_t *ret, size_t max)
{
	uint64_t slice[3], pool;
	size_t count = 0;

	if (memory_read(&target->memory, address, slice, sizeof(slice)) < 0 || !slice[0] ||
	    slice[0] % 8 || slice[1] > slice[2] || slice[2] > (1 << 20))
		return 0;
	for (uint64_t i = 0; i < slice[1] && count < max; i++) {
		if (memory_read_u64(&target->memory, slice[0] + 8 * i, &pool) < 0 ||
		    !is_pool(target, pool))
			return count;
		ret[count++] = pool;
	}
	return count;
}

size_t target_pools(struct target *target, uint64_t *ret, size_t max)
{
	static const char *const name = "sync.poolCleanup";
	struct references references = { 0 };
	struct go_function cleanup;
	uint64_t failures = target->memory.failures;
	size_t count = 0;

	if (!go_binary_find_functions(target->binary, &name, 1, &cleanup))
		return 0;
	disassemble(target->disassembler, go_binary_text(target->binary, &cleanup), cleanup.entry,
		    visit_reference, &references);
	for (size_t i = 0; i < references.count; i++)
		count += read_list(target, references.addresses[i] + target->bias, ret + count,
				   max - count);
	target->memory.failures = failures; /* what is not a list need not be readable */
	elf_image_release_pages(target->image);
	return count;
}

const char *target_variable(struct target *target, uint64_t address)
{
	char text[LIMIT_NAME_BYTES];
	const char *name, *kept;
	uint64_t offset;

	if (elf_image_object_at(target->image, address - target->bias, &name, &offset) < 0)
		return "";
	if (offset)
		snprintf(text, sizeof(text), "%s+%llu", name, (unsigned long long)offset);
	else
		snprintf(text, sizeof(text), "%s", name);
	kept = intern_string(target->intern, text);
	elf_image_release_pages(target->image);
	return kept ? kept : "";
}
